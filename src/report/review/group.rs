//! Groups templates that have the same change.

use std::collections::HashMap;

use crate::plan::{Action, Entry};
use crate::state::Operation;

/// Entries that share one description; usually one.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'p> {
    /// The first entry.
    pub first: &'p Entry,
    /// The other entries, in order.
    pub others: Vec<&'p Entry>,
}

/// From this number on, templates with the same change are grouped.
const ALIKE: usize = 3;

impl<'p> Group<'p> {
    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = &'p Entry> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

/// Groups the entries. Each entry is in exactly one group; a group has the position of its first entry.
pub fn group<'p>(entries: &'p [Entry]) -> Vec<Group<'p>> {
    let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
    for (position, entry) in entries.iter().enumerate() {
        if let Some(group_key) = group_key(entry) {
            alike.entry(group_key).or_default().push(position);
        }
    }
    let mut others: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut follows = vec![false; entries.len()];
    for positions in alike.into_values().filter(|positions| positions.len() >= ALIKE) {
        let Some((&first, rest)) = positions.split_first() else { continue };
        for &position in rest {
            follows[position] = true;
        }
        others.insert(first, rest.to_vec());
    }
    let group = |(position, first): (usize, &'p Entry)| {
        let others = others.remove(&position).unwrap_or_default();
        Group { first, others: others.into_iter().map(|position| &entries[position]).collect() }
    };
    let leads = |(position, _): &(usize, &Entry)| !follows[*position];
    entries.iter().enumerate().filter(leads).map(group).collect()
}

/// The properties that grouped entries share; `None` for entries that are never grouped, because of their action.
fn group_key(entry: &Entry) -> Option<String> {
    match &entry.action {
        Action::Update(submission)
            if submission.held.is_none()
                && !submission.resend
                && submission.operation == Operation::Update
                && submission.before.is_some() =>
        {
            serde_json::to_string(&(&submission.changes, &entry.last_error)).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::{Attributes, Key};
    use crate::plan::{Submission, diff};

    fn entry(number: usize, title: u8) -> Entry {
        let of = |title: u8| -> Attributes {
            serde_json::from_value(json!({ "title": title.to_string() })).unwrap()
        };
        let (before, after) = (of(9), of(title));
        let changes = diff(&before, &after);
        let submission = Submission {
            before: Some(before),
            after,
            changes,
            clear: Vec::new(),
            operation: Operation::Update,
            resend: title == 8,
            held: None,
        };
        let key = Key::new(format!("t-{number:03}")).unwrap();
        Entry {
            key,
            id: None,
            source: None,
            canvas: None,
            last_error: None,
            action: Action::Update(submission),
        }
    }

    proptest! {
        #[test]
        fn every_entry_is_in_one_group(titles in prop::collection::vec(5..9_u8, 0..20)) {
            let entries: Vec<Entry> = titles.iter().enumerate().map(|(number, title)| entry(number, *title)).collect();
            let groups = group(&entries);
            let mut keys: Vec<&Key> = groups.iter().flat_map(Group::entries).map(|entry| &entry.key).collect();
            keys.sort();
            prop_assert_eq!(keys, entries.iter().map(|entry| &entry.key).collect::<Vec<_>>());
            for group in &groups {
                prop_assert!(group.others.is_empty() || group.others.len() + 1 >= ALIKE);
                prop_assert!(group.entries().all(|entry| entry.action == group.first.action));
                // A resend is never grouped.
                let resent = group.first.action.submission().is_some_and(|submission| submission.resend);
                prop_assert!(!resent || group.others.is_empty());
            }
        }
    }
}
