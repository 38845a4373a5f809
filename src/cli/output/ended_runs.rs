//! The runs of one command in several environments that have ended: a signal that ends the whole command prints them, too.

use std::sync::PoisonError;

use super::Output;
use crate::model::Exit;
use crate::report::{self, EnvironmentRun};

/// The environments of a command, and the runs that have ended.
#[derive(Debug, Default)]
pub(super) struct EndedRuns {
    names: Vec<String>,
    ended: Vec<EnvironmentRun>,
}

impl Output {
    /// Sets the environments in which the command will run, one after the other.
    pub(in crate::cli) fn runs_in(&self, names: &[String]) {
        self.ended_runs.lock().unwrap_or_else(PoisonError::into_inner).names = names.to_vec();
    }

    /// Notes how it ended in the next one.
    pub(in crate::cli) fn has_run(&self, run: &EnvironmentRun) {
        self.ended_runs.lock().unwrap_or_else(PoisonError::into_inner).ended.push(run.clone());
    }

    /// The exit code of the whole command if it ends like this in the environment where it is.
    pub(in crate::cli) fn with_ended_runs(&self, exit: Exit) -> Exit {
        let runs = self.ended_runs.lock().unwrap_or_else(PoisonError::into_inner);
        Exit::worst(runs.ended.iter().map(|run| run.exit).chain([exit]))
    }

    /// The document of the whole command if it ends with this one in the environment where it is; `None` unless it runs in
    /// several.
    pub(super) fn document_of_all(&self, exit: Exit, document: &str) -> Option<String> {
        let runs = self.ended_runs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = runs.ended.clone();
        for name in runs.names.get(all.len()..).filter(|_| !runs.names.is_empty())? {
            let is_where_it_is = all.len() == runs.ended.len();
            all.push(EnvironmentRun {
                environment: name.clone(),
                exit: if is_where_it_is { exit } else { Exit::Interrupted },
                document: is_where_it_is.then(|| document.to_owned()),
            });
        }
        let worst = Exit::worst(all.iter().map(|run| run.exit).chain([exit]));
        Some(report::json::environments(worst, &all))
    }
}
