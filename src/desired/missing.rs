//! Variables without a value. A new environment can lack dozens, so one finding lists them all, with lines to
//! paste.

use std::collections::{BTreeMap, BTreeSet};

use super::places::Places;
use super::unlocated::NodeRef;
use crate::config::{Variable, VariableSource, how_to_set};
use crate::model::{Finding, RunOption, SourceLocation, did_you_mean};

/// The limit of places shown.
const SHOWN: usize = 5;
/// The limit of variables written out to be pasted.
const MAX_PASTED: usize = 1_000;
/// The limit of variables for which a similar name is suggested.
const GUESSED: usize = 50;

/// The first use of a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    node_ref: NodeRef,
    /// The `${…}` as written there.
    written: String,
}

/// The variables without a value, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Missing(BTreeMap<String, Use>);

impl Missing {
    pub(super) fn add(&mut self, name: &str, written: &str, node_ref: NodeRef) {
        self.keep(name, Use { node_ref, written: written.to_owned() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for (name, first) in &other.0 {
            self.keep(name, first.clone());
        }
    }

    fn keep(&mut self, name: &str, used: Use) {
        match self.0.get_mut(name) {
            Some(first) if *first <= used => {}
            Some(first) => *first = used,
            None => drop(self.0.insert(name.to_owned(), used)),
        }
    }

    /// One finding for all of them; `None` if there are none.
    pub(super) fn into_finding(
        self,
        places: &mut Places<'_>,
        environment: &str,
        variables: &BTreeMap<String, Variable>,
    ) -> Option<Finding> {
        let mut uses: Vec<(String, SourceLocation)> = self
            .0
            .into_iter()
            .map(|(name, used)| (name, places.place(&used.node_ref, Some(&used.written))))
            .collect();
        uses.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
        let (name, place) = uses.first()?.clone();
        let rule = "undefined-variable";
        if uses.len() == 1 {
            let hint = did_you_mean(&name, variables.keys());
            let message = format!("the variable {name} is not set in the environment {environment}{hint}");
            let help = Some(how_to_set(&heading(environment)));
            let option = Some(RunOption::Variable { name });
            return Some(Finding { place, rule, message, help, related: Vec::new(), option });
        }
        let message = format!("{} variables are not set in the environment {environment}", uses.len());
        let help = Some(to_paste(&uses, environment, variables));
        let related = uses
            .iter()
            .skip(1)
            .take(SHOWN)
            .map(|(name, place)| (place.clone(), format!("{name} is used here")));
        Some(Finding { place, rule, message, help, related: related.collect(), option: None })
    }
}

/// The lines to paste into certctl.toml.
fn to_paste(
    uses: &[(String, SourceLocation)],
    environment: &str,
    variables: &BTreeMap<String, Variable>,
) -> String {
    let is_there = variables.values().any(|variable| matches!(variable.source, VariableSource::File(_)));
    let heading = heading(environment);
    let mut text = if is_there {
        format!("add these lines to certctl.toml, below {heading}, and fill them in:\n")
    } else {
        format!("add these lines to certctl.toml, and fill them in:\n{heading}\n")
    };
    let names: BTreeSet<&str> = uses.iter().map(|(name, _)| name.as_str()).collect();
    let guesses: BTreeMap<&str, String> =
        names.iter().take(GUESSED).map(|name| (*name, did_you_mean(name, variables.keys()))).collect();
    for (name, place) in uses.iter().take(MAX_PASTED) {
        let guess = guesses.get(name.as_str()).map_or("", String::as_str);
        let note = format!("{place}{guess}").replace(char::is_control, "?");
        text.push_str(&format!("{} = \"\" # {note}\n", toml_key(name)));
    }
    if uses.len() > MAX_PASTED {
        text.push_str(&format!("# and {} more\n", uses.len() - MAX_PASTED));
    }
    text.truncate(text.trim_end().len());
    text
}

fn heading(environment: &str) -> String {
    format!("[environments.{}.vars]", toml_key(environment))
}

/// A name as a TOML key, quoted where necessary.
fn toml_key(name: &str) -> String {
    let is_bare =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_bare { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}
