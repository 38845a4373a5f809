//! The certificate fields that labels print. The store has their ids alone.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::store::{StoredTemplate, TemplateStore};

/// A certificate field.
pub(super) struct StoredField {
    pub(super) id: String,
    /// What people call it.
    pub(super) label: String,
    /// What it prints.
    pub(super) kind: String,
}

impl StoredField {
    /// The field with this id.
    pub(super) fn with_id(id: &str) -> Self {
        Self { id: id.to_owned(), label: format!("Field {}", short(id)), kind: "textLabel".to_owned() }
    }
}

/// The fields of all labels, by id.
pub(super) fn certificate_fields(store: &TemplateStore) -> impl Iterator<Item = StoredField> {
    let labels = store.templates().iter().flat_map(labels_of);
    let ids: BTreeSet<&str> = labels.filter_map(|label| label.get("certificateFieldId")?.as_str()).collect();
    ids.into_iter().map(StoredField::with_id)
}

/// The labels of a template.
pub(super) fn labels_of(template: &StoredTemplate) -> impl Iterator<Item = &Map<String, Value>> {
    let labels = template.attributes.get("labels").and_then(Value::as_array);
    labels.into_iter().flatten().filter_map(Value::as_object)
}

/// The beginning of an id, where a short name is wanted.
pub(super) fn short(id: &str) -> String {
    id.get(..8).unwrap_or(id).to_owned()
}
