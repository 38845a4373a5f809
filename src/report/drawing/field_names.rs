//! The display names of certificate fields in sentences about many certificates. `flags` uses them.

use std::collections::{BTreeSet, HashMap};

use super::picture::known;
use super::{Fields, sample};

/// The display names of certificate fields that have labels.
pub(super) struct FieldNames<'f> {
    fields: &'f Fields,
    /// Names shared by several fields.
    shared: BTreeSet<String>,
}

impl<'f> FieldNames<'f> {
    pub(super) fn of<'l>(labels: impl Iterator<Item = &'l String>, fields: &'f Fields) -> Self {
        let mut called: HashMap<String, String> = HashMap::new();
        let mut shared = BTreeSet::new();
        for field in labels {
            let name = sample::name(field, known(field, fields));
            match called.get(&name) {
                Some(other) if !other.eq_ignore_ascii_case(field) => drop(shared.insert(name)),
                Some(_) => {}
                None => drop(called.insert(name, field.clone())),
            }
        }
        Self { fields, shared }
    }

    pub(super) fn name(&self, field: &str) -> String {
        let name = sample::name(field, known(field, self.fields));
        if self.shared.contains(&name) { sample::whole_name(field) } else { name }
    }
}
