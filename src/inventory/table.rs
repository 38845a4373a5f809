//! The contents of an export: templates, skipped lines and findings.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::{Finding, NaturalKey, TemplateId, Timestamp};

/// One template on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The vendor's id.
    pub id: TemplateId,
    /// The resource and audience; without an audience if the export does not show it.
    pub natural_key: NaturalKey,
    /// Whether the export shows the audience. If not, this may be any template of its resource.
    pub shows_audience: bool,
    /// Every attribute with a cell that is not empty. [`Table::columns`] says which of the others have a column.
    pub values: BTreeMap<&'static str, Value>,
    /// When the template was created, if the export says so.
    pub created_at: Option<Timestamp>,
    /// When the template was last changed, if the export says so.
    pub updated_at: Option<Timestamp>,
    /// The number of the line in the file.
    pub line: usize,
}

impl Exported {
    /// Returns the title, if the export has that column.
    pub fn title(&self) -> Option<&str> {
        self.values.get("title").and_then(Value::as_str)
    }
}

/// A line that cannot be read in full. Nothing follows from it or from other lines for its resource, because it may be
/// a second template for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableLine {
    /// The course or learning path, as far as it can be read; without an audience.
    pub resource: NaturalKey,
    /// The number of the line in the file.
    pub line: usize,
}

/// A line for a deleted template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The vendor's id, if the line has one.
    pub id: Option<TemplateId>,
    /// The course or learning path, without an audience.
    pub resource: NaturalKey,
    /// The number of the line in the file.
    pub line: usize,
}

/// A line for a resource type that, as far as certctl knows, has no certificate templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The resource type in the line.
    pub resource_type: String,
    /// The number of the line in the file.
    pub line: usize,
}

/// A whole export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The existing templates, in the order of the file.
    pub templates: Vec<Exported>,
    /// The attributes that have a column. All others are unknown for every template.
    pub columns: BTreeSet<&'static str>,
    /// Lines that cannot be read and settle nothing.
    pub unreadable: Vec<UnreadableLine>,
    /// The findings about those lines, with their places.
    pub findings: Vec<Finding>,
    /// Lines of deleted templates, which are skipped.
    pub deleted: Vec<Deleted>,
    /// Lines of other resource types, which are skipped.
    pub foreign: Vec<Foreign>,
}

impl Table {
    /// The attributes that tell templates of one resource apart.
    const IDENTIFYING: [&'static str; 3] = ["title", "userCustomFieldSlug", "userCustomFieldValue"];

    /// Returns the attributes in `IDENTIFYING` that have no column.
    pub fn lacking(&self) -> Vec<&'static str> {
        Self::IDENTIFYING.into_iter().filter(|name| !self.columns.contains(name)).collect()
    }
}

/// Returns a natural key without its audience: the course or learning path.
pub(super) fn resource_of(natural_key: &NaturalKey) -> NaturalKey {
    NaturalKey { user_custom_field_slug: None, user_custom_field_value: None, ..natural_key.clone() }
}
