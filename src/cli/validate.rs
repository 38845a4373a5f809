//! `certctl validate`: every check that needs no network.

use std::path::Path;

use super::args::{Form, Global, ValidateArgs};
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use super::repository::Repository;
use crate::apply::Exit;
use crate::model::{Finding, Severity};
use crate::report;
use crate::state::Store as _;

pub(super) fn run(global: &Global, args: &ValidateArgs, output: &Output) -> Result<Exit, Failure> {
    match output.form() {
        Form::Text | Form::Json => check(global, args, output),
        Form::Github | Form::Gitlab => check(global, args, output).map_err(|mut failure| {
            name_in_repository(&mut failure.findings, global);
            failure
        }),
    }
}

fn check(global: &Global, args: &ValidateArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global)?;
    let desired = context.desired(args.allow_empty)?;
    // A state that cannot be read would stop the next plan.
    let snapshot = context.store.read()?;
    context.effective_state(snapshot)?;
    let severity = if args.deny_warnings { Severity::Error } else { Severity::Warning };
    let exit = if args.deny_warnings && !desired.warnings.is_empty() { Exit::Error } else { Exit::Ok };
    let mut warnings: Vec<Finding> = desired.warnings.iter().map(|warning| warning.finding.clone()).collect();
    let templates = desired.templates.len();
    let environment = &context.owner.environment;
    output.data(&match output.form() {
        Form::Text => {
            output.findings(severity, &warnings);
            report::findings::validated(environment, templates, &warnings, args.deny_warnings)
        }
        Form::Json => {
            let state = &context.environment.state;
            let state = state.strip_prefix(&context.config.root).unwrap_or(state);
            report::json::valid(exit, environment, templates, &state.to_string_lossy(), &desired.warnings)
        }
        Form::Github => {
            name_in_repository(&mut warnings, global);
            report::github::warnings(&warnings, severity)
        }
        Form::Gitlab => {
            output.findings(severity, &warnings);
            name_in_repository(&mut warnings, global);
            report::gitlab::warnings(&warnings, severity)
        }
    })?;
    Ok(exit)
}

/// Names the files as whoever shows the findings knows them: from the repository's root.
fn name_in_repository(findings: &mut [Finding], global: &Global) {
    let repository = Repository::around(global.chdir.as_deref().unwrap_or(Path::new(".")));
    for finding in findings {
        finding.place.file = repository.name(&finding.place.file);
    }
}
