//! Decides which long texts get a file of their own, and what it is called.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::defaults::PlannedFile;
use super::layouts::{DesignLayouts, LONG};
use super::names::numbered;
use super::own::{OwnValue, own};
use super::slug::slug;
use super::{SeenTemplate, WriteRequest};
use crate::model::{is_odd_blank, is_unseen};

/// The attributes that can be in a file, each with the folder and the ending of such files.
const IN_FILES: [(&str, &str, &str); 2] =
    [("customCss", "css", "css"), ("recertificationInstructions", "texts", "txt")];
/// The greatest length of a file's name, in characters.
const MAX_LENGTH: usize = 60;

/// The texts that have files.
pub(super) struct Texts {
    /// The name of the file, relative to the folder, by attribute and text.
    names: BTreeMap<(&'static str, String), String>,
}

impl Texts {
    /// The file of this text, relative to the folder.
    pub(super) fn file(&self, attribute: &str, text: &str) -> Option<&str> {
        let (attribute, ..) = IN_FILES.iter().find(|(name, ..)| *name == attribute)?;
        self.names.get(&(*attribute, text.to_owned())).map(String::as_str)
    }

    /// The files with their texts, by name.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> =
            self.names.iter().map(|((_, text), name)| (name.clone(), text.clone())).collect();
        files.sort();
        files
    }
}

/// A text, where it is written and by how many templates it is used.
#[derive(Default)]
struct TextUse {
    /// What is written with it: the name of a layout, of a file, or a key.
    at: BTreeSet<String>,
    templates: usize,
}

/// Gives a file to every long text that several templates have: a style sheet always, since editors know what it is, and
/// any other text if it would be written more than once.
pub(super) fn of(
    files: &[PlannedFile],
    layouts: &DesignLayouts,
    seen: &[&SeenTemplate],
    keys: &[String],
    request: &WriteRequest<'_>,
) -> Texts {
    let mut texts = Texts { names: BTreeMap::new() };
    for (attribute, folder, ending) in IN_FILES {
        let uses = uses(attribute, files, layouts, seen, keys);
        let mut kept: Vec<(&str, String)> = uses
            .into_iter()
            .filter(|(text, used)| {
                used.templates > 1 && (attribute == "customCss" || used.at.len() > 1) && survives(text)
            })
            .filter_map(|(text, used)| Some((text, used.at.into_iter().next()?)))
            .collect();
        kept.sort_by(|(text, at), (other, than)| at.cmp(than).then_with(|| text.cmp(other)));
        let path = |name: &str| format!("{folder}/{name}.{ending}");
        let wanted: Vec<String> = kept.iter().map(|(_, at)| slug(at, '-', MAX_LENGTH)).collect();
        let wanted = wanted.iter().map(|name| if name.is_empty() { folder } else { name.as_str() });
        let names = numbered(wanted, |name| request.files.contains(&path(name)));
        for ((text, _), name) in kept.iter().zip(names) {
            texts.names.insert((attribute, (*text).to_owned()), path(&name));
        }
    }
    texts
}

/// The long texts of an attribute with their uses.
fn uses<'a>(
    attribute: &str,
    files: &'a [PlannedFile],
    layouts: &'a DesignLayouts,
    seen: &'a [&SeenTemplate],
    keys: &[String],
) -> HashMap<&'a str, TextUse> {
    let mut uses: HashMap<&str, TextUse> = HashMap::new();
    let is_long = |text: &&str| text.len() >= LONG;
    for layout in layouts.all.iter().filter(|layout| layout.is_new) {
        if let Some(text) = layout.values.get(attribute).and_then(|value| value.as_str()).filter(is_long) {
            uses.entry(text).or_default().at.insert(layout.name.clone());
        }
    }
    for file in files {
        if let Some(text) = file.defaults.get(attribute).and_then(|value| value.as_str()).filter(is_long) {
            uses.entry(text).or_default().at.insert(file.name.trim_end_matches(".yaml").to_owned());
        }
        for template in &file.templates {
            if let Some(text) = seen[*template].attributes.text(attribute).filter(is_long) {
                uses.entry(text).or_default().templates += 1;
            }
            for (name, value) in own(*template, seen, file, layouts) {
                if let (true, OwnValue::Value(value)) = (name == attribute, value)
                    && let Some(text) = value.as_str().filter(is_long)
                {
                    uses.entry(text).or_default().at.insert(keys[*template].clone());
                }
            }
        }
    }
    uses
}

/// Whether an editor leaves the text as it is, and nothing in it begins a variable.
fn survives(text: &str) -> bool {
    let is_plain = |c: char| matches!(c, '\n' | '\t') || !c.is_control() && !is_odd_blank(c) && !is_unseen(c);
    text.chars().all(is_plain) && !text.contains("${")
}
