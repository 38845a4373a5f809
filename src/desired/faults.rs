//! What is wrong, by path; places are looked up at the end, once a file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::path::{Part, YamlPath};
use super::positions::Positions;
use crate::model::{Finding, Place, SourceText};

/// Something in a file, by path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) file: Arc<Path>,
    pub(super) path: YamlPath,
    pub(super) part: Part,
}

/// One thing wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    pub(super) spot: Spot,
    pub(super) rule: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The text within the spot that is meant, as it is written there.
    pub(super) written: Option<String>,
    pub(super) related: Vec<(Spot, String)>,
}

impl Fault {
    fn new(spot: Spot, rule: &'static str, message: String) -> Self {
        Self { spot, rule, message, help: None, written: None, related: Vec::new() }
    }

    pub(super) fn with_help(spot: Spot, rule: &'static str, message: String, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..Self::new(spot, rule, message) }
    }
}

/// Every fault, each once: what is wrong in a layout is not wrong once more for each template that uses it.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) BTreeSet<Fault>);

impl Faults {
    pub(super) fn add(&mut self, spot: Spot, rule: &'static str, message: impl Into<String>) {
        self.add_with_help(spot, rule, message, None);
    }

    pub(super) fn add_with_help(
        &mut self,
        spot: Spot,
        rule: &'static str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.0.insert(Fault { help, ..Fault::new(spot, rule, message.into()) });
    }

    /// Something wrong with a part of a text, which can have many lines.
    pub(super) fn add_within(
        &mut self,
        spot: Spot,
        written: &str,
        rule: &'static str,
        message: String,
        help: String,
    ) {
        let written = Some(written.to_owned());
        self.0.insert(Fault { written, help: Some(help), ..Fault::new(spot, rule, message) });
    }

    pub(super) fn add_pair(
        &mut self,
        spot: Spot,
        rule: &'static str,
        message: String,
        other: Spot,
        about_other: &str,
    ) {
        let related = vec![(other, about_other.to_owned())];
        self.0.insert(Fault { related, ..Fault::new(spot, rule, message) });
    }

    /// The faults as findings, each with its place, sorted by place.
    pub(super) fn into_findings(self, sources: &HashMap<Arc<Path>, SourceText>) -> Vec<Finding> {
        let mut places = Places::new(sources);
        let mut findings: Vec<Finding> = self.0.iter().map(|fault| places.finding(fault)).collect();
        findings.sort();
        findings
    }
}

/// Looks places up, each file read once.
pub(super) struct Places<'s> {
    sources: &'s HashMap<Arc<Path>, SourceText>,
    positions: BTreeMap<Arc<Path>, Positions>,
}

impl<'s> Places<'s> {
    pub(super) fn new(sources: &'s HashMap<Arc<Path>, SourceText>) -> Self {
        Self { sources, positions: BTreeMap::new() }
    }

    pub(super) fn finding(&mut self, fault: &Fault) -> Finding {
        let related =
            fault.related.iter().map(|(spot, about)| (self.place(spot, None), about.clone())).collect();
        Finding {
            place: self.place(&fault.spot, fault.written.as_deref()),
            rule: fault.rule,
            message: fault.message.clone(),
            help: fault.help.clone(),
            related,
        }
    }

    fn place(&mut self, spot: &Spot, written: Option<&str>) -> Place {
        let Some(source) = self.sources.get(&spot.file) else { return Place::whole_file(&*spot.file) };
        let known = self.positions.entry(spot.file.clone()).or_insert_with(|| Positions::of(source.text()));
        known.place(source, &spot.path, spot.part, written)
    }
}
