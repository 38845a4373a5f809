//! Warns about likely renames, once for the whole plan: a file can have only one `moved:`, so all entries must be in
//! one block.

use std::collections::BTreeSet;

use super::{Action, Entry, Held, RenamedTo, Warned};
use crate::model::{Key, moved_entry};

/// The rule of the warning about all renames.
const RULE: &str = "renamed";

impl Warned {
    /// Returns a warning with every missing entry of `moved` as one block to paste; `None` if nothing looks renamed.
    pub(crate) fn renamed(entries: &[Entry]) -> Option<Self> {
        let renames = renames(entries);
        let (looks, which) = match renames.len() {
            0 => return None,
            1 => ("1 template looks".to_owned(), "it"),
            count => (format!("{count} templates look"), "each of them"),
        };
        let text = format!("{looks} renamed. To keep {which} one template, write this into the YAML:");
        let mut paste = "moved:".to_owned();
        for (from, to) in &renames {
            paste.push_str("\n  - ");
            paste.push_str(&moved_entry(from.as_str(), to.as_str()));
        }
        let keys: BTreeSet<&Key> = renames.into_iter().flat_map(|(from, to)| [from, to]).collect();
        let warned = Self::of(RULE, "looks renamed", keys.into_iter().cloned().collect(), text);
        Some(Self { paste: Some(paste), ..warned })
    }
}

/// Returns (from, to) of every rename that `moved` can join. If one of the two is outside of the plan, the other one
/// shows it.
fn renames(entries: &[Entry]) -> BTreeSet<(&Key, &Key)> {
    entries
        .iter()
        .filter_map(|entry| match &entry.action {
            Action::Orphan { renamed_to: Some(RenamedTo { key: to, has_row: false }), .. } => {
                Some((&entry.key, to))
            }
            action => match action.held()? {
                Held::Renamed { from, has_row: false } => Some((from, &entry.key)),
                _ => None,
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Attributes;
    use crate::plan::Submission;
    use crate::state::Operation;

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn entry(name: &str, action: Action) -> Entry {
        Entry {
            key: key(name),
            id: None,
            source: None,
            canvas: None,
            last_error: None,
            deleted_at: None,
            action,
        }
    }

    fn submission(held: Option<Held>) -> Submission {
        let (before, after, changes, clear) = (None, Attributes::default(), Vec::new(), Vec::new());
        Submission {
            before,
            after,
            changes,
            clear,
            unknown: BTreeSet::new(),
            operation: Operation::Create,
            resend: false,
            held,
        }
    }

    fn orphan(from: &str, to: Option<(&str, bool)>) -> Entry {
        let renamed_to = to.map(|(to, has_row)| RenamedTo { key: key(to), has_row });
        entry(from, Action::Orphan { before: None, protect: false, renamed_to })
    }

    fn held(from: &str, to: &str, has_row: bool) -> Entry {
        entry(to, Action::Create(submission(Some(Held::Renamed { from: key(from), has_row }))))
    }

    #[test]
    fn every_rename_is_listed_once() {
        let entries = [
            orphan("a", Some(("a2", false))),
            held("a", "a2", false),
            held("b", "b2", false),
            orphan("c", Some(("c2", false))),
        ];
        let warned = Warned::renamed(&entries).unwrap();
        assert_eq!(
            warned.whole(),
            "3 templates look renamed. To keep each of them one template, write this into the YAML:\nmoved:\n  \
             - { from: a, to: a2 }\n  - { from: b, to: b2 }\n  - { from: c, to: c2 }"
        );
        assert_eq!(warned.keys.len(), 6);
    }

    #[test]
    fn impossible_moves_are_not_listed() {
        let entries = [
            orphan("a", Some(("a2", true))),
            held("a", "a2", true),
            held("c", "c2", true),
            orphan("b", None),
        ];
        assert_eq!(Warned::renamed(&entries), None);
    }
}
