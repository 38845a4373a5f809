//! One line of an export: its cells by column, and its place in the file.

use std::collections::HashMap;

use super::cell;
use super::layout;
use crate::model::NaturalKey;

/// The position of each column.
pub(super) struct Columns {
    pub(super) by_name: HashMap<String, usize>,
    /// Their names as the file spells them, in its order.
    pub(super) spelled: Vec<String>,
    pub(super) count: usize,
}

impl Columns {
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Returns whether the export has a column for an attribute; columns have its name in lower case.
    pub(super) fn has_attribute(&self, name: &str) -> bool {
        self.has(&layout::column(name))
    }
}

/// One line's fields by column.
pub(super) struct ExportLine<'r> {
    pub(super) record: &'r csv::StringRecord,
    pub(super) columns: &'r Columns,
    /// The first byte of the line in the file.
    pub(super) start: usize,
    /// The byte after the line and its line break.
    pub(super) end: usize,
    pub(super) number: usize,
}

impl<'r> ExportLine<'r> {
    /// Returns a cell as in the file; empty if a spreadsheet dropped it, `None` if the file lacks the column.
    pub(super) fn raw(&self, column: &str) -> Option<&'r str> {
        let position = *self.columns.by_name.get(column)?;
        Some(self.record.get(position).unwrap_or_default())
    }

    /// Returns a trimmed cell; `None` if it is absent.
    pub(super) fn get(&self, column: &str) -> Option<&'r str> {
        cell::text(self.raw(column)?)
    }

    /// Returns the template's course or learning path, without an audience, as far as it can be read.
    pub(super) fn resource(&self) -> NaturalKey {
        let id = self.get("resourceid").unwrap_or_default();
        NaturalKey {
            resource_type: self
                .get("resourcetype")
                .and_then(cell::resource_type)
                .unwrap_or_default()
                .to_owned(),
            resource_id: cell::uuid("resourceid", id).unwrap_or_else(|_| id.to_lowercase()),
            user_custom_field_slug: None,
            user_custom_field_value: None,
        }
    }
}
