//! Joins two states row by row. `state merge` and the git merge driver call it. Pure, and it never guesses: if the
//! two differ about a template and neither is known to be later, the result is a conflict for that template.

mod conflict;
mod holders;
mod row;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::ancestry::join_altered;
use super::observer::joined_doubts;
use super::{Document, ObserverShows, Relation, StateIdentity, WriteId, Writes, join_writes};
use crate::model::Key;
use conflict::{ConflictReason, RowConflict};
pub use conflict::{Conflicts, MergeError};
use row::{Sides, join_row};

/// The result of a merge.
#[derive(Clone, Debug, PartialEq)]
pub enum Merge {
    /// One state with everything that both knew.
    Joined(Document),
    /// Rows for which a person must decide.
    Conflicts(Box<Conflicts>),
}

/// Joins two states derived from `base`. Without it (unknown or unreadable), changes on one side are found only by
/// the writes of the rows.
pub fn merge(base: Option<&Document>, ours: &Document, theirs: &Document) -> Result<Merge, MergeError> {
    for other in [Some(theirs), base].into_iter().flatten() {
        check_same_identity(ours, other)?;
        check_same_lineage(ours, other)?;
    }
    // A state that came after the other knows all that it knows. Serials cannot decide: two branches count alike.
    if ours.writes.newest().is_some() && theirs.writes.newest().is_some() {
        match ours.relation_to(theirs) {
            Some(Relation::Older) => return Ok(Merge::Joined(theirs.clone())),
            Some(Relation::Newer) => return Ok(Merge::Joined(ours.clone())),
            Some(Relation::Same | Relation::Forked) | None => {}
        }
    }
    let base = base.filter(|base| is_base_of(base, ours) && is_base_of(base, theirs));
    if ours == theirs || base == Some(theirs) {
        return Ok(Merge::Joined(ours.clone()));
    }
    if base == Some(ours) {
        return Ok(Merge::Joined(theirs.clone()));
    }
    Ok(join(base, ours, theirs))
}

/// Joins two states that were begun independently. Rows that only one of them has are kept: it is not known whether
/// the other removed them (the two may have been joined before), and keeping a row is safer than forgetting it. The
/// lineage does not depend on the order of the two.
pub fn merge_unrelated(ours: &Document, theirs: &Document) -> Result<Merge, MergeError> {
    check_same_identity(ours, theirs)?;
    let lineage = ours.lineage.clone().min(theirs.lineage.clone());
    let [ours, theirs] = [ours, theirs].map(|side| Document { lineage: lineage.clone(), ..side.clone() });
    Ok(join(None, &ours, &theirs))
}

fn join(base: Option<&Document>, ours: &Document, theirs: &Document) -> Merge {
    let writes = joined_writes(ours, theirs);
    // If the same write made both, one was changed outside of certctl, and its list of writes says nothing about its
    // rows.
    let nothing = Writes::default();
    let is_altered = ours.writes.newest() == theirs.writes.newest();
    let (our_writes, their_writes) =
        if is_altered { (&nothing, &nothing) } else { (&ours.writes, &theirs.writes) };
    let mut rows = BTreeMap::new();
    let mut clashes: BTreeMap<Key, RowConflict> = BTreeMap::new();
    let keys: BTreeSet<&Key> = ours.templates.keys().chain(theirs.templates.keys()).collect();
    for key in keys {
        let sides = Sides {
            base: base.and_then(|base| base.templates.get(key)),
            ours: (ours.templates.get(key), our_writes),
            theirs: (theirs.templates.get(key), their_writes),
            join: writes.newest(),
        };
        match join_row(sides) {
            Ok(Some(row)) => drop(rows.insert(key.clone(), row)),
            Ok(None) => {}
            Err(reason) => clashes.entry(key.clone()).or_default().reasons.push(reason),
        }
    }
    for (key, reason) in holders::held_twice(&rows, &clashes, ours, theirs) {
        rows.remove(&key);
        clashes.entry(key).or_default().reasons.push(reason);
    }
    for (key, clash) in &mut clashes {
        clash.ours = ours.templates.get(key).cloned();
        clash.theirs = theirs.templates.get(key).cloned();
    }
    let joined = Document {
        certificates_in_doubt: joined_doubts(&ours.certificates_in_doubt, &theirs.certificates_in_doubt),
        deleted_ids: ours.deleted_ids.joined(&theirs.deleted_ids),
        observer_shows: ObserverShows::joined(ours.observer_shows, theirs.observer_shows),
        serial: ours.serial.max(theirs.serial).saturating_add(1),
        templates: rows,
        writes,
        ..ours.clone()
    };
    if clashes.is_empty() {
        Merge::Joined(joined)
    } else {
        Merge::Conflicts(Box::new(Conflicts { rest: joined, rows: clashes }))
    }
}

fn check_same_identity(ours: &Document, theirs: &Document) -> Result<(), MergeError> {
    let identity = |document: &Document| StateIdentity {
        environment: document.environment.clone(),
        url: document.url.clone(),
    };
    if identity(ours) != identity(theirs) {
        return Err(MergeError::Identity { ours: identity(ours), theirs: identity(theirs) });
    }
    Ok(())
}

fn check_same_lineage(ours: &Document, theirs: &Document) -> Result<(), MergeError> {
    if ours.lineage != theirs.lineage {
        return Err(MergeError::Lineage { ours: ours.lineage.clone(), theirs: theirs.lineage.clone() });
    }
    Ok(())
}

/// Whether a state was derived from `base`, as far as its list of writes reaches: a wrong base would hide changes.
fn is_base_of(base: &Document, document: &Document) -> bool {
    let reaches = document.writes.as_slice().len() < Writes::KEPT;
    match base.writes.newest() {
        Some(newest) if reaches => document.writes.contains(newest),
        Some(_) | None => true,
    }
}

/// The writes of a join. If one side comes from an earlier certctl without named writes, a digest of its contents is
/// used instead, so that the join is not the other side's newest write.
fn joined_writes(ours: &Document, theirs: &Document) -> Writes {
    let named = |document: &Document| match document.writes.newest() {
        Some(_) => document.writes.clone(),
        None => Writes::of(
            document.templates_digest().ok().map(|digest| WriteId::of_unnamed(&digest)).into_iter().collect(),
        ),
    };
    if ours.writes.is_empty() && theirs.writes.is_empty() {
        return Writes::default();
    }
    if ours.writes.newest() == theirs.writes.newest() {
        return join_altered(&ours.writes, &theirs.writes);
    }
    join_writes(&named(ours), &named(theirs))
}

#[cfg(test)]
mod tests;
