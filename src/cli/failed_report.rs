//! Writes the requested reports of a command that failed early, so that a pipeline's comment does not keep showing the
//! plan before. Called by [`super::output`] for every failure.

use super::args::{Command, ReportFormat, ReportTarget};
use super::failure::Failure;
use super::invocation::Invocation;
use super::output::Output;
use crate::report;
use crate::view::FailureView;

/// The requested reports, known as soon as the command line is parsed.
#[derive(Clone, Debug)]
pub(super) struct RequestedReports {
    command: &'static str,
    targets: Vec<ReportTarget>,
    limit: usize,
    /// Writes commands, and knows the environment.
    invocation: Invocation,
}

impl RequestedReports {
    /// Returns the reports that a command was asked for, or `None` if it makes none.
    pub(super) fn by(command: &Command, invocation: &Invocation) -> Option<Self> {
        let (command, reports) = command.reports()?;
        let (targets, limit) = (reports.targets.clone(), reports.limit());
        Some(Self { command, targets, limit, invocation: invocation.clone() })
    }

    /// Writes each report and returns the failures of those that could not be written.
    pub(super) fn write(&self, failure: &Failure, output: &Output) -> Vec<Failure> {
        let help = failure.help_text(&self.invocation);
        let (commands, findings) = (&self.invocation, &failure.findings);
        let reason = (failure.message.as_str(), &failure.help);
        let view = FailureView::new(self.command, commands.environment(), failure.exit, reason, findings);
        let text = |format| -> Result<String, Failure> {
            Ok(match format {
                ReportFormat::Html => report::html::failure(&view, commands)?,
                ReportFormat::Json => {
                    report::json::error(failure.exit, &failure.message, help.as_deref(), findings)
                }
                ReportFormat::Markdown => report::markdown::failure(&view, commands, self.limit),
            })
        };
        let written = self.targets.iter().map(|target| output.file(&target.file, &text(target.format)?));
        written.filter_map(Result::err).collect()
    }
}
