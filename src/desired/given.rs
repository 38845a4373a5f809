//! Variables given outside of certctl.toml. A mistyped name would silently leave the old value in force, so
//! variables that are never used are reported.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use crate::config::{FILE, Variable, VariableSource, alike_names, mentioned, under_mentioned_names};
use crate::model::{Finding, SourceLocation, SourceText, did_you_mean};

/// The variables to substitute, and what to say about those that are never used.
pub(super) struct Given {
    pub(super) variables: BTreeMap<String, Variable>,
    /// About `--var`: an error, because a value was meant to be replaced.
    pub(super) findings: Vec<Finding>,
    /// About variables of the process, which may be meant for another program.
    pub(super) notes: Vec<String>,
}

/// `None` if every variable is defined in certctl.toml.
pub(super) fn given(
    variables: &BTreeMap<String, Variable>,
    sources: &HashMap<Arc<Path>, SourceText>,
) -> Option<Given> {
    if variables.values().all(|variable| variable.is_defined) {
        return None;
    }
    let mentioned: BTreeSet<&str> = sources.values().flat_map(|source| mentioned(source.text())).collect();
    let variables = under_mentioned_names(variables, &mentioned);
    let names = || {
        let defined = variables.iter().filter(|(_, variable)| variable.is_defined);
        defined.map(|(name, _)| name.as_str()).chain(mentioned.iter().copied())
    };
    let (mut findings, mut notes) = (Vec::new(), Vec::new());
    let unused = variables.iter().filter(|(name, one)| !one.is_defined && !mentioned.contains(name.as_str()));
    for (name, variable) in unused {
        let alike = alike_names(name, names());
        let hint = if alike.len() > 1 {
            format!(" (it could be any of: {}; write the name as it is)", alike.join(", "))
        } else {
            did_you_mean(name, names())
        };
        let why =
            format!("no environment of certctl.toml has a variable {name}, and no template uses one{hint}");
        match &variable.source {
            VariableSource::File(_) => {}
            VariableSource::Process(whole) => notes.push(format!("note: {whole} is not used: {why}")),
            VariableSource::Option(option) => findings.push(Finding {
                place: SourceLocation::no_line(FILE),
                rule: "unknown-variable",
                message: format!("{option} {name}: {why}"),
                help: Some(
                    "check how it is spelled; variables are set in certctl.toml under [environments.NAME.vars] and used \
                     as ${var.NAME}"
                        .to_owned(),
                ),
                related: Vec::new(),
                option: None,
            }),
        }
    }
    Some(Given { variables, findings, notes })
}
