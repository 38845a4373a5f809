//! Of a plan that is too long to be read to its end: what is shown whole, what on one line, and what is only counted.

use std::collections::BTreeMap;

use super::drawing::Fields;
use super::review::{ChangeKind, Group, describe};
use super::safe_text;
use crate::model::Attributes;
use crate::plan::{Action, Entry};

/// So many of a kind are shown; of what needs a person, all are, those beyond on one line each.
pub(super) const MOST: usize = 100;
/// So many attributes are named of what is not shown.
const NAMED: usize = 6;

/// How a group of templates is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupDisplay {
    /// With all that would be done.
    Whole,
    /// With sign, key and gist.
    OneLine,
    /// Not at all, but counted.
    Counted,
}

/// What is shown of each group, and what is told of those that are not.
#[derive(Debug, Default)]
pub(super) struct Truncation {
    /// By group; all that are not here are shown whole.
    shown: Vec<GroupDisplay>,
    counted: Counted,
}

#[derive(Debug, Default)]
struct Counted {
    creates: usize,
    updates: usize,
    others: usize,
    /// How many of the updates change an attribute.
    paths: BTreeMap<String, usize>,
}

impl Truncation {
    /// Everything is shown whole.
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    /// What is shown of each of so many groups.
    pub(super) fn shown(&self, groups: usize) -> impl Iterator<Item = GroupDisplay> {
        let rest = groups - self.shown.len();
        self.shown.iter().copied().chain(std::iter::repeat_n(GroupDisplay::Whole, rest))
    }

    /// A sentence about what is not shown, if there is any.
    pub(super) fn told(&self) -> String {
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

/// The attributes that are changed most often, and how often.
fn named(paths: &BTreeMap<String, usize>) -> String {
    let mut paths: Vec<(&String, &usize)> = paths.iter().collect();
    paths.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let names = paths.iter().take(NAMED).map(|(path, count)| format!("{} {count}×", safe_text(path)));
    let more = if paths.len() > NAMED { ", …" } else { "" };
    names.collect::<Vec<_>>().join(", ") + more
}

/// What to show of these groups.
pub(super) fn truncate(groups: &[Group<'_>]) -> Truncation {
    let mut folded = Truncation::default();
    let (mut open, mut plain) = (0, 0);
    for group in groups {
        let needs_a_person = needs_a_person(group.first);
        let place = if needs_a_person { &mut open } else { &mut plain };
        *place += 1;
        folded.shown.push(match (*place <= MOST, needs_a_person) {
            (true, _) => GroupDisplay::Whole,
            (false, true) => GroupDisplay::OneLine,
            (false, false) => {
                group.entries().for_each(|entry| count(entry, &mut folded.counted));
                GroupDisplay::Counted
            }
        });
    }
    folded
}

/// What is not done before somebody has decided something.
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
            // Where it is not known what was there, no attribute is known to change.
            if submission.before.is_none() {
                return;
            }
            for shown in describe(&submission.changes, &Fields::new()) {
                // The labels of a template are many; it is counted once for each of them.
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
    fn what_needs_a_person_is_shown_and_the_rest_is_counted() {
        let mut entries: Vec<Entry> = (0..300).map(retitled).collect();
        entries.extend((300..450).map(doubtful));
        let groups = group(&entries);
        let folded = truncate(&groups);
        let of = |wanted: GroupDisplay| folded.shown(groups.len()).filter(|shown| *shown == wanted).count();
        assert_eq!(
            (of(GroupDisplay::Whole), of(GroupDisplay::OneLine), of(GroupDisplay::Counted)),
            (200, 50, 200)
        );
        assert!(folded.told().contains("and 200 more: 200 to change (title 200×)"), "{}", folded.told());
        assert_eq!(Truncation::nothing().told(), "");
    }
}
