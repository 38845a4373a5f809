//! Reads the members of a mapping: reports duplicates and resolves merge keys (`<<`).

use std::collections::{HashMap, HashSet};

use super::path::PathPart;
use super::path_cursor::PathCursor;
use super::tree::Node;
use super::unknown_name::shown_name;
use super::unlocated::UnlocatedFindings;

type MergedMembers = Vec<(String, Node)>;

/// The merge key of YAML 1.1: members of its mapping become members of the enclosing mapping.
const MERGE: &str = "<<";

/// The effective members. Of duplicates, the first counts. A member beside `<<` overrides a merged one, and the
/// first mapping in a list overrides later ones.
pub(super) fn members(
    members: MergedMembers,
    at: &PathCursor<'_>,
    findings: &mut UnlocatedFindings,
) -> MergedMembers {
    let (mut members, has_duplicate) = all(members, at, findings);
    if has_duplicate {
        let mut seen = HashSet::new();
        members.retain(|(name, _)| seen.insert(name.clone()));
    }
    members
}

/// Like `members`, but keeps duplicates, each with its number among those of the same name, from 0: for values that
/// must be checked wherever they are written.
pub(super) fn numbered(
    members: MergedMembers,
    at: &PathCursor<'_>,
    findings: &mut UnlocatedFindings,
) -> Vec<(String, usize, Node)> {
    let (members, has_duplicate) = all(members, at, findings);
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut number = |name: &str| {
        let next = seen.entry(name.to_owned()).or_insert(0);
        *next += 1;
        *next - 1
    };
    members
        .into_iter()
        .map(|(name, node)| {
            let nth = if has_duplicate { number(&name) } else { 0 };
            (name, nth, node)
        })
        .collect()
}

/// All members, and whether there are duplicates.
fn all(
    members: MergedMembers,
    at: &PathCursor<'_>,
    findings: &mut UnlocatedFindings,
) -> (MergedMembers, bool) {
    let has_duplicate = has_duplicates(&members);
    if has_duplicate {
        report_duplicates(&members, at, findings);
    }
    let has_merges = members.iter().any(|(name, _)| name == MERGE);
    (if has_merges { merged(members, at, findings) } else { members }, has_duplicate)
}

fn has_duplicates(members: &MergedMembers) -> bool {
    // Most mappings are small: comparing is faster than hashing.
    if members.len() <= 16 {
        let mut rest = members.as_slice();
        while let [(name, _), after @ ..] = rest {
            if after.iter().any(|(other, _)| other == name) {
                return true;
            }
            rest = after;
        }
        return false;
    }
    let mut seen = HashSet::with_capacity(members.len());
    !members.iter().all(|(name, _)| seen.insert(name.as_str()))
}

fn report_duplicates(members: &MergedMembers, at: &PathCursor<'_>, findings: &mut UnlocatedFindings) {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(members.len());
    for (name, _) in members {
        let nth = seen.entry(name).or_insert(0);
        if *nth > 0 {
            let (again, first) = (at.nth_member(name, *nth), at.member(name));
            let message = format!("{} is defined twice, and only one can count", shown_name(name));
            let (again, first) = (again.node_ref(PathPart::Name), first.node_ref(PathPart::Name));
            findings.add_pair(again, "duplicate-key", message, first, "the first one is here");
        }
        *nth += 1;
    }
}

fn merged(members: MergedMembers, at: &PathCursor<'_>, findings: &mut UnlocatedFindings) -> MergedMembers {
    let (merges, mut own): (Vec<_>, Vec<_>) = members.into_iter().partition(|(name, _)| name == MERGE);
    let mut known: HashSet<String> = own.iter().map(|(name, _)| name.clone()).collect();
    for (nth, (_, node)) in merges.into_iter().enumerate() {
        let at = at.nth_member(MERGE, nth);
        let sources = match node {
            Node::List(items) => items,
            other => vec![other],
        };
        for source in sources {
            let Node::Map(inner) = source else {
                let message =
                    format!("`<<` must be a mapping, mostly an alias (*name), and this is {}", source.kind());
                findings.add(at.node_ref(PathPart::Value), "wrong-type", message);
                continue;
            };
            let inner = self::members(inner, &at, findings);
            own.extend(inner.into_iter().filter(|(name, _)| known.insert(name.clone())));
        }
    }
    own
}
