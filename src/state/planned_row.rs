//! What a run is going to send, without the contents. A shared journal begins with it, so that the rows are known whose
//! own records are lost.

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::model::{Attributes, Key, NaturalKey};

/// One row that a run is going to send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedRow {
    /// Whether it creates or updates.
    pub action: Operation,
    /// The attributes by which people and exports recognise the template: its natural key and its title.
    pub attributes: Attributes,
    /// The template's key.
    pub key: Key,
}

impl PlannedRow {
    /// The row of a template that is going to have these attributes.
    pub fn new(key: Key, action: Operation, attributes: &Attributes) -> Self {
        let recognises = |name: &str| name == "title" || NaturalKey::FIELDS.contains(&name);
        Self { action, attributes: attributes.only(recognises), key }
    }
}
