//! What can be sent and is most likely a mistake: told, and no reason to stop.

use std::collections::BTreeMap;

use super::places::Places;
use super::unlocated::UnlocatedFinding;
use crate::model::{Key, Warning};

/// What was found, by place: an odd value in a layout is told once, with every template that has it.
#[derive(Debug, Default)]
pub(super) struct Warnings(BTreeMap<UnlocatedFinding, Vec<Key>>);

impl Warnings {
    pub(super) fn add(&mut self, fault: UnlocatedFinding, key: &Key) {
        self.0.entry(fault).or_default().push(key.clone());
    }

    pub(super) fn append(&mut self, other: Self) {
        for (fault, keys) in other.0 {
            self.0.entry(fault).or_default().extend(keys);
        }
    }

    /// Sorted by place.
    pub(super) fn into_warnings(self, places: &mut Places<'_>) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = self
            .0
            .into_iter()
            .map(|(fault, mut keys)| {
                keys.sort();
                Warning { finding: places.finding(&fault), keys }
            })
            .collect();
        warnings.sort_by(|one, other| one.finding.cmp(&other.finding));
        warnings
    }
}
