//! Finding the templates of an export by what they are for.

use std::collections::HashMap;

use super::table::resource_of;
use super::{Exported, Table, UnreadableLine};
use crate::model::NaturalKey;

/// An export by natural key.
pub(super) struct Index<'t> {
    /// Templates whose audience, or lack of one, the export shows.
    by_key: HashMap<NaturalKey, Vec<&'t Exported>>,
    /// The others, by their resource.
    by_resource: HashMap<NaturalKey, Vec<&'t Exported>>,
    /// Lines that cannot be read, by the id of their resource.
    unreadable: HashMap<&'t str, Vec<&'t UnreadableLine>>,
}

/// What an export has for one natural key.
pub(super) enum Found<'t> {
    Nothing,
    /// The one template for this natural key; or the one for its resource, where the export shows no audience.
    One(&'t Exported),
    Several(Vec<&'t Exported>),
    /// A line for this resource cannot be read: it may be this template, or a second one.
    Unreadable {
        line: usize,
        /// What there is beside that line, which may as well be this template.
        beside: Vec<&'t Exported>,
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
        let mut unreadable: HashMap<&str, Vec<&UnreadableLine>> = HashMap::new();
        for line in &table.unreadable {
            unreadable.entry(&line.resource.resource_id).or_default().push(line);
        }
        Self { by_key, by_resource, unreadable }
    }

    /// What the export has for this natural key; nothing for one that is broken.
    pub(super) fn find(&self, natural_key: &NaturalKey) -> Found<'t> {
        if natural_key.resource_type.is_empty() || natural_key.resource_id.is_empty() {
            return Found::Nothing;
        }
        let resource = resource_of(natural_key);
        let of =
            |index: &HashMap<NaturalKey, Vec<&'t Exported>>, key| index.get(key).cloned().unwrap_or_default();
        let mut found = of(&self.by_key, natural_key);
        found.append(&mut of(&self.by_resource, &resource));
        found.sort_by_key(|template| template.line);
        if let Some(line) = self.unreadable_line(&resource) {
            return Found::Unreadable { line, beside: found };
        }
        match found[..] {
            [] => Found::Nothing,
            [one] => Found::One(one),
            _ => Found::Several(found),
        }
    }

    /// The first line that may be for this resource and cannot be read. Where the type cannot be read, it may be either.
    fn unreadable_line(&self, resource: &NaturalKey) -> Option<usize> {
        let lines = self.unreadable.get(resource.resource_id.as_str())?;
        let may_be = |line: &&&UnreadableLine| {
            let of = line.resource.resource_type.as_str();
            of.is_empty() || of == resource.resource_type
        };
        lines.iter().filter(may_be).map(|line| line.line).min()
    }
}
