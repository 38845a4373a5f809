//! Rules for the entries of `removed`: templates that the state is to forget.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::environments;
use super::estate::WrittenKeys;
use crate::desired::document::{GroupSource, RawMove, RawRemoval};
use crate::desired::unlocated::{NodeRef, UnlocatedFindings};
use crate::model::Key;

/// The environments that an entry or a template is for; `None` for all.
type Environments<'e> = Option<&'e [String]>;

/// What the entries are compared with.
pub(in crate::desired) struct Configured<'c> {
    /// Where each key is first defined.
    pub(in crate::desired) keys: &'c WrittenKeys,
    /// The environments of templates that are limited to some.
    pub(in crate::desired) limited: &'c HashMap<Key, Arc<[String]>>,
    pub(in crate::desired) moves: &'c [RawMove],
    pub(in crate::desired) known_environments: &'c [String],
}

/// Checks the entries, and returns the keys to be forgotten in this environment, each with the place of its entry.
pub(in crate::desired) fn removals(
    removals: &[RawRemoval],
    configured: &Configured<'_>,
    environment: &str,
    findings: &mut UnlocatedFindings,
) -> BTreeMap<Key, NodeRef> {
    let mut moved: HashMap<&Key, &NodeRef> = HashMap::new();
    for one in configured.moves {
        moved.entry(&one.from).or_insert(&one.node_ref);
        moved.entry(&one.to).or_insert(&one.node_ref);
    }
    let mut templates: HashMap<&Key, ByEnvironment<'_>> = HashMap::new();
    let mut seen: HashMap<&Key, ByEnvironment<'_>> = HashMap::new();
    let mut here = BTreeMap::new();
    for (position, removal) in removals.iter().enumerate() {
        let RawRemoval { key, environments, node_ref } = removal;
        let named = environments.as_deref();
        let entry = GroupSource { file: Arc::clone(&node_ref.file), path: node_ref.path.clone() };
        environments::check(named.unwrap_or_default(), &entry, configured.known_environments, findings);
        let limited = || configured.limited.get(key).map(|names| &**names);
        let of_template = || ByEnvironment::default().with(0, limited());
        let mut is_here = || templates.entry(key).or_insert_with(of_template).overlapping(named).is_some();
        if let Some(template) = configured.keys.get(key).filter(|_| is_here()) {
            let message = format!("{key} is in removed, and it is still a template: remove one of the two");
            findings.add_pair(node_ref.clone(), RULE, message, template.clone(), "the template is here");
        }
        if let Some(entry) = moved.get(key) {
            let message = format!("{key} is in an entry of moved as well, and only one can count");
            findings.add_pair(node_ref.clone(), RULE, message, (*entry).clone(), "the other entry is here");
        }
        let before = seen.entry(key).or_default();
        if let Some(first) = before.overlapping(named).and_then(|first| removals.get(first)) {
            let message = format!("{key} is in two entries of removed");
            findings.add_pair(
                node_ref.clone(),
                RULE,
                message,
                first.node_ref.clone(),
                "the first one is here",
            );
        }
        before.add(position, named);
        if named.is_none_or(|names| names.iter().any(|name| name == environment)) {
            here.entry(key.clone()).or_insert_with(|| node_ref.clone());
        }
    }
    here
}

const RULE: &str = "removed";

/// What is written for one key, each by its position, so that many entries with long lists are compared quickly.
#[derive(Default)]
struct ByEnvironment<'e> {
    /// The first one that is for any environment.
    first: Option<usize>,
    /// The first one for all environments.
    of_all: Option<usize>,
    /// The first one for each environment.
    by_name: HashMap<&'e str, usize>,
}

impl<'e> ByEnvironment<'e> {
    fn with(mut self, position: usize, environments: Environments<'e>) -> Self {
        self.add(position, environments);
        self
    }

    fn add(&mut self, position: usize, environments: Environments<'e>) {
        match environments {
            Some([]) => return,
            Some(names) => {
                for name in names {
                    self.by_name.entry(name).or_insert(position);
                }
            }
            None => self.of_all = self.of_all.or(Some(position)),
        }
        self.first = self.first.or(Some(position));
    }

    /// The first one that has an environment in common with these.
    fn overlapping(&self, environments: Environments<'_>) -> Option<usize> {
        match environments {
            None => self.first,
            Some([]) => None,
            Some(names) => names
                .iter()
                .filter_map(|name| self.by_name.get(name.as_str()).copied())
                .chain(self.of_all)
                .min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn environments() -> impl Strategy<Value = Option<Vec<String>>> {
        prop::option::of(prop::collection::vec("[a-d]", 0..3))
    }

    proptest! {
        #[test]
        fn overlaps_are_found_as_by_comparing_each_pair(
            entries in prop::collection::vec(environments(), 0..6),
            asked in environments(),
        ) {
            let overlap = |one: &Option<Vec<String>>| match (one, &asked) {
                (Some(one), Some(asked)) => one.iter().any(|name| asked.contains(name)),
                (Some(names), None) | (None, Some(names)) => !names.is_empty(),
                (None, None) => true,
            };
            let mut all = ByEnvironment::default();
            for (position, entry) in entries.iter().enumerate() {
                all.add(position, entry.as_deref());
            }
            prop_assert_eq!(all.overlapping(asked.as_deref()), entries.iter().position(overlap));
        }
    }
}
