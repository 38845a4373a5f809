//! What is written is what was seen, in fewer bytes, and the same bytes every time.

mod estate;
mod round_trip;
mod style;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;
use estate::id;

/// A request about these templates, for a project without any.
pub(super) struct Project {
    pub(super) fields: BTreeMap<String, NamedField>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) keys: BTreeSet<String>,
    pub(super) layouts: BTreeMap<String, Attributes>,
    pub(super) files: BTreeSet<String>,
    pub(super) group_by: GroupBy,
    pub(super) has_other_environments: bool,
}

impl Project {
    pub(super) fn new() -> Self {
        Self {
            fields: estate::fields()
                .map(|[id, label, kind]| (id, NamedField { label: Some(label), kind: Some(kind) }))
                .collect(),
            variables: BTreeMap::new(),
            keys: BTreeSet::new(),
            layouts: BTreeMap::new(),
            files: BTreeSet::new(),
            group_by: GroupBy::None,
            has_other_environments: false,
        }
    }

    pub(super) fn write(&self, templates: &[SeenTemplate]) -> WrittenProject {
        write(&WriteRequest {
            templates: templates.to_vec(),
            fields: &self.fields,
            variables: &self.variables,
            keys: &self.keys,
            layouts: &self.layouts,
            files: &self.files,
            group_by: self.group_by,
            environment: "production",
            has_other_environments: self.has_other_environments,
            texts_in: "",
            first_line: "",
        })
    }
}

/// A template with this number and these attributes.
pub(super) fn seen(number: usize, attributes: Value) -> SeenTemplate {
    SeenTemplate {
        id: TemplateId::parse_uuid(&id(number)).unwrap(),
        attributes: serde_json::from_value(attributes).unwrap(),
        key: None,
        updated_at: Some(Timestamp::from_unix_seconds(1_800_000_000)),
    }
}

/// A template for a course of its own.
pub(super) fn titled(number: usize, title: &str, others: Value) -> SeenTemplate {
    let mut value = json!({"title": title, "resourceType": "course", "resourceId": id(1000 + number)});
    if let (Value::Object(value), Value::Object(others)) = (&mut value, others) {
        value.extend(others);
    }
    seen(number, value)
}

/// So many templates of the academy.
pub(super) fn estate(count: usize) -> Vec<SeenTemplate> {
    (0..count).map(|number| titled(number, &estate::title(number), estate::attributes(number))).collect()
}
