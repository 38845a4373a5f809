//! Converts unlocated findings to findings. `load` calls it last; each file is parsed for places at most once, and
//! only if something in it is reported.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::fields::type_of;
use super::path::{PathPart, PathStep, YamlPath};
use super::positions::Positions;
use super::redact::TextLines;
use super::sources::Sources;
use super::unlocated::{Among, NodeRef, UnlocatedFinding, UnlocatedFindings};
use crate::config::{Variable, VariableSource, mentioned};
use crate::model::{Finding, SourceLocation, did_you_mean};

/// The limit of findings. More are not read, and each carries its source line.
pub(super) const MAX_FINDINGS: usize = 10_000;
/// The limit of names for which a similar name is suggested: each is compared with all known names.
const GUESSED: usize = 100;
/// The limit of variables named beside an invalid value.
const VARIABLES: usize = 3;
/// Longer values are not searched for variables, in bytes.
const MAX_VALUE_LENGTH: usize = 64 << 10;

/// The names that exist.
#[derive(Clone, Copy)]
pub(super) struct KnownNames<'k> {
    pub(super) environments: &'k [&'k str],
    pub(super) layouts: &'k [&'k str],
    pub(super) templates: &'k [&'k str],
}

/// Looks up places; each file is parsed once.
pub(super) struct Places<'s> {
    sources: &'s Sources,
    variables: &'s BTreeMap<String, Variable>,
    positions: BTreeMap<Arc<Path>, Positions>,
    /// The places inside of texts, collected for redaction.
    pub(super) texts: TextLines,
}

impl<'s> Places<'s> {
    pub(super) fn new(sources: &'s Sources, variables: &'s BTreeMap<String, Variable>) -> Self {
        Self { sources, variables, positions: BTreeMap::new(), texts: TextLines::default() }
    }

    /// Locates the findings and sorts them by place.
    pub(super) fn findings(&mut self, unlocated: UnlocatedFindings, known: &KnownNames<'_>) -> Vec<Finding> {
        let left_out = unlocated.0.len().saturating_sub(MAX_FINDINGS);
        let mut guesses = Guesses { known: *known, made: BTreeMap::new() };
        let mut findings: Vec<Finding> = Vec::with_capacity(unlocated.0.len() - left_out + 1);
        for mut finding in unlocated.0.into_iter().take(MAX_FINDINGS) {
            if let Some((among, name)) = finding.unknown.take() {
                finding.message.push_str(&guesses.of(among, name));
            }
            findings.push(self.finding(&finding));
        }
        findings.sort();
        if left_out > 0
            && let Some(last) = findings.last()
        {
            let message =
                format!("there are {left_out} more problems, and these are the first {MAX_FINDINGS}");
            let help = Some("correct what is wrong in the same way everywhere, and look again".to_owned());
            // One wider, so that it sorts after the last finding at the same place.
            let place = SourceLocation { width: last.place.width + 1, ..last.place.clone() };
            findings.push(Finding {
                place,
                rule: "too-many",
                message,
                help,
                related: Vec::new(),
                option: None,
            });
        }
        findings
    }

    pub(super) fn finding(&mut self, unlocated: &UnlocatedFinding) -> Finding {
        let related =
            unlocated.related.iter().map(|(node_ref, about)| (self.place(node_ref, None), about.clone()));
        let mut related: Vec<(SourceLocation, String)> = related.collect();
        let mut help = unlocated.help.clone();
        for (name, variable) in self.variables_in(&unlocated.node_ref, unlocated.written.is_some()) {
            match &variable.source {
                VariableSource::File(place) => related.push((place.clone(), format!("{name} is set here"))),
                VariableSource::Process(set) => {
                    add(&mut help, &format!("{name} is set by the variable {set} of the process"));
                }
                VariableSource::Option(option) => add(&mut help, &format!("{name} is set by {option}")),
            }
        }
        let mut place = self.place(&unlocated.node_ref, unlocated.written.as_deref());
        // If the whole file has the wrong shape, its contents are unknown and may be secret.
        if unlocated.node_ref.path == YamlPath::root() && unlocated.node_ref.part == PathPart::Value {
            place.source_line.clear();
        }
        Finding {
            place,
            rule: unlocated.rule,
            message: unlocated.message.clone(),
            help,
            related,
            option: None,
        }
    }

    pub(super) fn place(&mut self, node_ref: &NodeRef, written: Option<&str>) -> SourceLocation {
        let Some(source) = self.sources.text(&node_ref.file) else {
            return SourceLocation::whole_file(&*node_ref.file);
        };
        let known =
            self.positions.entry(node_ref.file.clone()).or_insert_with(|| Positions::of(source.text()));
        let place = source.place(known.find(source.text(), &node_ref.path, node_ref.part, written).range);
        if written.is_some() && is_in_field(&node_ref.path) {
            let Range { start, end } = known.find(source.text(), &node_ref.path, node_ref.part, None).range;
            let (first, last) = (source.place(start..start).line, source.place(end..end).line);
            // The first and last line of a text may contain other values, too.
            if (first + 1..last).contains(&place.line) {
                self.texts.add(&place);
            }
        }
        place
    }

    /// The variables used in a value: an invalid value may come from one of them.
    fn variables_in(&mut self, node_ref: &NodeRef, is_part: bool) -> Vec<(String, &'s Variable)> {
        if node_ref.part == PathPart::Name || is_part || self.variables.is_empty() {
            return Vec::new();
        }
        let Some(source) = self.sources.text(&node_ref.file) else { return Vec::new() };
        let known =
            self.positions.entry(node_ref.file.clone()).or_insert_with(|| Positions::of(source.text()));
        let found = known.find(source.text(), &node_ref.path, node_ref.part, None);
        let written =
            source.text().get(found.range).filter(|text| found.is_leaf && text.len() <= MAX_VALUE_LENGTH);
        let mut names: Vec<&str> = mentioned(written.unwrap_or_default()).collect();
        names.dedup();
        let variable = |name: &str| Some((name.to_owned(), self.variables.get(name)?));
        names.into_iter().filter_map(variable).take(VARIABLES).collect()
    }
}

/// Whether a path leads to the value of a field that certctl knows.
fn is_in_field(path: &YamlPath) -> bool {
    let name = path.0.iter().rev().find_map(|step| match step {
        PathStep::Member(name, _) => Some(name),
        PathStep::Item(_) => None,
    });
    name.is_some_and(|name| type_of(name).is_some())
}

fn add(help: &mut Option<String>, words: &str) {
    *help = Some(match help.take() {
        Some(help) => format!("{help}; {words}"),
        None => words.to_owned(),
    });
}

/// Suggests similar names.
struct Guesses<'k> {
    known: KnownNames<'k>,
    made: BTreeMap<(Among, String), String>,
}

impl Guesses<'_> {
    fn of(&mut self, among: Among, name: String) -> String {
        let names = match among {
            Among::Environments => self.known.environments,
            Among::Layouts => self.known.layouts,
            Among::Templates => self.known.templates,
        };
        if let Some(guess) = self.made.get(&(among, name.clone())) {
            return guess.clone();
        }
        if self.made.len() >= GUESSED {
            return String::new();
        }
        let guess = did_you_mean(&name, names);
        self.made.insert((among, name), guess.clone());
        guess
    }
}
