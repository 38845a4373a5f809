//! `certctl show`: prints a saved plan, on any machine, offline. It reads no configuration and no state.

use std::path::{Path, PathBuf};

use super::args::ShowArgs;
use super::failure::Failure;
use super::invocation::SAVED_PLAN;
use super::named_file;
use super::output::Output;
use super::plan::{print_plan, report_plan};
use crate::model::{Advice, Exit};
use crate::plan::{Plan, SavedPlanError};
use crate::view::PlanView;

pub(super) fn run(args: &ShowArgs, output: &Output) -> Result<Exit, Failure> {
    output.protect_files([saved_plan(&args.plan)]);
    output.protect_project(Path::new("."));
    let plan = read(&args.plan)?;
    output.works_on(&plan.environment);
    output.is_about_plan(&plan);
    output.can_write(args.reports.files())?;
    let view = PlanView::new(&plan, Vec::new());
    report_plan(&plan, &view, &args.reports, output)?;
    print_plan(&plan, &view, &args.reports, output)?;
    Ok(Exit::Ok)
}

/// Describes the saved plan as a file that no report may overwrite.
pub(super) fn saved_plan(path: &Path) -> (PathBuf, &'static str) {
    (path.to_owned(), "the saved plan")
}

/// Reads a saved plan.
pub(super) fn read(path: &Path) -> Result<Plan, Failure> {
    let text = named_file::plan(path)?;
    Plan::from_text(&text).map_err(|error| {
        // A file that is not a plan must not be overwritten by one.
        let (words, file) = match error {
            SavedPlanError::NotAPlan(_) => ("To save a plan", PathBuf::from(SAVED_PLAN)),
            _ => ("Make the plan again", path.to_owned()),
        };
        let failure = Failure::from(error);
        Failure { message: format!("{}: {}", path.display(), failure.message), ..failure }
            .run(words, Advice::PlanOut { file, like: None })
    })
}
