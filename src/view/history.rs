//! The versions of a state, as they are told.

use std::collections::BTreeMap;

use super::DescribedChange;
use super::change::describe;
use crate::model::{Attributes, CertificateField, Key};
use crate::plan::{Change, diff};
use crate::state::{Row, VersionStep};

/// The known versions of a state, or of one template of it.
#[derive(Debug)]
pub struct HistoryView<'h> {
    /// The environment.
    pub environment: &'h str,
    /// The template, if it is about one.
    pub key: Option<&'h Key>,
    /// The versions, the newest first.
    pub entries: Vec<HistoryEntry<'h>>,
    /// Why not every version is known, as the end of a sentence.
    pub incomplete: Option<String>,
}

/// One version.
#[derive(Debug)]
pub struct HistoryEntry<'h> {
    /// The version, with what changed.
    pub step: &'h VersionStep,
    /// How the template's attributes differ from those before; empty if it is about all templates.
    pub changes: Vec<Change>,
    /// The same for people; empty if the template is new.
    pub described: Vec<DescribedChange>,
}

impl<'h> HistoryEntry<'h> {
    /// One version of this timeline. `fields` are the known certificate fields, by id in lower case.
    pub fn new(step: &'h VersionStep, fields: &BTreeMap<String, CertificateField>) -> Self {
        let nothing = Attributes::default();
        let [before, after] = step.row.each_ref().map(|row| row.as_ref().and_then(attributes));
        let changes = match after {
            None => Vec::new(),
            Some(after) => diff(before.unwrap_or(&nothing), after),
        };
        let described = match before {
            Some(_) => describe(&changes, &std::collections::BTreeSet::new(), fields),
            None => Vec::new(),
        };
        Self { step, changes, described }
    }
}

fn attributes(row: &Row) -> Option<&Attributes> {
    row.confirmed.as_ref().map(|known| &known.attributes)
}
