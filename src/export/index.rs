//! Finding the templates of an export by what they are for.

use std::collections::HashMap;

use super::table::resource_of;
use super::{Exported, Table};
use crate::model::NaturalKey;

/// An export by natural key.
pub(super) struct Index<'t> {
    /// Templates whose audience, or lack of one, the export shows.
    by_key: HashMap<NaturalKey, Vec<&'t Exported>>,
    /// The others, by their resource.
    by_resource: HashMap<NaturalKey, Vec<&'t Exported>>,
    /// Lines that cannot be read, by their resource.
    unreadable: HashMap<NaturalKey, usize>,
}

/// What an export has for one natural key.
pub(super) enum Found<'t> {
    Nothing,
    /// The one template for this natural key.
    One(&'t Exported),
    /// One template for this resource, of which the export does not show for which audience it is.
    Audience(&'t Exported),
    Several(Vec<&'t Exported>),
    /// A line for this resource cannot be read: it may be this template, or a second one.
    Unreadable {
        line: usize,
    },
}

impl<'t> Index<'t> {
    pub(super) fn of(table: &'t Table) -> Self {
        let mut by_key: HashMap<NaturalKey, Vec<&Exported>> = HashMap::new();
        let mut by_resource: HashMap<NaturalKey, Vec<&Exported>> = HashMap::new();
        for template in &table.templates {
            let index = if template.shows_audience { &mut by_key } else { &mut by_resource };
            index.entry(template.natural_key.clone()).or_default().push(template);
        }
        // From the last to the first, so that the first line is told.
        let unreadable =
            table.unreadable.iter().rev().map(|line| (line.resource.clone(), line.line)).collect();
        Self { by_key, by_resource, unreadable }
    }

    /// What the export has for this natural key; nothing for one that is broken.
    pub(super) fn find(&self, natural_key: &NaturalKey) -> Found<'t> {
        if natural_key.resource_type.is_empty() || natural_key.resource_id.is_empty() {
            return Found::Nothing;
        }
        let resource = resource_of(natural_key);
        if let Some(line) = self.unreadable.get(&resource) {
            return Found::Unreadable { line: *line };
        }
        let of =
            |index: &HashMap<NaturalKey, Vec<&'t Exported>>, key| index.get(key).cloned().unwrap_or_default();
        let (mut shown, mut open) = (of(&self.by_key, natural_key), of(&self.by_resource, &resource));
        match (shown.len(), open.len()) {
            (0, 0) => Found::Nothing,
            (1, 0) => Found::One(shown.remove(0)),
            (0, 1) => Found::Audience(open.remove(0)),
            _ => {
                shown.append(&mut open);
                shown.sort_by_key(|template| template.line);
                Found::Several(shown)
            }
        }
    }
}

/// Whether a template of the export, whose audience it does not show, can be taken for this one: both are then the only
/// template of the resource that anything is known of, for no audience, and under one title.
pub(super) fn is_the_default(found: &Exported, natural_key: &NaturalKey, title: Option<&str>) -> bool {
    resource_of(natural_key) == *natural_key
        && found.title.is_some()
        && found.title.as_deref().map(str::trim) == title.map(str::trim)
}
