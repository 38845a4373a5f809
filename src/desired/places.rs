//! From faults to findings: places are looked up at the end, once a file, and only for what is told.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::fields::type_of;
use super::path::{PathPart, PathStep, YamlPath};
use super::positions::Positions;
use super::redact::TextLines;
use super::unlocated::{Among, NodeRef, UnlocatedFinding, UnlocatedFindings};
use crate::config::{Variable, VariableSource, mentioned};
use crate::model::{Finding, SourceLocation, SourceText, did_you_mean};

/// So many are told. Nobody reads more, and each carries its source line.
pub(super) const MOST_FINDINGS: usize = 10_000;
/// For so many names one is looked for that could be meant: each is compared with all that there are.
const GUESSED: usize = 100;
/// So many variables are shown with a value at fault.
const VARIABLES: usize = 3;
/// Longer values are not searched for variables.
const LONGEST: usize = 64 << 10;

/// The names that there are.
#[derive(Clone, Copy)]
pub(super) struct KnownNames<'k> {
    pub(super) environments: &'k [&'k str],
    pub(super) layouts: &'k [&'k str],
    pub(super) templates: &'k [&'k str],
}

/// Looks places up, each file read once.
pub(super) struct Places<'s> {
    sources: &'s HashMap<Arc<Path>, SourceText>,
    variables: &'s BTreeMap<String, Variable>,
    positions: BTreeMap<Arc<Path>, Positions>,
    /// Of the lines that were looked up, those inside texts.
    pub(super) texts: TextLines,
}

impl<'s> Places<'s> {
    pub(super) fn new(
        sources: &'s HashMap<Arc<Path>, SourceText>,
        variables: &'s BTreeMap<String, Variable>,
    ) -> Self {
        Self { sources, variables, positions: BTreeMap::new(), texts: TextLines::default() }
    }

    /// The faults as findings, sorted by place.
    pub(super) fn findings(&mut self, faults: UnlocatedFindings, known: &KnownNames<'_>) -> Vec<Finding> {
        let left_out = faults.0.len().saturating_sub(MOST_FINDINGS);
        let mut guesses = Guesses { known: *known, made: BTreeMap::new() };
        let mut findings: Vec<Finding> = Vec::with_capacity(faults.0.len() - left_out + 1);
        for mut fault in faults.0.into_iter().take(MOST_FINDINGS) {
            if let Some((among, name)) = fault.unknown.take() {
                fault.message.push_str(&guesses.of(among, name));
            }
            findings.push(self.finding(&fault));
        }
        findings.sort();
        if left_out > 0
            && let Some(last) = findings.last()
        {
            let message =
                format!("there are {left_out} more problems, and these are the first {MOST_FINDINGS}");
            let help = Some("correct what is wrong in the same way everywhere, and look again".to_owned());
            // Wider, so that it stands behind the last one wherever findings are sorted by place.
            let place = SourceLocation { width: last.place.width + 1, ..last.place.clone() };
            findings.push(Finding { place, rule: "too-many", message, help, related: Vec::new() });
        }
        findings
    }

    pub(super) fn finding(&mut self, fault: &UnlocatedFinding) -> Finding {
        let related = fault.related.iter().map(|(spot, about)| (self.place(spot, None), about.clone()));
        let mut related: Vec<(SourceLocation, String)> = related.collect();
        let mut help = fault.help.clone();
        for (name, variable) in self.variables_in(&fault.spot, fault.written.is_some()) {
            match &variable.source {
                VariableSource::File(place) => related.push((place.clone(), format!("{name} is set here"))),
                VariableSource::Process(set) => {
                    add(&mut help, &format!("{name} is set by the variable {set} of the process"));
                }
                VariableSource::Flag => add(&mut help, &format!("{name} is set by --var")),
            }
        }
        let mut place = self.place(&fault.spot, fault.written.as_deref());
        // A file that is not what it should be as a whole may be anything.
        if fault.spot.path == YamlPath::root() && fault.spot.part == PathPart::Value {
            place.source_line.clear();
        }
        Finding { place, rule: fault.rule, message: fault.message.clone(), help, related }
    }

    pub(super) fn place(&mut self, spot: &NodeRef, written: Option<&str>) -> SourceLocation {
        let Some(source) = self.sources.get(&spot.file) else {
            return SourceLocation::whole_file(&*spot.file);
        };
        let known = self.positions.entry(spot.file.clone()).or_insert_with(|| Positions::of(source.text()));
        let place = source.place(known.find(source.text(), &spot.path, spot.part, written).range);
        if written.is_some() && is_in_field(&spot.path) {
            let Range { start, end } = known.find(source.text(), &spot.path, spot.part, None).range;
            let (first, last) = (source.place(start..start).line, source.place(end..end).line);
            // On its first and its last line, a text may have others beside it.
            if (first + 1..last).contains(&place.line) {
                self.texts.add(&place);
            }
        }
        place
    }

    /// The variables that a value is made of: what is wrong with the one may be the fault of the other.
    fn variables_in(&mut self, spot: &NodeRef, is_part: bool) -> Vec<(String, &'s Variable)> {
        if spot.part == PathPart::Name || is_part || self.variables.is_empty() {
            return Vec::new();
        }
        let Some(source) = self.sources.get(&spot.file) else { return Vec::new() };
        let known = self.positions.entry(spot.file.clone()).or_insert_with(|| Positions::of(source.text()));
        let found = known.find(source.text(), &spot.path, spot.part, None);
        let written = source.text().get(found.range).filter(|text| found.is_leaf && text.len() <= LONGEST);
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

/// Which names could be meant.
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
