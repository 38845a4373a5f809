//! What an export says: templates, what is passed over, and what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::{Finding, NaturalKey, TemplateId, Timestamp};

/// One template that the server holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its id.
    pub id: TemplateId,
    /// What it is for; without an audience where the export does not show it.
    pub natural_key: NaturalKey,
    /// Whether the export shows for which audience it is: otherwise it may be any template of its resource.
    pub shows_audience: bool,
    /// Every attribute whose cell is not empty. [`Table::columns`] says which of the others were seen to be empty.
    pub values: BTreeMap<&'static str, Value>,
    /// When it was made, where the export says.
    pub created_at: Option<Timestamp>,
    /// When it was last changed, where the export says.
    pub updated_at: Option<Timestamp>,
    /// Its line in the file.
    pub line: usize,
}

impl Exported {
    /// Its title, where the export has that column.
    pub fn title(&self) -> Option<&str> {
        self.values.get("title").and_then(Value::as_str)
    }
}

/// A line with something that cannot be read. Nothing follows from it, and nothing from other lines for its resource:
/// it may be a second template of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableLine {
    /// The course or learning path, as far as it can be read; without an audience.
    pub resource: NaturalKey,
    /// Its line in the file.
    pub line: usize,
}

/// A line for a template that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its id, where the line has one.
    pub id: Option<TemplateId>,
    /// Its course or learning path; without an audience.
    pub resource: NaturalKey,
    /// Its line in the file.
    pub line: usize,
}

/// A line for something that has no certificate templates as far as certctl knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The resource type that the line names.
    pub resource_type: String,
    /// Its line in the file.
    pub line: usize,
}

/// The export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The templates that exist, in the file's order.
    pub templates: Vec<Exported>,
    /// The attributes that it has a column for. What is not among them is not known of any template.
    pub columns: BTreeSet<&'static str>,
    /// Lines that settle nothing.
    pub unreadable: Vec<UnreadableLine>,
    /// What is wrong with them, each with its place.
    pub findings: Vec<Finding>,
    /// Lines of templates that were deleted; they are passed over.
    pub deleted: Vec<Deleted>,
    /// Lines that are passed over because of what they are for.
    pub foreign: Vec<Foreign>,
}

impl Table {
    /// What tells which template a line is about, beside its course or learning path.
    const TELLING: [&'static str; 3] = ["title", "userCustomFieldSlug", "userCustomFieldValue"];

    /// The columns that are lacking to tell which template a line is about.
    pub fn lacking(&self) -> Vec<&'static str> {
        Self::TELLING.into_iter().filter(|name| !self.columns.contains(name)).collect()
    }
}

/// A natural key without its audience: the course or learning path.
pub(super) fn resource_of(natural_key: &NaturalKey) -> NaturalKey {
    NaturalKey { user_custom_field_slug: None, user_custom_field_value: None, ..natural_key.clone() }
}
