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
    pub(in crate::desired) limited: &'c HashMap<Key, Vec<String>>,
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
    let mut seen: HashMap<&Key, Vec<&RawRemoval>> = HashMap::new();
    let mut here = BTreeMap::new();
    for removal in removals {
        let RawRemoval { key, environments, node_ref } = removal;
        let named = environments.as_deref();
        let entry = GroupSource { file: Arc::clone(&node_ref.file), path: node_ref.path.clone() };
        environments::check(named.unwrap_or_default(), &entry, configured.known_environments, findings);
        let limited = configured.limited.get(key).map(Vec::as_slice);
        if let Some(template) = configured.keys.get(key).filter(|_| overlap(named, limited)) {
            let message = format!("{key} is in removed, and it is still a template: remove one of the two");
            findings.add_pair(node_ref.clone(), RULE, message, template.clone(), "the template is here");
        }
        if let Some(entry) = moved.get(key) {
            let message = format!("{key} is in an entry of moved as well, and only one can count");
            findings.add_pair(node_ref.clone(), RULE, message, (*entry).clone(), "the other entry is here");
        }
        let before = seen.entry(key).or_default();
        if let Some(first) = before.iter().find(|first| overlap(first.environments.as_deref(), named)) {
            let message = format!("{key} is in two entries of removed");
            findings.add_pair(
                node_ref.clone(),
                RULE,
                message,
                first.node_ref.clone(),
                "the first one is here",
            );
        }
        before.push(removal);
        if named.is_none_or(|names| names.iter().any(|name| name == environment)) {
            here.entry(key.clone()).or_insert_with(|| node_ref.clone());
        }
    }
    here
}

const RULE: &str = "removed";

/// Whether there is an environment that both are for.
fn overlap(one: Environments<'_>, other: Environments<'_>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.iter().any(|name| other.contains(name)),
        (Some(names), None) | (None, Some(names)) => !names.is_empty(),
        (None, None) => true,
    }
}
