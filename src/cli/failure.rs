//! The failure of a command, in words for the person who must act, with its exit code. Errors of the library are
//! converted here and nowhere else.

use super::invocation::{EXCLUDE, TARGET, in_help};
use crate::config::{ConfigError, CredentialError, EnvironmentError};
use crate::desired::LoadError;
use crate::model::{Advice, Commands, Exit, Finding, Help};
use crate::plan::{Refusal, SavedPlanError, ScopeError, Unmatched};
use crate::state::{EditError, StateError, git_facts};

/// A command's failure, in words for the person who must act.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) message: String,
    pub(super) findings: Vec<Finding>,
    /// What to do now, in addition to the message.
    pub(super) help: Help,
}

impl Failure {
    /// A failure because of the input; the command did nothing.
    pub(super) fn error(message: impl Into<String>) -> Self {
        Self { exit: Exit::Error, message: message.into(), findings: Vec::new(), help: Help::none() }
    }

    /// A refusal, because going on would not be safe; the command did nothing.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, ..Self::error(message) }
    }

    /// Adds what to do now.
    pub(super) fn helped(self, help: Help) -> Self {
        Self { help: self.help.and(help), ..self }
    }

    /// Adds a command to run, and what it is for.
    pub(super) fn run(self, words: impl Into<String>, command: Advice) -> Self {
        Self { help: self.help.run(words, command), ..self }
    }

    /// Returns what to do now, or `None` if there is no advice.
    pub(super) fn help_text(&self, commands: &dyn Commands) -> Option<String> {
        (!self.help.is_empty()).then(|| self.help.lines(commands).join("\n"))
    }

    /// Returns the message and what to do now.
    pub(super) fn words(&self, commands: &dyn Commands) -> String {
        self.help.below(&self.message, commands)
    }

    /// A failure because of findings in the configuration.
    pub(super) fn findings(findings: Vec<Finding>) -> Self {
        let findings: Vec<Finding> = findings.into_iter().map(in_help).collect();
        let message = match findings.len() {
            1 => "the configuration has 1 problem".to_owned(),
            count => format!("the configuration has {count} problems"),
        };
        Self { findings, ..Self::error(message) }
    }

    /// Joins all refusals of a plan in one failure.
    pub(super) fn refusals(refusals: &[Refusal]) -> Self {
        let reasons: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        let help = refusals.iter().fold(Help::none(), |help, refusal| help.and(refusal.help()));
        Self::refused(reasons.join("\n")).helped(help)
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        let help = error.help(&git_facts(&error));
        let exit = match &error {
            StateError::Foreign { .. }
            | StateError::Moved { .. }
            | StateError::Replaced { .. }
            | StateError::JournalIncomplete { .. }
            | StateError::UnsafeStore { .. } => Exit::Refused,
            StateError::Lock(error) if error.is_held() => Exit::Locked,
            _ => Exit::Error,
        };
        Self { exit, help, ..Self::error(error.to_string()) }
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        let exit = if matches!(error, EditError::Protected { .. }) { Exit::Refused } else { Exit::Error };
        Self { exit, help: error.help(), ..Self::error(error.to_string()) }
    }
}

impl From<SavedPlanError> for Failure {
    fn from(error: SavedPlanError) -> Self {
        match error {
            SavedPlanError::Tampered | SavedPlanError::Miscounted => Self::refused(error.to_string()),
            _ => Self::error(error.to_string()),
        }
    }
}

impl From<ScopeError> for Failure {
    fn from(error: ScopeError) -> Self {
        let ScopeError::NoMatch(unmatched) = &error else { return Self::error(error.to_string()) };
        let line = |one: &Unmatched| format!("{} {one}", if one.is_excluded { EXCLUDE } else { TARGET });
        Self::error(unmatched.iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Findings { findings, .. } => Self::findings(findings),
            other => Self { help: other.help(), ..Self::error(other.to_string()) },
        }
    }
}

impl From<EnvironmentError> for Failure {
    fn from(error: EnvironmentError) -> Self {
        Self { help: error.help(), ..Self::error(error.to_string()) }
    }
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Self {
        Self::error(error.to_string())
            .helped(error.help())
            .run("To see whether everything else is right", Advice::Doctor)
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::error(format!("cannot write the report as HTML: {error}"))
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Findings { findings, .. } | LoadError::NoFiles(findings) => Self::findings(findings),
            LoadError::NoTemplates(finding) => Self::findings(vec![*finding]),
        }
    }
}
