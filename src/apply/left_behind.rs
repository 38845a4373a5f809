//! Templates that this run replaced: the server keeps them, and only a person can delete them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{RowOutcome, RowReport};
use crate::model::{Attributes, Key, TemplateId};
use crate::plan::{Entry, Plan};
use crate::state::Document;

/// A template that was replaced and is still on the server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LeftBehind {
    /// Its key in the state now; null if the state could not be written.
    pub key: Option<Key>,
    /// Its key before, which now belongs to the new template.
    pub replaced: Key,
    /// The vendor's id of the old template, if known.
    pub id: Option<TemplateId>,
    /// The title of the old template.
    pub title: Option<String>,
}

/// The templates that rows of this plan replaced.
pub(super) fn of(plan: &Plan, results: &[RowReport], state: Option<&Document>) -> Vec<LeftBehind> {
    // A replacement is updated where the server had a template in the new place.
    let is_accepted = |row: &&RowReport| matches!(row.outcome, RowOutcome::Created | RowOutcome::Updated);
    let accepted: BTreeSet<&Key> = results.iter().filter(is_accepted).map(|row| &row.key).collect();
    let replaced = plan.entries.iter().filter(|entry| entry.action.replaces());
    replaced.filter(|entry| accepted.contains(&entry.key)).map(|entry| one(entry, state)).collect()
}

fn one(entry: &Entry, state: Option<&Document>) -> LeftBehind {
    let before = entry.sides()[0];
    LeftBehind {
        key: before.and_then(|before| key_now(entry, before, state?)),
        replaced: entry.key.clone(),
        id: entry.id.clone(),
        title: before.and_then(Attributes::title).map(str::to_owned),
    }
}

/// The newest key that the state gave to what the server held under this one.
fn key_now(entry: &Entry, before: &Attributes, state: &Document) -> Option<Key> {
    let old = state.replaced(&entry.key).filter(|(_, row)| {
        let same_id = row.identity.as_ref().map(|identity| &identity.id) == entry.id.as_ref();
        let same_values = row.confirmed.as_ref().is_some_and(|known| known.attributes.is_same_as(before));
        same_id && same_values
    });
    old.map(|(key, _)| key.clone()).max_by_key(|key| (key.as_str().len(), key.clone()))
}
