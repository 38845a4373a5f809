//! A command that failed before it had a plan or a result, as it is told.

use std::collections::BTreeSet;

use super::notice::counted;
use super::{Note, ReportNotice, Words};
use crate::model::{Exit, Finding, Help};

/// A failure, as it is told.
#[derive(Debug)]
pub struct FailureView<'a> {
    /// The command: `plan`, `apply` or `show`.
    pub command: &'a str,
    /// The environment, if it was already known.
    pub environment: Option<&'a str>,
    /// The first and last sentence: `Plan failed: 3 problems in 2 files.`
    pub verdict: Words,
    /// The reason, unless the findings give it, place by place.
    pub reason: Option<ReportNotice>,
    /// The problems in the configuration, if they are the reason.
    pub findings: &'a [Finding],
}

/// What is true of every such failure.
pub const NOTHING_SENT: &str = "Nothing was sent.";

impl<'a> FailureView<'a> {
    /// The view of a failure of this command, with its exit status, its message and what to do.
    pub fn new(
        command: &'a str,
        environment: Option<&'a str>,
        exit: Exit,
        (message, help): (&str, &Help),
        findings: &'a [Finding],
    ) -> Self {
        let reason = || ReportNotice::new("Why", Note::of(Words::message(message)).below(help));
        Self {
            command,
            environment,
            verdict: Words::own(verdict(command, exit, findings)),
            reason: findings.is_empty().then(reason),
            findings,
        }
    }
}

fn verdict(command: &str, exit: Exit, findings: &[Finding]) -> String {
    let mut letters = command.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let command: String = first.into_iter().chain(letters).collect();
    if !findings.is_empty() {
        return format!("{command} failed: {}.", problems(findings));
    }
    match exit {
        Exit::Refused => format!("{command} refused."),
        Exit::Locked => format!("{command} failed: another run holds the state."),
        Exit::Interrupted => format!("{command} stopped by a signal."),
        _ => format!("{command} failed."),
    }
}

/// `3 problems in 2 files`.
pub fn problems(findings: &[Finding]) -> String {
    let files: BTreeSet<_> = findings.iter().map(|finding| &finding.place.file).collect();
    format!("{} in {}", counted(findings.len(), "problem"), counted(files.len(), "file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::specimens::findings;

    #[test]
    fn the_verdict_says_what_failed_and_why() {
        let two = &findings()[..2];
        assert_eq!(verdict("plan", Exit::Error, two), "Plan failed: 2 problems in 2 files.");
        assert_eq!(verdict("plan", Exit::Error, &[]), "Plan failed.");
        assert_eq!(verdict("plan", Exit::Refused, &[]), "Plan refused.");
        assert_eq!(verdict("plan", Exit::Locked, &[]), "Plan failed: another run holds the state.");
    }
}
