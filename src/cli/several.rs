//! `certctl apply` in several environments, one after the other. Each is a run of its own, with its own throttle, lock,
//! reports and result, and one that fails stops no other.

use std::path::{Path, PathBuf};

use super::args::{ApplyArgs, Command, Global};
use super::context::environment_names;
use super::failure::Failure;
use super::output::Output;
use super::{apply, signals};
use crate::model::Exit;
use crate::report::{self, EnvironmentRun};

/// Applies in each of the environments that were named, or in all.
pub(super) fn run(global: &Global, args: &ApplyArgs, output: &Output) -> Result<Exit, Failure> {
    if args.plan.is_some() {
        return Err(Failure::error(
            "a saved plan is for one environment, and it says for which: apply it without --env and --all-envs",
        ));
    }
    let names = if args.all_envs { environment_names(global, output)? } else { once_each(&global.envs) };
    output.runs_in(&names);
    let run = |name| {
        let run = one(name, global, args, output);
        output.has_run(&run);
        run
    };
    let runs: Vec<EnvironmentRun> = names.into_iter().map(run).collect();
    let exit = Exit::worst(runs.iter().map(|run| run.exit));
    if output.is_json() {
        output.data(&report::json::environments(exit, &runs))?;
    } else {
        output.text(&report::environment_runs(&runs))?;
    }
    Ok(exit)
}

/// The names without repetitions, in the order in which they were given.
pub(super) fn once_each(names: &[String]) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name.clone());
        }
    }
    once
}

fn one(name: String, global: &Global, args: &ApplyArgs, output: &Output) -> EnvironmentRun {
    if *signals::asked().borrow() {
        return EnvironmentRun { environment: name, exit: Exit::Interrupted, document: None };
    }
    // A failure to print the heading comes back with the first text of the run itself.
    let _ = output.text(&report::environment_heading(&name, output.style()));
    let global = Global { env: Some(name.clone()), envs: Vec::new(), ..global.clone() };
    let mut args = args.clone();
    for target in &mut args.common.reports.targets {
        target.file = file_of(&target.file, &name);
    }
    let own = output.for_run(&global, &Command::Apply(args.clone()));
    let exit = apply::run(&global, &args, &own).unwrap_or_else(|failure| {
        own.failure(&failure);
        failure.exit
    });
    EnvironmentRun { environment: name, exit, document: own.kept_document() }
}

/// The file of one environment's report: `apply.html` becomes `apply.production.html`.
fn file_of(file: &Path, environment: &str) -> PathBuf {
    // The name of an environment need not be that of a file.
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let environment: String = environment.chars().map(plain).collect();
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".{environment}"));
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_named_by_environment() {
        let named = |file: &str, environment: &str| file_of(Path::new(file), environment);
        assert_eq!(named("out/apply.html", "production"), Path::new("out/apply.production.html"));
        assert_eq!(named("report", "a/../b"), Path::new("report.a-..-b"));
    }

    #[test]
    fn environments_run_once_each() {
        let names = ["b", "a", "b"].map(str::to_owned);
        assert_eq!(once_each(&names), ["b", "a"]);
    }
}
