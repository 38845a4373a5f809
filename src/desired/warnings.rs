//! Collects warnings: values that can be sent but are probably mistakes. They never stop a command.

use std::collections::BTreeMap;

use super::places::Places;
use super::unlocated::UnlocatedFinding;
use crate::model::{Key, Warning};

/// Warnings by place, each with the templates that it concerns: an odd value in a layout is reported once.
#[derive(Debug, Default)]
pub(super) struct Warnings(BTreeMap<UnlocatedFinding, Vec<Key>>);

impl Warnings {
    pub(super) fn add(&mut self, finding: UnlocatedFinding, key: &Key) {
        self.0.entry(finding).or_default().push(key.clone());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn append(&mut self, other: Self) {
        for (finding, keys) in other.0 {
            self.0.entry(finding).or_default().extend(keys);
        }
    }

    /// Locates the warnings, sorted by place.
    pub(super) fn into_warnings(self, places: &mut Places<'_>) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = self
            .0
            .into_iter()
            .map(|(finding, mut keys)| {
                keys.sort();
                Warning { finding: places.finding(&finding), keys }
            })
            .collect();
        warnings.sort_by(|one, other| one.finding.cmp(&other.finding));
        warnings
    }
}
