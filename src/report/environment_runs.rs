//! The results of one command in several environments: for people, and as `certctl.environments/v1`.

use serde::Serialize;
use serde_json::Value;

use super::{Style, safe_text};
use crate::model::Exit;

/// How a command ended in one environment.
#[derive(Clone, Debug)]
pub struct EnvironmentRun {
    /// The environment.
    pub environment: String,
    /// How it ended.
    pub exit: Exit,
    /// The document that the command would have printed in this environment alone; `None` if it did not run, or printed
    /// a text.
    pub document: Option<String>,
}

/// `certctl.environments/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct EnvironmentsDocument<'r> {
    /// The environments, in the order in which the command ran.
    environments: Vec<EnvironmentResult<'r>>,
    /// Name and major version of the format.
    format: &'static str,
    /// How it ended altogether: the worst of all, in the order `in_doubt`, `partial`, `interrupted`, `error`, `refused`,
    /// `locked`, `ok`.
    outcome: Exit,
}

/// The result in one environment.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EnvironmentResult<'r> {
    /// The environment.
    environment: &'r str,
    /// How it ended there.
    outcome: Exit,
    /// What the command prints for this environment alone, as `certctl.apply/v1` or `certctl.error/v1`; null if a signal
    /// came before it began.
    result: Option<Value>,
}

impl<'r> EnvironmentsDocument<'r> {
    pub(super) fn new(exit: Exit, runs: &'r [EnvironmentRun]) -> Self {
        let result = |run: &'r EnvironmentRun| EnvironmentResult {
            environment: &run.environment,
            outcome: run.exit,
            result: run.document.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        };
        Self {
            environments: runs.iter().map(result).collect(),
            format: "certctl.environments/v1",
            outcome: exit,
        }
    }
}

/// The line before what is printed for an environment.
pub fn environment_heading(name: &str, style: Style) -> String {
    format!("{}\n", style.bold(&format!("== {} ==", safe_text(name))))
}

/// How it ended in each environment, one on a line.
pub fn environment_runs(runs: &[EnvironmentRun]) -> String {
    let mut text = "\n".to_owned();
    for run in runs {
        text.push_str(&format!("{}: {}\n", safe_text(&run.environment), words(run.exit)));
    }
    text
}

fn words(exit: Exit) -> &'static str {
    match exit {
        Exit::Ok | Exit::Changes => "done",
        Exit::Error => "failed, and nothing was sent",
        Exit::Partial => "done in part",
        Exit::InDoubt => "in doubt",
        Exit::Refused => "refused",
        Exit::Locked => "locked by another run",
        Exit::Interrupted => "interrupted",
    }
}
