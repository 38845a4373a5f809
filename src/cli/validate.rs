//! `certctl validate`: runs every check that needs no network. It changes nothing.

use std::path::Path;

use super::args::{Global, ReportForm, ValidateArgs};
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use super::repository::Repository;
use crate::model::{Exit, Finding, Severity};
use crate::report;
use crate::state::Store as _;

pub(super) fn run(global: &Global, args: &ValidateArgs, output: &Output) -> Result<Exit, Failure> {
    match output.form() {
        ReportForm::Text | ReportForm::Json => check(global, args, output),
        ReportForm::Github | ReportForm::Gitlab => check(global, args, output).map_err(|mut failure| {
            failure.findings = in_repository(failure.findings, global);
            failure
        }),
    }
}

fn check(global: &Global, args: &ValidateArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load_with_templates(global, output)?;
    let read = || context.store.file().map(|_| context.store.read());
    let (desired, snapshot) = context.desired_beside(read, args.allow_empty, output)?;
    // A state that cannot be read would stop the next plan. No connection is made to one on shared storage.
    if let Some(snapshot) = snapshot {
        context.effective_state(snapshot?)?;
    }
    let severity = if args.deny_warnings { Severity::Error } else { Severity::Warning };
    let exit = if args.deny_warnings && !desired.warnings.is_empty() { Exit::Error } else { Exit::Ok };
    let templates = desired.templates.len();
    let environment = &context.identity.environment;
    let warnings: Vec<Finding> = desired.warnings.iter().map(|warning| warning.finding.clone()).collect();
    output.warnings(&warnings, severity);
    output.data(&match output.form() {
        ReportForm::Text => {
            let (denied, commands) = (args.deny_warnings, output.commands());
            report::findings::validated(environment, templates, &warnings, denied, commands)
        }
        ReportForm::Json => {
            let state = match context.store.file() {
                Some(_) => {
                    let path = &context.environment.state;
                    path.strip_prefix(&context.config.root).unwrap_or(path).to_string_lossy().into_owned()
                }
                None => context.store.shown(),
            };
            let shared = context.store.file().is_none();
            report::json::valid(exit, environment, templates, (&state, shared), &desired.warnings)
        }
        ReportForm::Github => {
            let verdict = if exit == Exit::Ok { report::github::NO_PROBLEM } else { "" };
            report::github::warnings(&in_repository(warnings, global), severity) + verdict
        }
        ReportForm::Gitlab => report::gitlab::warnings(&in_repository(warnings, global), severity),
    })?;
    Ok(exit)
}

/// Names the files of findings as the reader of the report knows them: from the repository's root.
fn in_repository(mut findings: Vec<Finding>, global: &Global) -> Vec<Finding> {
    let repository = Repository::around(global.chdir.as_deref().unwrap_or(Path::new(".")));
    for finding in &mut findings {
        finding.place.file = repository.name(&finding.place.file);
    }
    findings
}
