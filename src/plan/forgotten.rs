//! What the state is to forget, because the configuration lists it under `removed`. `build` calls it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Inputs;
use crate::desired::Template;
use crate::model::{Addressing, Attributes, Key, NaturalKey};
use crate::state::{Operation, Row, RowState};

/// What becomes of the rows that `removed` names.
#[derive(Default)]
pub(super) struct Forgotten<'a> {
    /// The rows that the state forgets: neither protected nor without a known outcome.
    pub(super) now: BTreeSet<&'a Key>,
    /// The rows that stay, each with a configured template that would be created in its place. If the template is still
    /// on the server, only the row keeps it from being created twice.
    pub(super) kept_for: BTreeMap<&'a Key, &'a Key>,
}

impl<'a> Forgotten<'a> {
    pub(super) fn of(inputs: &Inputs<'a>, rows: &BTreeMap<&'a Key, &'a Row>) -> Self {
        let Inputs { desired, scope, addressing, .. } = inputs;
        let is_open = |row: &Row| matches!(row.state, RowState::Pending | RowState::InDoubt { .. });
        let settled = |key: &'a Key| {
            let is_left = !desired.templates.contains_key(key) && scope.contains(key);
            let row = *rows.get(key).filter(|_| is_left)?;
            (!row.protect && !is_open(row)).then_some((key, row))
        };
        let listed: Vec<(&Key, &Row)> = desired.removed().filter_map(settled).collect();
        let mut forgotten = Self::default();
        if listed.is_empty() {
            return forgotten;
        }
        // Templates outside of the scope count as well: a later apply would create them.
        let created = |(key, template): (&'a Key, &'a Template)| {
            let after = &template.attributes;
            let is_create = operation(*addressing, rows.get(key).copied(), after) == Operation::Create;
            is_create.then(|| (NaturalKey::of(after), key))
        };
        let created: HashMap<NaturalKey, &Key> = desired.templates.iter().filter_map(created).collect();
        for (key, row) in listed {
            match row.natural_keys().find_map(|natural_key| created.get(&natural_key)) {
                Some(successor) => drop(forgotten.kept_for.insert(key, successor)),
                None => drop(forgotten.now.insert(key)),
            }
        }
        forgotten
    }
}

/// The effect that a request with these attributes would have on the server.
pub(super) fn operation(addressing: Addressing, row: Option<&Row>, after: &Attributes) -> Operation {
    let before = row.and_then(|row| row.confirmed.as_ref()).map(|known| &known.attributes);
    // A server that matches by natural key would not find the template that it has.
    let leaves_its_natural_key = addressing == Addressing::Resource
        && before.is_some_and(|before| NaturalKey::of(before) != NaturalKey::of(after));
    if row.is_some_and(Row::exists) && !leaves_its_natural_key {
        Operation::Update
    } else {
        Operation::Create
    }
}
