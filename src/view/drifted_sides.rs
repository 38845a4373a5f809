//! A template as the state has it, and as the server has it now.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{DescribedChange, describe};
use super::item::{DrawnItem, ItemSides};
use crate::model::{Attributes, CertificateField};
use crate::plan::Change;

/// The attributes that a drawing shows.
const DRAWN: [&str; 2] = ["asset", Attributes::LABELS];

/// The two sides of a difference between state and server.
#[derive(Clone, Copy, Debug)]
pub(super) struct DriftedSides<'v> {
    /// What the state has.
    pub(super) before: &'v Attributes,
    /// What the server has now.
    pub(super) after: &'v Attributes,
    /// Every difference between them.
    pub(super) changes: &'v [Change],
    /// The known certificate fields, by id in lower case.
    pub(super) fields: &'v BTreeMap<String, CertificateField>,
}

impl<'v> DriftedSides<'v> {
    /// The differences, for a reader.
    pub(super) fn changes(&self) -> Vec<DescribedChange> {
        describe(self.changes, &BTreeSet::new(), self.fields)
    }

    /// The two certificates, if they look different.
    pub(super) fn drawn(&self) -> Option<DrawnItem<'v>> {
        let is_drawn = self.changes.iter().any(|change| DRAWN.contains(&change.path.attribute()));
        is_drawn.then_some(DrawnItem {
            sides: ItemSides::Both(self.before, self.after),
            canvas: None,
            fields: self.fields,
            captions: ["As the state has it", "On the server now"],
            submitted: Vec::new(),
        })
    }
}
