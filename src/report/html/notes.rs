//! Notes about a template of a plan, beside its changes.

use super::prose::Prose;
use crate::model::{Advice, Commands, Help};
use crate::plan::{Action, Entry, Plan, Submission};
use crate::report::names::InWords;
use crate::report::sentence::{capitalised, sentence};
use crate::report::{beside_changes, in_doubt, orphan};

/// Writes notes about templates, with commands.
pub(super) struct HtmlNotes<'p> {
    pub(super) plan: &'p Plan,
    pub(super) commands: &'p dyn Commands,
}

impl HtmlNotes<'_> {
    /// The notes about one entry.
    pub(super) fn notes(&self, entry: &Entry) -> Vec<Prose> {
        let mut notes = match &entry.action {
            Action::Create(submission) | Action::Update(submission) => self.of_submission(entry, submission),
            Action::Orphan { .. } => self.steps(&orphan::help(entry, &InWords)),
            Action::Pending { job, .. } => vec![Prose::plain(&sentence(&beside_changes::pending(job)))],
            Action::InDoubt { reason, .. } => {
                let mut notes = vec![Prose::plain(reason)];
                notes.extend(self.steps(&in_doubt::help(self.plan, entry, "to settle it")));
                notes
            }
            Action::Move { from } => vec![Prose::plain(&sentence(&beside_changes::moved(from.as_str())))],
        };
        let failed = |error: &str| Prose::plain(&capitalised(&beside_changes::failed(error)));
        notes.extend(entry.last_error.as_deref().map(failed));
        notes
    }

    fn of_submission(&self, entry: &Entry, submission: &Submission) -> Vec<Prose> {
        let mut notes = Vec::new();
        if let Some(held) = &submission.held {
            let help = self.plan.help_of_held(entry, held);
            notes.push(Prose::plain(&held.why(entry)).with(&help, self.commands));
        }
        if submission.before.is_none() && matches!(entry.action, Action::Update(_)) {
            notes.push(Prose::plain(&sentence(&beside_changes::not_known(&submission.after))));
        }
        if submission.resend {
            notes.push(Prose::plain(&sentence(beside_changes::SENT_AGAIN)));
        }
        notes
    }

    /// The advice, each step as a sentence.
    fn steps(&self, help: &Help) -> Vec<Prose> {
        let prose = |step: &Help| Prose::default().with(step, self.commands);
        let step = |(words, command): (&str, Option<&Advice>)| match command {
            Some(command) => prose(&Help::none().run(capitalised(words), command.clone())),
            None => prose(&Help::none().say(sentence(words))),
        };
        help.steps().map(step).collect()
    }
}
