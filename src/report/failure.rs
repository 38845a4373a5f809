//! A command that failed before it had a plan or a result to report. The printers of every format read it.

use std::collections::BTreeSet;

use crate::model::{Exit, Finding};

/// The failure, as every format shows it.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'a> {
    /// The command: `plan`, `apply` or `show`.
    pub command: &'a str,
    /// The environment, if it was already known.
    pub environment: Option<&'a str>,
    /// The exit status.
    pub exit: Exit,
    /// The reason.
    pub message: &'a str,
    /// The problems in the configuration, if they are the reason.
    pub findings: &'a [Finding],
}

impl Failed<'_> {
    /// The first and last sentence: `Plan failed: 3 problems in 2 files.`
    pub fn verdict(&self) -> String {
        let mut letters = self.command.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let command: String = first.into_iter().chain(letters).collect();
        if !self.findings.is_empty() {
            return format!("{command} failed: {}.", counted(self.findings));
        }
        match self.exit {
            Exit::Refused => format!("{command} refused."),
            Exit::Locked => format!("{command} failed: another run holds the state."),
            Exit::Interrupted => format!("{command} stopped by a signal."),
            _ => format!("{command} failed."),
        }
    }
}

/// `3 problems in 2 files`.
pub(super) fn counted(findings: &[Finding]) -> String {
    let files: BTreeSet<_> = findings.iter().map(|finding| &finding.place.file).collect();
    format!("{} in {}", count(findings.len(), "problem"), count(files.len(), "file"))
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimens::findings;

    #[test]
    fn the_verdict_says_what_failed_and_why() {
        let two = &findings()[..2];
        let failed =
            |exit, findings| Failed { command: "plan", environment: None, exit, message: "", findings };
        assert_eq!(failed(Exit::Error, two).verdict(), "Plan failed: 2 problems in 2 files.");
        assert_eq!(failed(Exit::Error, &[]).verdict(), "Plan failed.");
        assert_eq!(failed(Exit::Refused, &[]).verdict(), "Plan refused.");
        assert_eq!(failed(Exit::Locked, &[]).verdict(), "Plan failed: another run holds the state.");
    }
}
