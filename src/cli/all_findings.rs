//! Reports the findings of certctl.toml and of the templates together, so that a person can correct both in one pass.
//! Called by [`super::context`]; it never decides whether a run may go on.

use super::args::Global;
use super::context::process_variables;
use super::invocation::VAR;
use super::ledger::now;
use super::output::Output;
use crate::config::{self, Config};
use crate::desired::{self, LoadError};
use crate::model::Finding;

/// Rules that a template may break only because certctl.toml could not be read in full.
const CONSEQUENCES: [&str; 4] =
    ["undefined-variable", "unknown-environment", "unknown-variable", "variable-cycle"];

/// Joins the findings of certctl.toml with those of the templates, loaded with whatever could be read of it.
pub(super) fn with_template_findings(
    findings: Vec<Finding>,
    config: &Config,
    global: &Global,
    output: &Output,
) -> Vec<Finding> {
    let mut all = findings;
    let Ok(environment) = config.environment(global.env.as_deref()) else { return all };
    let variables = config::variables(config, environment, &global.vars, VAR, process_variables());
    let variables = variables.checked(output.keys());
    let loaded = desired::load(&desired::LoadRequest {
        root: &config.root,
        globs: &config.templates,
        environment: &environment.name,
        known_environments: &config.environments.keys().cloned().collect::<Vec<_>>(),
        variables: &variables.variables,
        keys: output.keys(),
        allow_empty: true,
        now: now(),
    });
    let of_templates = match loaded {
        Err(LoadError::Findings { findings, .. }) => findings,
        _ => Vec::new(),
    };
    let found = variables.findings.into_iter().chain(of_templates);
    all.extend(found.filter(|finding| !CONSEQUENCES.contains(&finding.rule)));
    all.sort();
    all
}
