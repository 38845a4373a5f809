//! Looks up the templates of an export by natural key.

use std::collections::HashMap;

use super::table::resource_of;
use super::{Exported, Table};
use crate::model::NaturalKey;

/// An export, indexed by natural key.
pub(super) struct Index<'t> {
    /// Templates whose audience, or the lack of one, the export shows.
    by_key: HashMap<NaturalKey, Vec<&'t Exported>>,
    /// All other templates, by their resource.
    by_resource: HashMap<NaturalKey, Vec<&'t Exported>>,
    /// The first unreadable line of each resource, as far as the resource can be read.
    unreadable: HashMap<&'t NaturalKey, usize>,
    /// The first line with a deleted template, by resource.
    deleted: HashMap<&'t NaturalKey, usize>,
}

/// The templates of an export for one natural key.
pub(super) enum Match<'t> {
    Nothing,
    /// The only template for this natural key; or for its resource, if the export shows no audience.
    One(&'t Exported),
    Several(Vec<&'t Exported>),
    /// A line for this resource cannot be read: it may be this template or a second one.
    Unreadable {
        line: usize,
        /// Readable templates for the resource, any of which may be this one.
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
        Self {
            by_key,
            by_resource,
            unreadable: first_lines(table.unreadable.iter().map(|line| (&line.resource, line.line))),
            deleted: first_lines(table.deleted.iter().map(|deleted| (&deleted.resource, deleted.line))),
        }
    }

    /// Finds the templates for this natural key; none if it is incomplete.
    pub(super) fn find(&self, natural_key: &NaturalKey) -> Match<'t> {
        if natural_key.resource_type.is_empty() || natural_key.resource_id.is_empty() {
            return Match::Nothing;
        }
        let resource = resource_of(natural_key);
        let of =
            |index: &HashMap<NaturalKey, Vec<&'t Exported>>, key| index.get(key).cloned().unwrap_or_default();
        let mut found = of(&self.by_key, natural_key);
        found.append(&mut of(&self.by_resource, &resource));
        found.sort_by_key(|template| template.line);
        if let Some(line) = self.unreadable_line(&resource) {
            return Match::Unreadable { line, beside: found };
        }
        match found[..] {
            [] => Match::Nothing,
            [one] => Match::One(one),
            _ => Match::Several(found),
        }
    }

    /// Returns the first line that has a template of this resource as deleted.
    pub(super) fn deleted_line(&self, resource: &NaturalKey) -> Option<usize> {
        self.deleted.get(resource).copied()
    }

    /// Returns the first unreadable line that may be for this resource. If its type cannot be read, it may be for
    /// either type.
    fn unreadable_line(&self, resource: &NaturalKey) -> Option<usize> {
        let typeless = NaturalKey { resource_type: String::new(), ..resource.clone() };
        let lines = [resource, &typeless].into_iter().filter_map(|of| self.unreadable.get(of));
        lines.min().copied()
    }
}

/// Returns the first line of each resource.
fn first_lines<'t>(lines: impl Iterator<Item = (&'t NaturalKey, usize)>) -> HashMap<&'t NaturalKey, usize> {
    let mut first = HashMap::new();
    for (resource, line) in lines {
        first.entry(resource).and_modify(|first: &mut usize| *first = line.min(*first)).or_insert(line);
    }
    first
}
