//! One line of an export: its cells by column, and its place in the file.

use std::collections::HashMap;

use super::cell;
use super::csv_file::CsvText;
use super::layout;
use super::seen_at::SeenAt;
use crate::model::{NaturalKey, SourceLocation};

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
    /// The part of the file that it is in.
    pub(super) csv: &'r CsvText<'r>,
    pub(super) record: &'r csv::StringRecord,
    pub(super) columns: &'r Columns,
    /// The first byte of the line in that part.
    pub(super) start: usize,
    /// The byte after the line and its line break.
    pub(super) end: usize,
    /// The number of the line in the file.
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

    /// The place of a cell.
    pub(super) fn place(&self, column: &str) -> SourceLocation {
        self.csv.place(self.start, self.columns.by_name.get(column).copied().unwrap_or_default())
    }

    pub(super) fn seen_at(&self) -> SeenAt {
        SeenAt::Line { file: self.csv.file(), line: self.number }
    }

    /// Why the line does not have all fields of the header, and what to do; `None` if it has. Spreadsheets drop empty cells
    /// at a line's end and add some; but a last line without a line break may be cut off.
    pub(super) fn what_is_cut(&self) -> Option<(String, &'static str)> {
        let (found, expected) = (self.record.len(), self.columns.count);
        // A quote that is never closed reaches to the end of the file.
        if found == expected && !self.csv.ends_with(self) {
            return None;
        }
        let counts = format!("this line has {found} fields and the header has {expected}");
        let text = self.csv.text_of(self);
        let (_, is_closed) = layout::fields(text, self.csv.separator());
        let is_cut = found < expected && !text.ends_with(['\r', '\n']);
        let is_longer = self.record.iter().skip(expected).any(|field| cell::text(field).is_some());
        if !is_closed {
            Some((
                "a quote is opened in this line and never closed".to_owned(),
                "The file may be cut off: export it again",
            ))
        } else if is_longer {
            Some((counts, "A quote may be missing here or in a line above"))
        } else if is_cut {
            Some((format!("{counts}, and the file ends here"), "The file may be cut off: export it again"))
        } else {
            None
        }
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
