//! What the state is to forget, because the configuration lists it under `removed`. `build` calls it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Action, Entry, Inputs, Warned};
use crate::model::{Key, NaturalKey};
use crate::state::{Operation, Row, RowState};

/// Returns the rows that `removed` makes the state forget: neither protected nor without a known outcome.
pub(super) fn forgets<'a>(inputs: &Inputs<'a>, rows: &BTreeMap<&'a Key, &'a Row>) -> BTreeSet<&'a Key> {
    let Inputs { desired, scope, .. } = inputs;
    let is_forgotten = |key: &Key| {
        let is_open = |row: &Row| matches!(row.state, RowState::Pending | RowState::InDoubt { .. });
        let is_settled = |row: &&Row| !row.protect && !is_open(row);
        let is_left = !desired.templates.contains_key(key) && scope.contains(key);
        is_left && rows.get(key).is_some_and(is_settled)
    };
    desired.removed().filter(|key| is_forgotten(key)).collect()
}

/// Warns of templates that take the place of one that is to be forgotten: it may be the same one under another key, or
/// still there.
pub(super) fn taken_over(entries: &[Entry]) -> Vec<Warned> {
    let mut forgotten: HashMap<NaturalKey, &Key> = HashMap::new();
    for entry in entries {
        if let Action::Forget { before: Some(before), .. } = &entry.action {
            forgotten.insert(NaturalKey::of(before), &entry.key);
        }
    }
    if forgotten.is_empty() {
        return Vec::new();
    }
    let takes = |entry: &Entry| {
        let submission = entry.action.submission().filter(|one| one.operation == Operation::Create)?;
        let from = forgotten.get(&NaturalKey::of(&submission.after))?;
        Some(Warned::takes_over(&entry.key, from))
    };
    entries.iter().filter_map(takes).collect()
}
