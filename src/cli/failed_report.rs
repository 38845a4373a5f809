//! Reports that were asked for, of a command that failed before it had anything to report: a pipeline's comment must
//! not go on telling of the plan before.

use std::sync::{Arc, OnceLock};

use super::args::{Command, ReportFormat, ReportTarget};
use super::failure::Failure;
use super::output::Output;
use crate::report::{self, Failed};

/// What was asked for, known as soon as the command line is read.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    command: &'static str,
    targets: Vec<ReportTarget>,
    limit: usize,
    /// Known once the configuration is read.
    environment: Arc<OnceLock<String>>,
}

impl Asked {
    /// The reports of a command, on the environment that was named, if one was.
    pub(super) fn by(command: &Command, environment: Option<&str>) -> Option<Self> {
        let (command, reports) = command.reports()?;
        let asked = Self {
            command,
            targets: reports.targets.clone(),
            limit: reports.limit(),
            environment: Arc::default(),
        };
        if let Some(name) = environment {
            asked.works_on(name);
        }
        Some(asked)
    }

    /// From here on the environment is known.
    pub(super) fn works_on(&self, environment: &str) {
        // The first name stays: it is the one that was asked for.
        let _ = self.environment.set(environment.to_owned());
    }

    /// Writes each of them; answers what could not be written.
    pub(super) fn write(&self, failure: &Failure, output: &Output) -> Vec<Failure> {
        let failed = Failed {
            command: self.command,
            environment: self.environment.get().map(String::as_str),
            exit: failure.exit,
            message: &failure.message,
            findings: &failure.findings,
        };
        let text = |format| -> Result<String, Failure> {
            Ok(match format {
                ReportFormat::Html => report::html::failure(&failed)?,
                ReportFormat::Json => report::json::error(failed.exit, failed.message, None, failed.findings),
                ReportFormat::Markdown => report::markdown::failure(&failed, self.limit),
            })
        };
        let written = self.targets.iter().map(|target| output.file(&target.file, &text(target.format)?));
        written.filter_map(Result::err).collect()
    }
}
