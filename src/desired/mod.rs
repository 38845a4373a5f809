//! The desired state: template files, resolved and checked (contract section 2, "Template files").
//!
//! [`load`] reads the files; everything after that is pure. A file becomes a tree of nodes, and the tree becomes
//! typed shapes, with findings noted by path. Then layouts, defaults and variables are resolved, and the rules are
//! checked. The places of templates and labels are kept; a second, marked parser looks up those of findings last, and
//! only for what is reported. Nothing here sends, writes or prints.

mod alias_limits;
mod check;
mod culprit;
mod document;
mod fields;
mod files;
mod folder_glob;
mod given;
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
mod search;
mod sheet;
mod sources;
mod surrogates;
mod suspects;
mod syntax;
mod tree;
mod unknown_name;
mod unlocated;
mod unread;
mod usual_form;
mod values;
mod variables;
mod warnings;
mod written_places;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

pub use check::{RULES, WARNINGS, broken_rules, objections};
pub use folder_glob::is_template_path;
pub use load::{LoadError, LoadRequest, load, load_texts};
pub use written_places::WrittenPlaces;

use crate::model::{Attributes, Canvas, Key, SourceLocation, Warning};
use redact::Redaction;
use sources::Sources;

/// All templates of one environment, as configured.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The templates, by key.
    pub templates: BTreeMap<Key, Template>,
    /// The keys of templates that are for other environments only.
    pub elsewhere: BTreeSet<Key>,
    /// The renames of keys, in order.
    pub moved: Vec<Moved>,
    /// Warnings, sorted by place. Every report of `plan` and `validate` shows them.
    pub warnings: Vec<Warning>,
    /// Variables of the process that are never used, as sentences.
    pub notes: Vec<String>,
    sources: Arc<Sources>,
}

/// One template, resolved and checked.
#[derive(Clone, Debug, PartialEq)]
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

    /// Every file that was read, relative to the folder of certctl.toml.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.names()
    }

    /// The places of labels, each given by template and position in its list, from 0; `None` where no file has it.
    /// A source line that may hold a secret is left out.
    pub fn locate_labels(&self, labels: &[(Key, usize)]) -> Vec<Option<SourceLocation>> {
        let mut redaction = Redaction::default();
        let mut locate = |(key, number): &(Key, usize)| {
            let written = self.templates.get(key)?.written.labels.as_ref()?;
            let Range { start, end } = written.ranges.get(*number)?;
            let source = self.sources.text(&written.file)?;
            let mut place = source.place(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?);
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
