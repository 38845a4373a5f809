//! What there is to say of a template of a plan beside what changes.

use super::prose::Prose;
use crate::model::{Advice, Attributes, Commands};
use crate::plan::{Action, Entry, Plan, RenamedTo, Submission};
use crate::report::{in_doubt, value_text};

/// Tells of templates, and with which commands.
pub(super) struct Teller<'p> {
    pub(super) plan: &'p Plan,
    pub(super) commands: &'p dyn Commands,
}

impl Teller<'_> {
    /// What there is to say of a template.
    pub(super) fn notes(&self, entry: &Entry) -> Vec<Prose> {
        let mut notes = match &entry.action {
            Action::Create(submission) | Action::Update(submission) => self.of_submission(entry, submission),
            Action::Orphan { before, protect, renamed_to } => {
                let mut notes = vec![match renamed_to {
                    Some(to) => Self::of_renamed(to),
                    None if *protect => self.of_protected(entry),
                    None => self.of_orphan(entry, before.as_ref()),
                }];
                if *protect && renamed_to.is_some() {
                    notes.push("It is protected.".to_owned());
                }
                notes
            }
            Action::Pending { job, .. } => {
                vec![format!("The server's job {job} has not ended; the next apply asks for it.")]
            }
            Action::InDoubt { reason, .. } => {
                let (words, command) = in_doubt::next_step(self.plan, entry, "To settle it");
                let command = self.commands.command(&command);
                vec![reason.clone(), format!("{}: {command}", value_text::capitalised(words))]
            }
            Action::Move { from } => vec![format!("Moved, was {from}.")],
        };
        notes.extend(entry.last_error.as_deref().map(|error| format!("Failed last time: {error}")));
        notes.iter().map(|note| Prose::of(note)).collect()
    }

    fn of_submission(&self, entry: &Entry, submission: &Submission) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(held) = &submission.held {
            notes.push(self.plan.help_of_held(entry, held).below(&held.why(entry), self.commands));
        }
        if submission.before.is_none() && matches!(entry.action, Action::Update(_)) {
            notes.push(value_text::sentence(&value_text::not_known(&submission.after)));
        }
        if submission.resend {
            notes
                .push("Everything is sent again: what became of an earlier attempt is not known.".to_owned());
        }
        notes
    }

    fn of_renamed(to: &RenamedTo) -> String {
        let RenamedTo { key: to, has_row } = to;
        if *has_row {
            return format!("{to} is for the same resource and audience: see what is said of it.");
        }
        format!(
            "{to} is for the same resource and audience: the warning above has what keeps it one template."
        )
    }

    fn of_protected(&self, entry: &Entry) -> String {
        let apply = self.commands.command(&Advice::ApplyOnly { keys: vec![entry.key.clone()] });
        format!("It is protected. To forget it, put it back with `protect: false`, then run: {apply}")
    }

    fn of_orphan(&self, entry: &Entry, before: Option<&Attributes>) -> String {
        let title = before.and_then(Attributes::title);
        let title = title.map_or("it".to_owned(), |title| value_text::short(Some(&title.into())));
        let id = entry.id.as_ref().map(|id| format!(" (id {id})")).unwrap_or_default();
        let forget = self.commands.command(&Advice::StateRm { keys: vec![entry.key.clone()] });
        format!("Delete {title}{id} in the admin page, then run: {forget}")
    }
}
