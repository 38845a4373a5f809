//! What is said about one template of a plan, beside its changes: reasons and advice.

use super::{Note, Words};
use crate::model::{Advice, Attributes, TemplateId, Timestamp, removed_entry};
use crate::plan::{Action, Entry, Held, Plan, RenamedTo, Submission};

/// The advice if another run is waiting for the response, before a command.
pub const WAIT: &str = "wait until that run has ended, then look again";

/// What is said of a template whose contents on the server are unknown.
pub const NOT_KNOWN: &str = "what the server holds of it is not known";

/// The notes about an entry.
pub(super) fn of(plan: &Plan, entry: &Entry) -> Vec<Note> {
    let mut notes = match &entry.action {
        Action::Create(submission) | Action::Update(submission) => of_submission(plan, entry, submission),
        Action::Orphan { before, protect, renamed_to } => {
            of_orphan(entry, before.as_ref(), *protect, renamed_to.as_ref())
        }
        Action::Pending { job, .. } => vec![Note::of(pending(job))],
        Action::InDoubt { reason, being_sent, .. } => {
            let settle = if *being_sent {
                Note::run(WAIT, Advice::Plan)
            } else {
                let keys = vec![plan.key_in_state(&entry.key).clone()];
                Note::run("it is not sent again until you settle it", Advice::Recover { keys })
            };
            vec![Note::of(Words::text(reason.as_str())), settle]
        }
        Action::Move { .. } => Vec::new(),
        Action::Forget { before, known_at, seen_in } => {
            vec![Note::of(forget(entry, before.as_ref(), *known_at, seen_in.as_deref()))]
        }
    };
    notes.extend(entry.last_error.as_deref().map(|error| failed(entry, error)));
    notes
}

fn of_submission(plan: &Plan, entry: &Entry, submission: &Submission) -> Vec<Note> {
    let mut notes: Vec<Note> = submission.held.iter().map(|held| self::held(plan, entry, held)).collect();
    if submission.before.is_none() && matches!(entry.action, Action::Update(_)) {
        notes.push(Note::of(not_known(&submission.after)));
    }
    if submission.resend {
        notes.push(Note::of(Words::own(
            "everything is sent again: what became of an earlier attempt is not known",
        )));
    }
    notes
}

/// Why a template is held back, and what to do.
pub(super) fn held(plan: &Plan, entry: &Entry, held: &Held) -> Note {
    Note::of(Words::text(held.why(entry))).below(&plan.help_of_held(entry, held))
}

/// For an imported template, whose contents on the server are unknown.
pub(super) fn not_known(after: &Attributes) -> Words {
    let all = match after.names().count() {
        1 => "its one attribute is".to_owned(),
        count => format!("all {count} attributes are"),
    };
    Words::own(format!("{NOT_KNOWN}: {all} sent"))
}

fn pending(job: &str) -> Words {
    Words::own("the server's job ").name(job).and(" has not ended; the next apply asks for it")
}

fn failed(entry: &Entry, error: &str) -> Note {
    if entry.deleted_at.is_some() {
        return Note::of(Words::text(error));
    }
    Note::of(Words::own("failed last time: ").quoting(error))
}

fn of_orphan(
    entry: &Entry,
    before: Option<&Attributes>,
    protect: bool,
    renamed_to: Option<&RenamedTo>,
) -> Vec<Note> {
    let keys = vec![entry.key.clone()];
    match (renamed_to, protect) {
        (Some(to), false) => vec![Note::of(renamed(to))],
        (Some(to), true) => vec![Note::of(renamed(to)), Note::of(Words::own("it is protected"))],
        (None, true) => vec![Note::run(
            "it is protected. To forget it, put it back with `protect: false`, then run",
            Advice::ApplyOnly { keys },
        )],
        (None, false) => {
            let delete = delete(before.and_then(Attributes::title), entry.id.as_ref());
            let words = Words::own("the API cannot delete: ").with(delete).and(", then run");
            let entry = format!("removed: [{}]", removed_entry(entry.key.as_str()));
            let or = Words::own("or write ").name(entry).and(" into the YAML, and the next apply forgets it");
            vec![Note::default().then(words, Advice::StateRm { keys }), Note::of(or)]
        }
    }
}

fn renamed(to: &RenamedTo) -> Words {
    let words = Words::own("it is for the same resource and audience as ").key(&to.key).and(": ");
    if to.has_row {
        words.and("see what is said of ").key(&to.key)
    } else {
        words.and("the warning above has what keeps it one template")
    }
}

/// What is left to do about a template that the state forgets.
fn forget(
    entry: &Entry,
    before: Option<&Attributes>,
    known_at: Option<Timestamp>,
    seen_in: Option<&str>,
) -> Words {
    if before.is_none() && entry.id.is_none() {
        return Words::own("the server is not known to have it");
    }
    let words = match known_at {
        Some(at) => {
            let words = Words::own(format!("the server had it on {at}"));
            let words = match seen_in {
                Some(source) => words.and(", as ").name(source).and(" showed"),
                None => words,
            };
            words.and(", and nothing later is known: ")
        }
        None => Words::own("the server keeps it: "),
    };
    let delete = delete(before.and_then(Attributes::title), entry.id.as_ref());
    words.with(delete).and(" first, if that is not done yet")
}

/// `delete "Cloud 101" (id …) in the admin page`.
pub(super) fn delete(title: Option<&str>, id: Option<&TemplateId>) -> Words {
    let words = Words::own("delete ");
    let words = match (title, id) {
        (None, Some(id)) => words.and("the template with the id ").name(id.as_str()),
        (title, id) => words.template(title, id, Words::own("it")),
    };
    words.and(" in the admin page")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Key;
    use crate::view::specimens::{attributes, entry, plain, plan_of};

    fn notes(protect: bool, to: Option<bool>) -> Vec<String> {
        let renamed_to = to.map(|has_row| RenamedTo { key: Key::new("new").unwrap(), has_row });
        let before = Some(attributes(json!({"title": "Cloud 101"})));
        let mut orphan = entry("old", Action::Orphan { before, protect, renamed_to });
        orphan.id = Some(TemplateId::from("u-1".to_owned()));
        let plan = plan_of(vec![orphan], Vec::new());
        of(&plan, &plan.entries[0]).iter().map(plain).collect()
    }

    #[test]
    fn each_kind_of_orphan_has_its_words() {
        assert_eq!(
            notes(false, None),
            [
                "the API cannot delete: delete \"Cloud 101\" (id u-1) in the admin page, then run: certctl state rm old -e test",
                "or write removed: [{ from: old }] into the YAML, and the next apply forgets it",
            ]
        );
        assert_eq!(
            notes(true, None),
            [
                "it is protected. To forget it, put it back with `protect: false`, then run: certctl apply -e test --target old"
            ]
        );
        let same = "it is for the same resource and audience as new";
        assert_eq!(
            notes(false, Some(false)),
            [format!("{same}: the warning above has what keeps it one template")]
        );
        assert_eq!(
            notes(true, Some(true)),
            [format!("{same}: see what is said of new"), "it is protected".to_owned()]
        );
    }
}
