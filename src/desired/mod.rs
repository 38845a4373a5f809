//! The desired state: template files, resolved and checked (contract section 2, "Template files").
//!
//! [`load`] reads the files; everything after that is pure. A file becomes a tree of nodes, and the tree becomes
//! typed shapes, with findings noted by path. Then layouts, defaults and variables are resolved, and the rules are
//! checked. The places of templates and labels are kept; a second, marked parser looks up those of findings last, and
//! only for what is reported. `formatting` finds the canonical form of a file. Nothing here sends, writes or prints.

mod alias_limits;
mod check;
mod culprit;
mod document;
mod fields;
mod files;
mod folder_glob;
mod formatting;
mod given;
mod large_numbers;
mod load;
mod marked_text;
mod merge_keys;
mod missing;
mod named_values;
mod offsets;
mod one_line_value;
mod parallel_parse;
mod path;
mod path_cursor;
mod places;
mod positions;
mod redact;
mod resolve;
mod schema;
mod search;
mod sheet;
mod sources;
mod surrogates;
mod suspects;
mod syntax;
mod text_files;
mod tree;
mod unknown_name;
mod unlocated;
mod unread;
mod usual_form;
mod values;
mod variable_names;
mod variables;
mod warnings;
mod weigh;
mod written_places;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use check::{EXAMPLES, RULES, WARNINGS, broken_rules, label_objections, objections};
pub use folder_glob::is_template_path;
pub use formatting::{FORMAT_RULES, TemplateFile, TemplateFiles, formatted, line_changes, read_files};
pub use load::{FilesAhead, LoadError, LoadRequest, load, load_ahead, load_texts};
pub use one_line_value::with_value;
pub use schema::schema;
pub use written_places::WrittenPlaces;

use crate::model::{Attributes, Canvas, Key, SourceLocation, Warning, label_field};
use path::{PathPart, YamlPath};
use places::Places;
use redact::Redaction;
use sources::Sources;
use unlocated::NodeRef;

/// All templates of one environment, as configured.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The templates, by key.
    pub templates: BTreeMap<Key, Template>,
    /// The layouts, by name. One that cannot be used here, or that unsets an attribute, is without attributes.
    pub layouts: BTreeMap<String, Attributes>,
    /// The keys of templates that are for other environments only.
    pub elsewhere: BTreeSet<Key>,
    /// The renames of keys, in order.
    pub moved: Vec<Moved>,
    /// The keys that the state is to forget, each with the place of its entry.
    removed: BTreeMap<Key, NodeRef>,
    /// Warnings, sorted by place. Every report of `plan` and `validate` shows them.
    pub warnings: Vec<Warning>,
    /// Variables of the process that are never used, as sentences.
    pub notes: Vec<String>,
    /// The files that texts are taken from, without links.
    texts: BTreeSet<PathBuf>,
    sources: Arc<Sources>,
}

/// One template, resolved and checked.
#[derive(Clone, Debug)]
pub struct Template {
    /// The attributes to send.
    pub attributes: Attributes,
    /// Whether forgetting it takes two steps.
    pub protect: bool,
    /// The size of the sheet it is drawn on, if the YAML sets one.
    pub canvas: Option<Canvas>,
    /// Its place, relative to the folder of certctl.toml.
    pub file: Arc<Path>,
    /// Where it and its labels are written.
    pub written: WrittenPlaces,
}

/// A rename of a template's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The old key.
    pub from: Key,
    /// The new key.
    pub to: Key,
}

impl Desired {
    /// A desired state from templates in memory, without files.
    pub fn from_templates(templates: impl IntoIterator<Item = (Key, Template)>, moved: Vec<Moved>) -> Self {
        Self { templates: templates.into_iter().collect(), moved, ..Self::default() }
    }

    /// The same, with keys that the state is to forget.
    #[must_use]
    pub fn without(self, removed: impl IntoIterator<Item = Key>) -> Self {
        let nowhere =
            NodeRef { file: Arc::from(Path::new("")), path: YamlPath::root(), part: PathPart::Value };
        Self { removed: removed.into_iter().map(|key| (key, nowhere.clone())).collect(), ..self }
    }

    /// The keys that the state is to forget.
    pub fn removed(&self) -> impl Iterator<Item = &Key> {
        self.removed.keys()
    }

    /// Whether the state is to forget this key.
    pub fn removes(&self, key: &Key) -> bool {
        self.removed.contains_key(key)
    }

    /// The places of the entries of `removed` with these keys: file and line.
    pub fn locate_removed(&self, keys: &BTreeSet<Key>) -> HashMap<Key, (Arc<Path>, usize)> {
        let variables = BTreeMap::new();
        let mut places = Places::new(&self.sources, &variables);
        let entries = keys.iter().filter_map(|key| self.removed.get_key_value(key));
        entries
            .map(|(key, node_ref)| {
                let line = places.place(node_ref, None).line;
                (key.clone(), (Arc::clone(&node_ref.file), line))
            })
            .collect()
    }

    /// Every file that was read, relative to the folder of certctl.toml.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.names()
    }

    /// Every file that a text was taken from, without links.
    pub fn text_files(&self) -> impl Iterator<Item = &Path> {
        self.texts.iter().map(PathBuf::as_path)
    }

    /// The places of labels, each given by template and certificate field; `None` where no file has it. A source line that
    /// may hold a secret is left out.
    pub fn locate_labels(&self, labels: &[(Key, String)]) -> Vec<Option<SourceLocation>> {
        let mut redaction = Redaction::default();
        let mut locate = |(key, field): &(Key, String)| {
            let template = self.templates.get(key)?;
            let labels = template.attributes.get(Attributes::LABELS)?.as_array()?;
            let is_it = |label| label_field(label).is_some_and(|id| id.eq_ignore_ascii_case(field));
            let (file, range) = template.written.label(labels.iter().position(is_it)?, &template.file)?;
            let mut place = self.sources.text(file)?.place(range);
            redaction.redact_place(&mut place);
            Some(place)
        };
        labels.iter().map(&mut locate).collect()
    }

    /// The line of each of these keys in its file.
    pub fn locate(&self, keys: &BTreeSet<Key>) -> HashMap<Key, usize> {
        let line =
            |key: &Key| self.templates.get(key)?.written.line.and_then(|line| usize::try_from(line).ok());
        keys.iter().filter_map(|key| Some((key.clone(), line(key)?))).collect()
    }
}
