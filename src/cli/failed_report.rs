//! Reports that were asked for, of a command that failed before it had anything to report: a pipeline's comment must
//! not go on telling of the plan before.

use super::args::{Command, ReportFormat, ReportTarget};
use super::failure::Failure;
use super::invocation::Invocation;
use super::output::Output;
use crate::report::{self, Failed};

/// What was asked for, known as soon as the command line is read.
#[derive(Clone, Debug)]
pub(super) struct RequestedReports {
    command: &'static str,
    targets: Vec<ReportTarget>,
    limit: usize,
    /// How commands are written; it knows the environment, too.
    invocation: Invocation,
}

impl RequestedReports {
    /// The reports of a command.
    pub(super) fn by(command: &Command, invocation: &Invocation) -> Option<Self> {
        let (command, reports) = command.reports()?;
        let (targets, limit) = (reports.targets.clone(), reports.limit());
        Some(Self { command, targets, limit, invocation: invocation.clone() })
    }

    /// Writes each of them; answers what could not be written.
    pub(super) fn write(&self, failure: &Failure, output: &Output) -> Vec<Failure> {
        let help = failure.help_text(&self.invocation);
        let failed = Failed {
            command: self.command,
            environment: self.invocation.environment(),
            exit: failure.exit,
            message: &failure.words(&self.invocation),
            findings: &failure.findings,
        };
        let text = |format| -> Result<String, Failure> {
            Ok(match format {
                ReportFormat::Html => report::html::failure(&failed)?,
                ReportFormat::Json => {
                    report::json::error(failed.exit, &failure.message, help.as_deref(), failed.findings)
                }
                ReportFormat::Markdown => report::markdown::failure(&failed, self.limit),
            })
        };
        let written = self.targets.iter().map(|target| output.file(&target.file, &text(target.format)?));
        written.filter_map(Result::err).collect()
    }
}
