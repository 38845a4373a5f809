//! Finds natural keys and ids that two rows of a join share, although neither side had them twice.

use std::collections::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use super::{ConflictReason, RowConflict};
use crate::model::{Key, NaturalKey, TemplateId};
use crate::state::{Document, Row};

/// The rows that conflict with another row, and why.
pub(super) fn held_twice(
    joined: &BTreeMap<Key, Row>,
    clashes: &BTreeMap<Key, RowConflict>,
    ours: &Document,
    theirs: &Document,
) -> Vec<(Key, ConflictReason)> {
    let both = |key| [ours.templates.get(key), theirs.templates.get(key)].into_iter().flatten();
    let clashing = clashes.keys().flat_map(|key| both(key).map(move |row| (key, row)));
    let rows: Vec<(&Key, &Row)> = joined.iter().chain(clashing).collect();
    let mut found = twice(&rows, ours, theirs, natural_keys, |natural_key, other| {
        ConflictReason::NaturalKey { natural_key: natural_key.clone(), other }
    });
    found.extend(twice(&rows, ours, theirs, ids, |id, other| ConflictReason::Id { id: id.clone(), other }));
    found
}

fn natural_keys(row: &Row) -> Vec<NaturalKey> {
    row.natural_keys().collect()
}

fn ids(row: &Row) -> Vec<TemplateId> {
    row.identity.iter().map(|identity| identity.id.clone()).collect()
}

fn twice<H: Eq + Hash + Ord>(
    rows: &[(&Key, &Row)],
    ours: &Document,
    theirs: &Document,
    held: impl Fn(&Row) -> Vec<H>,
    reason: impl Fn(&H, Key) -> ConflictReason,
) -> Vec<(Key, ConflictReason)> {
    let mut holders: HashMap<H, BTreeSet<&Key>> = HashMap::new();
    for (key, row) in rows {
        for what in held(row) {
            holders.entry(what).or_default().insert(key);
        }
    }
    let mut shared: Vec<_> = holders.into_iter().filter(|(_, keys)| keys.len() > 1).collect();
    shared.sort();
    let mut found = Vec::new();
    for (what, keys) in shared {
        let is_there =
            |side: &Document, key: &Key| side.templates.get(key).is_some_and(|row| held(row).contains(&what));
        // A duplicate that one side already had was not caused by the join.
        if [ours, theirs].into_iter().any(|side| keys.iter().all(|key| is_there(side, key))) {
            continue;
        }
        let differs = |key: &Key| ours.templates.get(key) != theirs.templates.get(key);
        for key in keys.iter().filter(|key| differs(key)) {
            let other = keys.iter().find(|other| *other != key);
            found.extend(other.map(|other| ((*key).clone(), reason(&what, (*other).clone()))));
        }
    }
    found
}
