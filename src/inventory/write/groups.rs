//! Decides which template goes into which file.

use std::collections::{BTreeMap, BTreeSet};

use super::layouts::DesignLayouts;
use super::names::numbered;
use super::slug::words;
use super::{SeenTemplate, WriteRequest};
use crate::model::NaturalKey;

/// From how many templates on a group gets a file of its own.
const LEAST: usize = 3;
/// The greatest length of a file's name, in characters: in a script without blanks, a whole title can be one word.
const MAX_LENGTH: usize = 40;
/// The file of templates that are in no such group.
const OTHER: &str = "other";

/// How templates are spread over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// All in one file.
    #[default]
    None,
    /// Courses in one file, learning paths in another.
    Type,
    /// A file for each layout.
    Layout,
    /// A file for each first word of a title.
    Prefix,
}

/// A file to be written.
#[derive(Debug)]
pub(super) struct FileGroup {
    /// Its name, relative to the folder.
    pub(super) name: String,
    /// The layouts that are written in it.
    pub(super) layouts: Vec<usize>,
    /// Its templates, by key.
    pub(super) templates: Vec<usize>,
}

/// The files, each with its layouts and templates. One with layouts for others comes first.
pub(super) fn of(
    seen: &[&SeenTemplate],
    keys: &[String],
    layouts: &DesignLayouts,
    request: &WriteRequest<'_>,
) -> Vec<FileGroup> {
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for template in 0..seen.len() {
        let name = name(template, seen, layouts, request.group_by);
        by_name.entry(name).or_default().push(template);
    }
    if matches!(request.group_by, GroupBy::Layout | GroupBy::Prefix) {
        let small: Vec<String> = by_name
            .iter()
            .filter(|(name, templates)| templates.len() < LEAST && *name != OTHER)
            .map(|(name, _)| name.clone())
            .collect();
        let moved: Vec<usize> = small.iter().filter_map(|name| by_name.remove(name)).flatten().collect();
        if !moved.is_empty() {
            by_name.entry(OTHER.to_owned()).or_default().extend(moved);
        }
    }
    let mut groups: Vec<FileGroup> = by_name
        .into_iter()
        .map(|(name, mut templates)| {
            templates.sort_by(|one, other| keys[*one].cmp(&keys[*other]));
            FileGroup { name, layouts: Vec::new(), templates }
        })
        .collect();
    place_layouts(&mut groups, layouts);
    let is_taken =
        |name: &str| ["yaml", "yml"].iter().any(|ending| request.files.contains(&format!("{name}.{ending}")));
    let names = numbered(groups.iter().map(|group| group.name.as_str()), is_taken);
    for (group, name) in groups.iter_mut().zip(names) {
        group.name = format!("{name}.yaml");
    }
    groups
}

/// The name of a template's file without its ending.
fn name(template: usize, seen: &[&SeenTemplate], layouts: &DesignLayouts, group_by: GroupBy) -> String {
    let attributes = &seen[template].attributes;
    match group_by {
        GroupBy::None => "templates".to_owned(),
        GroupBy::Type if attributes.text(NaturalKey::FIELDS[0]) == Some("learningPath") => {
            "learning-paths".to_owned()
        }
        GroupBy::Type => "courses".to_owned(),
        GroupBy::Layout => match layouts.of_template(template) {
            Some(place) => layouts.all[place.layout].name.clone(),
            None => OTHER.to_owned(),
        },
        GroupBy::Prefix => {
            let first = words(attributes.title().unwrap_or_default()).into_iter().next();
            let first = first.filter(|word| word.contains(char::is_alphabetic));
            first.map_or_else(|| OTHER.to_owned(), |word| word.chars().take(MAX_LENGTH).collect())
        }
    }
}

/// Puts each new layout into the only file that uses it, or into one of its own with all others that several files use.
fn place_layouts(groups: &mut Vec<FileGroup>, layouts: &DesignLayouts) {
    let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (group, FileGroup { templates, .. }) in groups.iter().enumerate() {
        let places = templates.iter().filter_map(|template| layouts.of_template(*template));
        for place in places.filter(|place| layouts.all[place.layout].is_new) {
            users.entry(place.layout).or_default().insert(group);
        }
    }
    let mut shared = Vec::new();
    for (layout, users) in users {
        match users.first() {
            Some(only) if users.len() == 1 => groups[*only].layouts.push(layout),
            _ => shared.push(layout),
        }
    }
    if !shared.is_empty() {
        groups.insert(0, FileGroup { name: "layouts".to_owned(), layouts: shared, templates: Vec::new() });
    }
    for group in groups {
        group.layouts.sort_by(|one, other| layouts.all[*one].name.cmp(&layouts.all[*other].name));
    }
}
