//! Asks a person for `yes` before a command does what it has just described. Without a terminal it names the command that
//! needs no answer.

use super::super::failure::Failure;
use super::super::output::Output;
use crate::model::Advice;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consent {
    /// The command, such as `state push`.
    pub(super) command: &'static str,
    /// The question.
    pub(super) question: &'static str,
    /// What the same command does without it, as in "To … without a question".
    pub(super) to_do: &'static str,
    /// What has not happened, as in "nothing was …".
    pub(super) undone: &'static str,
}

impl Consent {
    /// Asks, unless the command line has the answer.
    pub(super) fn ask(self, auto_approve: bool, output: &Output) -> Result<(), Failure> {
        let Self { command, question, to_do, undone } = self;
        if auto_approve {
            return Ok(());
        }
        if !Output::can_ask() {
            let why = format!(
                "{command} asks for confirmation and needs a terminal for that. Nothing was {undone}"
            );
            let again = Advice::Again { auto_approve: true, max_changes: None };
            return Err(Failure::error(why).run(format!("To {to_do} without a question"), again));
        }
        if output.confirms(question) {
            Ok(())
        } else {
            Err(Failure::error(format!("not approved: nothing was {undone}")))
        }
    }
}
