//! A command that failed before it had anything else to report.

use std::collections::BTreeSet;

use crate::model::{Exit, Finding};

/// What there is to tell of it, in every format.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'a> {
    /// The command: `plan`, `apply` or `show`.
    pub command: &'a str,
    /// The environment, if it came so far.
    pub environment: Option<&'a str>,
    /// How it ended.
    pub exit: Exit,
    /// Why.
    pub message: &'a str,
    /// What is wrong in the configuration, if that is why.
    pub findings: &'a [Finding],
}

impl Failed<'_> {
    /// The sentence that stands first and last: `Plan failed: 3 problems in 2 files.`
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
