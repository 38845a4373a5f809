//! Decides what is written once for a file: its `defaults`.

use std::collections::{BTreeMap, BTreeSet};

use super::SeenTemplate;
use super::groups::FileGroup;
use super::layouts::{DesignLayouts, commonest};
use crate::model::{Attributes, Field, NaturalKey, SharedValue};

/// A file with everything that is written in it.
#[derive(Debug)]
pub(super) struct PlannedFile {
    pub(super) name: String,
    /// The layouts that are written in it.
    pub(super) layouts: Vec<usize>,
    pub(super) defaults: BTreeMap<String, SharedValue>,
    /// The layout of its templates that say nothing else.
    pub(super) default_layout: Option<usize>,
    /// Its templates, by key.
    pub(super) templates: Vec<usize>,
}

/// Adds the defaults of a file: values that most of its templates have, where that is shorter.
pub(super) fn of(group: FileGroup, seen: &[&SeenTemplate], layouts: &DesignLayouts) -> PlannedFile {
    let FileGroup { name, layouts: own_layouts, templates } = group;
    let default_layout = default_layout(&templates, layouts);
    let mut defaults = BTreeMap::new();
    let names: BTreeSet<&str> =
        templates.iter().flat_map(|template| seen[*template].attributes.names()).collect();
    for name in names.into_iter().filter(|name| may_be_shared(name)) {
        let is_open = |template: &&usize| {
            let layout = layouts.of_template(**template).map(|place| &layouts.all[place.layout]);
            !layout.is_some_and(|layout| layout.values.contains_key(name))
        };
        let values: Vec<Option<&SharedValue>> = templates
            .iter()
            .filter(is_open)
            .map(|template| seen[*template].attributes.shared_value(name))
            .collect();
        if let Some((value, count)) = commonest(values.iter().copied().flatten())
            && count > 1
            && 2 * count > templates.len()
        {
            let without = values.iter().filter(|value| value.is_none()).count();
            let (line, unset) = (name.len() + value.to_string().len() + 7, name.len() + 8);
            if (count - 1) * line > without * unset {
                defaults.insert(name.to_owned(), value.clone());
            }
        }
    }
    PlannedFile { name, layouts: own_layouts, defaults, default_layout, templates }
}

/// Whether a value of this attribute can be meant for several templates.
fn may_be_shared(name: &str) -> bool {
    let of_one =
        ["title", Attributes::LABELS, NaturalKey::FIELDS[1], NaturalKey::FIELDS[2], NaturalKey::FIELDS[3]];
    Field::of_template(name).is_some() && !of_one.contains(&name)
}

/// The layout that most templates have.
fn default_layout(templates: &[usize], layouts: &DesignLayouts) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for place in templates.iter().filter_map(|template| layouts.of_template(*template)) {
        *counts.entry(place.layout).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(layout, count)| (*count, std::cmp::Reverse(*layout)));
    most.filter(|(_, count)| *count > 1 && 2 * count > templates.len()).map(|(layout, _)| layout)
}
