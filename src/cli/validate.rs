//! `certctl validate`: every check that needs no network.

use std::path::Path;

use super::args::{Form, Global, ValidateArgs};
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use super::repository::Repository;
use crate::apply::Exit;
use crate::model::Finding;
use crate::report;
use crate::state::Store as _;

pub(super) fn run(global: &Global, args: &ValidateArgs, output: &Output) -> Result<Exit, Failure> {
    match output.form() {
        Form::Text | Form::Json => check(global, args, output),
        Form::Github | Form::Gitlab => check(global, args, output)
            .map_err(|failure| in_repository(failure, global.chdir.as_deref().unwrap_or(Path::new(".")))),
    }
}

fn check(global: &Global, args: &ValidateArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global)?;
    let desired = context.desired(args.allow_empty)?;
    // A state that cannot be read would stop the next plan.
    let snapshot = context.store.read()?;
    context.effective_state(snapshot)?;
    let count = desired.templates.len();
    let environment = &context.owner.environment;
    let in_repository = |warning: &Finding| {
        let mut warning = warning.clone();
        name_in_repository(&mut warning, &Repository::around(&context.config.root));
        warning
    };
    let warnings = &desired.warnings;
    output.warnings(warnings);
    output.data(&match output.form() {
        Form::Text => {
            let counted = |count: usize, noun: &str| match count {
                1 => format!("1 {noun}"),
                count => format!("{count} {noun}s"),
            };
            let templates = counted(count, "template");
            let told = match warnings.len() {
                0 => String::new(),
                count => format!(", {}", counted(count, "warning")),
            };
            format!("{templates} for {environment}: no problem found{told}.\n")
        }
        Form::Json => {
            let state = &context.environment.state;
            let state = state.strip_prefix(&context.config.root).unwrap_or(state);
            report::json::valid(environment, count, &state.to_string_lossy(), warnings)
        }
        Form::Github => {
            let warnings: Vec<Finding> = warnings.iter().map(in_repository).collect();
            report::github::warnings(&warnings) + report::github::NO_PROBLEM
        }
        Form::Gitlab => {
            let warnings: Vec<Finding> = warnings.iter().map(in_repository).collect();
            report::gitlab::warnings(&warnings)
        }
    })?;
    Ok(Exit::Ok)
}

/// Names the files as whoever shows the findings knows them: from the repository's root.
fn in_repository(mut failure: Failure, folder: &Path) -> Failure {
    let repository = Repository::around(folder);
    for finding in &mut failure.findings {
        name_in_repository(finding, &repository);
    }
    failure
}

fn name_in_repository(finding: &mut Finding, repository: &Repository) {
    finding.place.file = repository.name(&finding.place.file);
}
