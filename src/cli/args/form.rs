//! What `validate`, `plan`, `apply` and `show` write to stdout.

use std::ffi::OsString;

use clap::ValueEnum;

/// What stdout holds, and whoever reads it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportForm {
    /// Text for people.
    Text,
    /// GitHub's workflow commands.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// One JSON document.
    Json,
}

impl ReportForm {
    /// Guesses the form from arguments that cannot be parsed as a whole.
    pub(in crate::cli) fn guess(arguments: impl Iterator<Item = OsString>) -> Self {
        let arguments: Vec<_> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
        if arguments.iter().any(|argument| argument == "--json") {
            return Self::Json;
        }
        let apart = arguments.windows(2).filter(|pair| pair[0] == "--format").map(|pair| pair[1].as_str());
        let mut formats =
            apart.chain(arguments.iter().filter_map(|argument| argument.strip_prefix("--format=")));
        formats.find_map(|format| Self::from_str(format, false).ok()).unwrap_or(Self::Text)
    }
}
