//! What there is to say of a template of a plan beside what changes.

use super::prose::Prose;
use crate::model::{Advice, Attributes, Commands, Help};
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
                    Some(to) => Prose::plain(&of_renamed(to)),
                    None if *protect => self.step(of_protected(entry)),
                    None => self.step(of_orphan(entry, before.as_ref())),
                }];
                if *protect && renamed_to.is_some() {
                    notes.push(Prose::plain("It is protected."));
                }
                notes
            }
            Action::Pending { job, .. } => {
                vec![Prose::plain(&format!(
                    "The server's job {job} has not ended; the next apply asks for it."
                ))]
            }
            Action::InDoubt { reason, .. } => {
                let (words, command) = in_doubt::next_step(self.plan, entry, "To settle it");
                vec![Prose::plain(reason), self.step((value_text::capitalised(words), command))]
            }
            Action::Move { from } => vec![Prose::plain(&format!("Moved, was {from}."))],
        };
        let failed = |error: &str| Prose::plain(&format!("Failed last time: {error}"));
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
            notes.push(Prose::plain(&value_text::sentence(&value_text::not_known(&submission.after))));
        }
        if submission.resend {
            notes.push(Prose::plain(
                "Everything is sent again: what became of an earlier attempt is not known.",
            ));
        }
        notes
    }

    fn step(&self, (words, command): (String, Advice)) -> Prose {
        Prose::default().with(&Help::none().run(words, command), self.commands)
    }
}

fn of_renamed(to: &RenamedTo) -> String {
    let RenamedTo { key: to, has_row } = to;
    if *has_row {
        return format!("{to} is for the same resource and audience: see what is said of it.");
    }
    format!("{to} is for the same resource and audience: the warning above has what keeps it one template.")
}

fn of_protected(entry: &Entry) -> (String, Advice) {
    let words = "It is protected. To forget it, put it back with `protect: false`, then run";
    (words.to_owned(), Advice::ApplyOnly { keys: vec![entry.key.clone()] })
}

fn of_orphan(entry: &Entry, before: Option<&Attributes>) -> (String, Advice) {
    let title = before.and_then(Attributes::title);
    let title = title.map_or("it".to_owned(), |title| value_text::short(Some(&title.into())));
    let id = entry.id.as_ref().map(|id| format!(" (id {id})")).unwrap_or_default();
    let words = format!("Delete {title}{id} in the admin page, then run");
    (words, Advice::StateRm { keys: vec![entry.key.clone()] })
}
