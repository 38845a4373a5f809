//! Finding the templates of an export by what they are for.

use std::collections::HashMap;

use super::{Exported, Table};
use crate::model::NaturalKey;

/// An export by natural key.
pub(super) struct Index<'t> {
    by_key: HashMap<NaturalKey, Vec<&'t Exported>>,
    has_audience: bool,
}

/// What an export has for one natural key.
pub(super) enum Found<'t> {
    Nothing,
    One(&'t Exported),
    Several(Vec<&'t Exported>),
}

impl<'t> Index<'t> {
    pub(super) fn of(table: &'t Table) -> Self {
        let mut index = Self { by_key: HashMap::new(), has_audience: table.has_audience };
        for template in &table.templates {
            index.by_key.entry(template.natural_key.clone()).or_default().push(template);
        }
        index
    }

    /// As much of a natural key as the export can tell: without audience columns, the resource alone. Nothing for a
    /// natural key that is broken.
    pub(super) fn comparable(&self, natural_key: &NaturalKey) -> Option<NaturalKey> {
        let whole = !natural_key.resource_type.is_empty() && !natural_key.resource_id.is_empty();
        let audience = |part: &Option<String>| part.clone().filter(|_| self.has_audience);
        whole.then(|| NaturalKey {
            user_custom_field_slug: audience(&natural_key.user_custom_field_slug),
            user_custom_field_value: audience(&natural_key.user_custom_field_value),
            ..natural_key.clone()
        })
    }

    pub(super) fn find(&self, comparable: &NaturalKey) -> Found<'t> {
        match self.by_key.get(comparable).map(Vec::as_slice) {
            None | Some([]) => Found::Nothing,
            Some([one]) => Found::One(one),
            Some(several) => Found::Several(several.to_vec()),
        }
    }
}
