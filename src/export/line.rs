//! One line of an export: its cells by column, and where they are.

use std::collections::HashMap;

use super::cell;
use super::layout;
use crate::model::NaturalKey;

/// Which column is where.
pub(super) struct Columns {
    pub(super) by_name: HashMap<String, usize>,
    pub(super) count: usize,
}

impl Columns {
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Where an attribute's cells are: the columns have its name in small letters.
    pub(super) fn has_attribute(&self, name: &str) -> bool {
        self.has(&layout::column(name))
    }
}

/// One line's fields by column.
pub(super) struct ExportLine<'r> {
    pub(super) record: &'r csv::StringRecord,
    pub(super) columns: &'r Columns,
    /// Where the line begins in the file.
    pub(super) start: usize,
    /// Where it ends, its line break included.
    pub(super) end: usize,
    pub(super) number: usize,
}

impl<'r> ExportLine<'r> {
    /// A cell as it is in the file; empty where spreadsheets dropped it, `None` if the file lacks the column.
    pub(super) fn raw(&self, column: &str) -> Option<&'r str> {
        let position = *self.columns.by_name.get(column)?;
        Some(self.record.get(position).unwrap_or_default())
    }

    /// A cell without the blanks around it; nothing where it is absent.
    pub(super) fn get(&self, column: &str) -> Option<&'r str> {
        cell::text(self.raw(column)?)
    }

    /// The template's course or learning path, without an audience, as far as it can be read.
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
