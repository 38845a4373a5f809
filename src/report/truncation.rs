//! Decides which parts of a long plan are shown in full, on one line, or only counted. `plan_text` calls it;
//! templates that need a person are never left out.

use std::collections::BTreeMap;

use super::drawing::Fields;
use super::review::{ChangeKind, Group, describe};
use super::safe_text;
use crate::model::Attributes;
use crate::plan::{Action, Entry};

/// The limit of entries shown in full for each kind. Further ones are counted; if they need a person, they get one
/// line each.
pub(super) const MAX_SHOWN: usize = 100;
/// The limit of attributes named among changes that are not shown.
const NAMED: usize = 6;

/// How a group of templates is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupDisplay {
    /// With everything that would be done.
    Whole,
    /// With sign, key and summary.
    OneLine,
    /// Only counted.
    Counted,
}

/// How each group is shown, and the counts of groups that are not.
#[derive(Debug, Default)]
pub(super) struct Truncation {
    /// By group; groups beyond the end are shown in full.
    shown: Vec<GroupDisplay>,
    counted: Counted,
}

#[derive(Debug, Default)]
struct Counted {
    creates: usize,
    updates: usize,
    others: usize,
    /// How many of the updates change each attribute.
    paths: BTreeMap<String, usize>,
}

impl Truncation {
    /// Shows everything in full.
    pub(super) fn all_shown() -> Self {
        Self::default()
    }

    /// How each of this many groups is shown.
    pub(super) fn shown(&self, groups: usize) -> impl Iterator<Item = GroupDisplay> {
        let rest = groups - self.shown.len();
        self.shown.iter().copied().chain(std::iter::repeat_n(GroupDisplay::Whole, rest))
    }

    /// A sentence about what is not shown; empty if everything is.
    pub(super) fn summary(&self) -> String {
        let counted = &self.counted;
        let mut parts = Vec::new();
        if counted.updates > 0 {
            let paths = named(&counted.paths);
            let paths = if paths.is_empty() { paths } else { format!(" ({paths})") };
            parts.push(format!("{} to change{paths}", counted.updates));
        }
        if counted.creates > 0 {
            parts.push(format!("{} to add", counted.creates));
        }
        if counted.others > 0 {
            parts.push(format!("{} others", counted.others));
        }
        if parts.is_empty() {
            return String::new();
        }
        let all = counted.updates + counted.creates + counted.others;
        format!(
            "  … and {all} more: {}\n    (-v shows them all, --compact has one line for each template)\n",
            parts.join(", ")
        )
    }
}

/// The most frequently changed attributes, with their counts.
fn named(paths: &BTreeMap<String, usize>) -> String {
    let mut paths: Vec<(&String, &usize)> = paths.iter().collect();
    paths.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let names = paths.iter().take(NAMED).map(|(path, count)| format!("{} {count}×", safe_text(path)));
    let more = if paths.len() > NAMED { ", …" } else { "" };
    names.collect::<Vec<_>>().join(", ") + more
}

/// Decides how these groups are shown.
pub(super) fn truncate(groups: &[Group<'_>]) -> Truncation {
    let mut truncation = Truncation::default();
    let (mut open, mut plain) = (0, 0);
    for group in groups {
        let needs_a_person = needs_a_person(group.first);
        let place = if needs_a_person { &mut open } else { &mut plain };
        *place += 1;
        truncation.shown.push(match (*place <= MAX_SHOWN, needs_a_person) {
            (true, _) => GroupDisplay::Whole,
            (false, true) => GroupDisplay::OneLine,
            (false, false) => {
                group.entries().for_each(|entry| count(entry, &mut truncation.counted));
                GroupDisplay::Counted
            }
        });
    }
    truncation
}

/// Whether a person must decide something before it can be done.
fn needs_a_person(entry: &Entry) -> bool {
    match &entry.action {
        Action::InDoubt { .. } | Action::Orphan { .. } => true,
        Action::Create(_) | Action::Update(_) => entry.action.is_held(),
        Action::Pending { .. } | Action::Move { .. } => false,
    }
}

fn count(entry: &Entry, counted: &mut Counted) {
    match &entry.action {
        Action::Create(_) => counted.creates += 1,
        Action::Update(submission) => {
            counted.updates += 1;
            // If the previous contents are unknown, so are the changed attributes.
            if submission.before.is_none() {
                return;
            }
            for shown in describe(&submission.changes, &Fields::new()) {
                // A template has many labels; it is counted once.
                let path = if matches!(shown.kind, ChangeKind::Label(_)) {
                    Attributes::LABELS.to_owned()
                } else {
                    shown.path
                };
                *counted.paths.entry(path).or_default() += 1;
            }
        }
        _ => counted.others += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::review::group;
    use crate::report::specimens::{doubtful, retitled};

    #[test]
    fn what_needs_a_person_is_always_shown() {
        let mut entries: Vec<Entry> = (0..300).map(retitled).collect();
        entries.extend((300..450).map(doubtful));
        let groups = group(&entries);
        let truncation = truncate(&groups);
        let of =
            |wanted: GroupDisplay| truncation.shown(groups.len()).filter(|shown| *shown == wanted).count();
        assert_eq!(
            (of(GroupDisplay::Whole), of(GroupDisplay::OneLine), of(GroupDisplay::Counted)),
            (200, 50, 200)
        );
        assert!(
            truncation.summary().contains("and 200 more: 200 to change (title 200×)"),
            "{}",
            truncation.summary()
        );
        assert_eq!(Truncation::all_shown().summary(), "");
    }
}
