//! Follows one template through the versions of a state, although its key may have changed on the way.

use std::collections::{BTreeMap, BTreeSet};

use super::{RowTrace, TimelineVersion};
use crate::model::{Key, NaturalKey, TemplateId};
use crate::state::{Document, Row};

/// What is known of the template so far, from the newest version back.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    /// The key that it was asked for by.
    key: Key,
    /// Every key that it may have had.
    keys: BTreeSet<Key>,
    ids: BTreeSet<TemplateId>,
    natural_keys: BTreeSet<NaturalKey>,
}

impl Followed {
    pub(super) fn new(key: Key) -> Self {
        Self { keys: BTreeSet::from([key.clone()]), key, ids: BTreeSet::new(), natural_keys: BTreeSet::new() }
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// The rows of a version that may be the template: those with its keys, else those of its id or natural key.
    pub(super) fn rows_in(&mut self, document: &Document) -> BTreeMap<Key, Row> {
        let mut rows: BTreeMap<Key, Row> = BTreeMap::new();
        for key in &self.keys {
            if let Some(row) = document.templates.get(key) {
                rows.insert(key.clone(), row.clone());
            }
        }
        if rows.is_empty() {
            let others = document.templates.iter().filter(|(_, row)| self.may_be(row));
            rows = others.map(|(key, row)| (key.clone(), row.clone())).collect();
        }
        for (key, row) in &rows {
            self.keys.insert(key.clone());
            self.ids.extend(row.identity.as_ref().map(|identity| identity.id.clone()));
            self.natural_keys.extend(row.natural_keys());
        }
        rows
    }

    fn may_be(&self, row: &Row) -> bool {
        row.identity.as_ref().is_some_and(|identity| self.ids.contains(&identity.id))
            || row.natural_keys().any(|natural_key| self.natural_keys.contains(&natural_key))
    }
}

/// Finds the key that the template has in each version, and leaves only its row there. The versions are sorted, the newest
/// first.
pub(super) fn name_in_each(versions: &mut [TimelineVersion], key: &Key) {
    for index in 0..versions.len() {
        let (newer, older) = versions.split_at_mut(index + 1);
        let Some(version) = newer.last_mut() else { continue };
        let own = version.key.get_or_insert_with(|| key.clone()).clone();
        let Some(before) = older.iter_mut().find(|other| version.comes_from(other)) else { continue };
        if before.key.is_none() {
            let row = version.rows.get(&own).filter(|_| !before.rows.contains_key(&own));
            let is_same = |other: &RowTrace| row.is_some_and(|row| row.is_of_same_template(other));
            let same = before.rows.iter().find(|(_, other)| is_same(other)).map(|(key, _)| key.clone());
            before.key = Some(same.unwrap_or(own));
        }
    }
    for version in versions {
        version.of_template(key);
    }
}
