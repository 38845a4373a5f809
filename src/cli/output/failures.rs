//! What is printed when a command fails: its findings with their source lines or its message, in the form of the report
//! that was asked for, and in the files of reports.

use std::sync::atomic::Ordering;

use super::Output;
use crate::cli::args::ReportForm;
use crate::cli::failure::Failure;
use crate::model::{Exit, Finding};
use crate::report::{self, findings::LeftOut};

impl Output {
    /// Prints a failure, and writes it to the requested reports.
    pub(in crate::cli) fn failure(&self, failure: &Failure) {
        let findings = failure.findings.iter().map(|finding| self.redacted(finding)).collect();
        let message = self.keys.without(&failure.message).into_owned();
        let failure = &Failure { exit: failure.exit, message, findings, help: failure.help.clone() };
        self.print_failure(failure);
        for unwritten in self.reports.iter().flat_map(|reports| reports.write(failure, self)) {
            // The failure may be that this very file cannot be written.
            if unwritten.message != failure.message {
                self.say(&format!("error: {}", unwritten.message));
            }
        }
    }

    pub(super) fn redacted(&self, finding: &Finding) -> Finding {
        let mut finding = finding.clone();
        self.keys.redact(&mut finding);
        finding
    }

    /// Prints the findings about lines that the command skipped.
    pub(in crate::cli) fn left_out(&self, findings: &[Finding]) {
        self.findings(findings, LeftOut::Lines);
    }

    /// Prints the findings about files that the command left unchanged.
    pub(in crate::cli) fn left_alone(&self, findings: &[Finding]) {
        let findings: Vec<Finding> = findings.iter().map(|finding| self.redacted(finding)).collect();
        self.findings(&findings, LeftOut::FilesUnchanged);
    }

    fn findings(&self, findings: &[Finding], consequence: LeftOut) {
        if !findings.is_empty() {
            let text = report::findings::render_within(
                findings,
                consequence,
                self.colour_err,
                self.columns_err,
                self.commands(),
            );
            self.print_to_stderr(text.trim_end());
        }
    }

    /// Prints the findings of a failure with their source lines, or its message.
    fn print_failure(&self, failure: &Failure) {
        let document = match self.form {
            ReportForm::Text => None,
            ReportForm::Json => {
                let help = failure.help_text(&self.invocation);
                let document =
                    report::json::error(failure.exit, &failure.message, help.as_deref(), &failure.findings);
                Some(self.document_of_all(failure.exit, &document).unwrap_or(document))
            }
            ReportForm::Github => Some(report::github::problems(&failure.findings, &failure.message)),
            ReportForm::Gitlab => Some(report::gitlab::problems(&failure.findings, &failure.message)),
        };
        if let Some(document) = document {
            // If writing to stdout fails, stderr gets the message.
            let _ = self.data(&document);
            let is_on_stdout = !self.stdout_is_lost.load(Ordering::SeqCst);
            // GitLab's report goes to a file, and people look into the job's log. In GitHub's log, source lines could
            // be taken for workflow commands.
            if is_on_stdout && self.form != ReportForm::Gitlab {
                return;
            }
        }
        if !failure.findings.is_empty() {
            self.findings(&failure.findings, LeftOut::NothingSent);
            return;
        }
        let word = match failure.exit {
            Exit::Refused => "refused",
            Exit::Locked => "locked",
            Exit::Interrupted => "interrupted",
            _ => "error",
        };
        let (on, off) = if self.colour_err { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
        self.say(&format!("{on}{word}:{off} {}", report::safe_lines(&failure.words(&self.invocation))));
    }

    /// Reports that a signal ended the process before anything was done.
    pub(in crate::cli) fn interrupted(&self) {
        let message = format!("stopped by a signal; {}", self.nothing_done);
        self.failure(&Failure { exit: Exit::Interrupted, ..Failure::error(message) });
    }
}
