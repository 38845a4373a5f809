//! `certctl validate`: every check that needs no network.

use std::path::Path;

use super::args::{Form, Global, ValidateArgs};
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use super::repository::Repository;
use crate::apply::Exit;
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
    output.data(&match output.form() {
        Form::Text => {
            let noun = if count == 1 { "template" } else { "templates" };
            format!("{count} {noun} for {environment}: no problem found.\n")
        }
        Form::Json => {
            let state = &context.environment.state;
            let state = state.strip_prefix(&context.config.root).unwrap_or(state);
            report::json::valid(environment, count, &state.to_string_lossy())
        }
        Form::Github => report::github::NO_PROBLEM.to_owned(),
        Form::Gitlab => report::gitlab::NO_PROBLEM.to_owned(),
    })?;
    Ok(Exit::Ok)
}

/// Names the files as whoever shows the findings knows them: from the repository's root.
fn in_repository(mut failure: Failure, folder: &Path) -> Failure {
    let repository = Repository::around(folder);
    for finding in &mut failure.findings {
        finding.place.file = repository.name(&finding.place.file);
    }
    failure
}
