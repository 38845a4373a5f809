//! What is left for a template itself: its key, and the attributes that its layout and the defaults do not give it.

use std::collections::BTreeSet;

use super::SeenTemplate;
use super::defaults::PlannedFile;
use super::label::Adjustment;
use super::layouts::DesignLayouts;
use super::names::{Candidates, distinct};
use super::slug::slug;
use crate::model::{Attributes, Key, NaturalKey, SharedValue};

/// The greatest length of the part of a key that comes from a title, in characters.
const MAX_LENGTH: usize = 60;

/// A key for each template: the one that the state has, or one made of its title.
pub(super) fn keys(seen: &[&SeenTemplate], taken: &BTreeSet<String>) -> Vec<String> {
    let mut held: BTreeSet<&str> = taken.iter().map(String::as_str).collect();
    held.extend(seen.iter().filter_map(|template| template.key.as_ref()).map(Key::as_str));
    let new = seen.iter().filter(|template| template.key.is_none());
    let candidates: Vec<Candidates> = new.map(|template| candidates(template)).collect();
    let mut made = distinct(&candidates, |name| held.contains(name)).into_iter();
    let key = |template: &&SeenTemplate| match &template.key {
        Some(key) => key.to_string(),
        None => made.next().unwrap_or_default(),
    };
    seen.iter().map(key).collect()
}

/// The title; with what the template is for, where that is not simply a course; with the vendor's id.
fn candidates(template: &SeenTemplate) -> Candidates {
    let text = |name| template.attributes.text(name).unwrap_or_default();
    let slug = |text: &str| slug(text, '-', MAX_LENGTH);
    let title =
        Some(slug(text("title"))).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "template".to_owned());
    let mut whole = title.clone();
    let audience = slug(text(NaturalKey::FIELDS[3]));
    let path = if text(NaturalKey::FIELDS[0]) == "learningPath" { "path" } else { "" };
    for part in [path, &audience].into_iter().filter(|part| !part.is_empty()) {
        whole = format!("{whole}-{part}");
    }
    // A template for everyone who takes a course keeps the title once all others have moved on: `title` comes twice.
    let id = template.id.as_str();
    let short = id.get(..8).unwrap_or(id);
    let (with_short, with_id) = (format!("{whole}-{short}"), format!("{whole}-{id}"));
    vec![title, whole, with_short, with_id]
}

/// What a template says about one attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum OwnValue<'a> {
    /// It has this value.
    Value(&'a SharedValue),
    /// It has none, whatever the layout and the defaults say.
    Unset,
    /// The labels are those of the layout, but for these changes.
    Adjusted(&'a Adjustment),
}

/// What a template of this file says beside its layout, by attribute.
pub(super) fn own<'a>(
    template: usize,
    seen: &'a [&SeenTemplate],
    file: &'a PlannedFile,
    layouts: &'a DesignLayouts,
) -> Vec<(&'a str, OwnValue<'a>)> {
    let attributes = &seen[template].attributes;
    let place = layouts.of_template(template);
    let layout = place.map(|place| &layouts.all[place.layout]);
    let inherited = |name: &str| {
        let of_layout = layout.and_then(|layout| layout.values.get(name));
        of_layout.or_else(|| file.defaults.get(name))
    };
    let mut names: BTreeSet<&str> = attributes.names().collect();
    names.extend(layout.iter().flat_map(|layout| layout.values.keys().map(String::as_str)));
    names.extend(file.defaults.keys().map(String::as_str));
    let value = |name: &'a str| {
        if name == Attributes::LABELS
            && let Some(place) = place.filter(|place| place.has_labels)
        {
            return (!place.adjustment.is_empty()).then_some(OwnValue::Adjusted(&place.adjustment));
        }
        match (attributes.shared_value(name), inherited(name)) {
            (Some(value), Some(inherited)) if value == inherited => None,
            (Some(value), _) => Some(OwnValue::Value(value)),
            (None, Some(_)) => Some(OwnValue::Unset),
            (None, None) => None,
        }
    };
    names.into_iter().filter_map(|name| Some((name, value(name)?))).collect()
}
