//! The labels of an export, each different one once: most templates of an academy share a few designs.

use std::collections::HashMap;

use foldhash::quality::RandomState;
use serde_json::Value;

use super::layout;
use super::line::ExportLine;
use crate::model::{LABEL_FIELDS, SharedValue, canonical_json};

/// The different labels of an export. Each has a number, and so has each certificate field.
#[derive(Debug, Default)]
pub(super) struct DistinctLabels {
    labels: Vec<DistinctLabel>,
    /// The label of each line that could be read, by the text of its cells.
    by_cells: HashMap<Box<[u8]>, u32, RandomState>,
    /// The certificate fields.
    fields: Vec<String>,
    by_field: HashMap<String, u32>,
}

#[derive(Debug)]
struct DistinctLabel {
    field: u32,
    /// The canonical JSON.
    json: Box<str>,
}

/// What a label is made of.
pub(super) type LabelCells = Box<[u8]>;

impl DistinctLabels {
    /// The cells of the label in a line.
    pub(super) fn cells(line: &ExportLine<'_>) -> LabelCells {
        let mut cells = Vec::with_capacity(128);
        for field in LABEL_FIELDS {
            let cell = line.raw(&layout::column(field.name)).unwrap_or_default();
            cells.extend(cell.len().to_le_bytes());
            cells.extend(cell.as_bytes());
        }
        cells.into()
    }

    /// The label with these cells, if it is known.
    pub(super) fn find(&self, cells: &LabelCells) -> Option<u32> {
        self.by_cells.get(cells).copied()
    }

    /// Adds a label of a certificate field.
    pub(super) fn add(&mut self, cells: LabelCells, field: &str, label: &Value) -> u32 {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let field = *self.by_field.entry(field.to_owned()).or_insert_with(|| {
            self.fields.push(field.to_owned());
            number(self.fields.len() - 1)
        });
        let new = number(self.labels.len());
        self.labels.push(DistinctLabel { field, json: canonical_json(label).into() });
        self.by_cells.insert(cells, new);
        new
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.labels.len()
    }

    /// The certificate field of a label.
    pub(super) fn field(&self, label: u32) -> u32 {
        self.get(label).map_or(u32::MAX, |label| label.field)
    }

    /// The id of a certificate field.
    pub(super) fn id_of_field(&self, field: u32) -> &str {
        usize::try_from(field).ok().and_then(|field| self.fields.get(field)).map_or("", String::as_str)
    }

    /// Whether two labels have the same values, however their cells are written.
    pub(super) fn are_equal(&self, one: u32, other: u32) -> bool {
        let json = |label| self.get(label).map(|label| &label.json);
        one == other || json(one) == json(other)
    }

    /// The value of the attribute with these labels.
    pub(super) fn list(&self, labels: impl Iterator<Item = u32>) -> SharedValue {
        let mut labels: Vec<&DistinctLabel> = labels.filter_map(|label| self.get(label)).collect();
        labels.sort_by_key(|label| self.id_of_field(label.field));
        SharedValue::of_items(labels.into_iter().map(|label| &*label.json))
    }

    fn get(&self, label: u32) -> Option<&DistinctLabel> {
        self.labels.get(usize::try_from(label).ok()?)
    }
}
