//! What should be: YAML files → resolved, checked templates (contract section 2, "Template files").
//!
//! [`load`] reads the files; everything after it is pure. A file becomes a tree of nodes, the tree becomes shapes with
//! their faults noted by path, layouts and defaults and variables are resolved, and the rules are checked. Places are
//! looked up last, by a second, marked parser, and only for what is reported or listed.

mod alias_limits;
mod check;
mod culprit;
mod document;
mod fields;
mod files;
mod folder_glob;
mod given;
mod key_lines;
mod large_numbers;
mod load;
mod marked_text;
mod merge_keys;
mod missing;
mod named_values;
mod offsets;
mod parallel_parse;
mod path;
mod path_cursor;
mod places;
mod positions;
mod redact;
mod resolve;
mod resolve_file;
mod search;
mod sheet;
mod surrogates;
mod suspects;
mod syntax;
mod tree;
mod unknown_name;
mod unlocated;
mod unread;
mod values;
mod variables;
mod warnings;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

pub use check::{Objection, RULES, WARNINGS, broken_rules, objections};
pub use folder_glob::is_template_path;
pub use load::{LoadError, LoadRequest, load, load_texts};

use crate::model::{Attributes, Canvas, Key, SourceLocation, SourceText, Warning};
use path::PathPart;
use places::Places;
use redact::Redaction;
use unlocated::NodeRef;

/// Every template of one environment, as the configuration wants it.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The templates by key.
    pub templates: BTreeMap<Key, Template>,
    /// The keys of templates that are for other environments.
    pub elsewhere: BTreeSet<Key>,
    /// Which keys are new names of old ones.
    pub moved: Vec<Moved>,
    /// What is not wrong and should be known all the same, by place. Plans and `validate` tell it on every surface.
    pub warnings: Vec<Warning>,
    /// Of the process's variables, those that nothing uses, in words.
    pub notes: Vec<String>,
    sources: Arc<HashMap<Arc<Path>, SourceText>>,
}

/// One template, resolved and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// What is to be sent.
    pub attributes: Attributes,
    /// Whether forgetting it takes two steps.
    pub protect: bool,
    /// The size of the sheet that it is drawn on, where the YAML has one.
    pub canvas: Option<Canvas>,
    /// Where it is written, relative to the folder of certctl.toml.
    pub file: Arc<Path>,
    /// Where its list of labels is written: in itself, in its layout, or in the defaults of its file.
    pub labels_at: Option<LabelsRef>,
}

/// Where something is written in a template file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelsRef(Arc<NodeRef>);

/// A template that got another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The key it had.
    pub from: Key,
    /// The key it has now.
    pub to: Key,
}

impl Desired {
    /// Templates that were made and not read: for those who have no files.
    pub fn from_templates(templates: impl IntoIterator<Item = (Key, Template)>, moved: Vec<Moved>) -> Self {
        Self { templates: templates.into_iter().collect(), moved, ..Self::default() }
    }

    /// Every file that was read, relative to the folder of certctl.toml.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.keys().map(AsRef::as_ref)
    }

    /// The places of labels, each given by its template and its number in the list; nothing where no file has it. The line
    /// is not shown where it may hold a secret.
    pub fn locate_labels(&self, labels: &[(Key, usize)]) -> Vec<Option<SourceLocation>> {
        let variables = BTreeMap::new();
        let mut places = Places::new(&self.sources, &variables);
        let mut redaction = Redaction::default();
        let mut locate = |(key, number): &(Key, usize)| {
            let LabelsRef(list) = self.templates.get(key)?.labels_at.as_ref()?;
            let spot =
                NodeRef { path: list.path.item(*number), part: PathPart::Value, ..NodeRef::clone(list) };
            self.sources.get(&spot.file)?;
            let mut place = places.place(&spot, None);
            redaction.redact_place(&mut place);
            Some(place)
        };
        labels.iter().map(&mut locate).collect()
    }

    /// The line of each of these keys in its file. Only the files that hold one of them are looked at.
    pub fn locate(&self, keys: &BTreeSet<Key>) -> HashMap<Key, usize> {
        let mut by_file: BTreeMap<&Arc<Path>, BTreeSet<&str>> = BTreeMap::new();
        for key in keys {
            if let Some(template) = self.templates.get(key) {
                by_file.entry(&template.file).or_default().insert(key.as_str());
            }
        }
        let by_file: Vec<_> = by_file.into_iter().collect();
        by_file
            .into_par_iter()
            .filter_map(|(file, keys)| Some(key_lines::lines_of_keys(self.sources.get(file)?.text(), &keys)))
            .flatten()
            .filter_map(|(key, line)| Some((Key::new(key).ok()?, line)))
            .collect()
    }
}
