//! Outcomes that are known at the end of a run but are in no file: the report tells the person which commands record
//! them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::RowOutcome;
use crate::model::{Advice, Help, Key, Settling, TemplateId};
use crate::plan::{Action, Entry};
use crate::state::{Record, RecordedOutcome};

/// Rows whose outcome is reported but not recorded.
#[derive(Debug, Default)]
pub(super) struct Unrecorded {
    rows: HashSet<Key>,
    cause: UnrecordedCause,
}

/// Why outcomes could not be recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum UnrecordedCause {
    /// They could not be written; the journal says that the rows were sent.
    #[default]
    NotWritten,
    /// The journal is gone: no file even says that the rows were sent.
    JournalGone,
    /// Another run has taken over the state, in which what this run had in flight is in doubt.
    TakenOver,
}

impl Unrecorded {
    /// The rows of these outcomes, which could not be written; the journal says that they were sent.
    pub(super) fn of(unwritten: &[Arc<Record>]) -> Self {
        let rows = unwritten.iter().filter_map(|record| match &**record {
            Record::Outcome { rows, .. } => Some(rows),
            _ => None,
        });
        Self { rows: rows.flatten().map(|row| row.key.clone()).collect(), cause: UnrecordedCause::NotWritten }
    }

    /// Every row of a run whose journal is gone.
    pub(super) fn all(results: &HashMap<Key, RecordedOutcome>) -> Self {
        Self::because(UnrecordedCause::JournalGone, results)
    }

    /// Every row of a run whose state another run has taken over.
    pub(super) fn taken_over(results: &HashMap<Key, RecordedOutcome>) -> Self {
        Self::because(UnrecordedCause::TakenOver, results)
    }

    fn because(cause: UnrecordedCause, results: &HashMap<Key, RecordedOutcome>) -> Self {
        let matters = |result: &RecordedOutcome| {
            !matches!(result, RecordedOutcome::NotSent | RecordedOutcome::Failed { .. })
        };
        let rows = results.iter().filter(|(_, result)| matters(result)).map(|(key, _)| key.clone());
        Self { rows: rows.collect(), cause }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The message of a row: why it ended as it did, and that this is not recorded.
    pub(super) fn message(&self, key: &Key, error: Option<String>) -> Option<String> {
        if !self.rows.contains(key) {
            return error;
        }
        let why = error.map(|error| format!("{error}; ")).unwrap_or_default();
        Some(format!("{why}not recorded"))
    }

    /// The command that records it.
    pub(super) fn help(&self, entry: &Entry, outcome: RowOutcome, id: Option<&TemplateId>) -> Help {
        if !self.rows.contains(&entry.key) {
            return Help::none();
        }
        if self.cause == UnrecordedCause::JournalGone {
            return anew(entry, outcome, id);
        }
        Help::none().run(WHEN, resolve(entry, outcome, id))
    }

    /// The warning about all of them.
    pub(super) fn warning(&self) -> Option<String> {
        let rows = match self.rows.len() {
            0 => return None,
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        Some(match self.cause {
            UnrecordedCause::JournalGone => format!(
                "the journal is gone, and with it everything that this run had recorded: the outcome of {rows} is in \
                 this output only. Keep it. Put the state back as it was before this run, if there was one (git \
                 checkout), and run the commands beside the rows before anything else: an apply before that would create \
                 them a second time"
            ),
            UnrecordedCause::TakenOver => format!(
                "another run has taken over the state, so the outcome of {rows} may be in this output only. Keep it, and \
                 look at the plan once that run has ended: for rows that are in doubt there, run the commands beside them"
            ),
            UnrecordedCause::NotWritten => format!(
                "the outcome of {rows} could not be recorded and is in this output only. Keep it, make room, and run \
                 the commands beside the rows"
            ),
        })
    }
}

const WHEN: &str = "Once the state can be written";

/// The command for a row that the journal says was sent.
fn resolve(entry: &Entry, outcome: RowOutcome, id: Option<&TemplateId>) -> Advice {
    let key = &entry.key;
    let repeats = entry.action.submission().is_some_and(|submission| submission.resend);
    let how = match (outcome, id) {
        // The refusal of a repetition says nothing about the attempt that it repeats.
        (RowOutcome::Failed | RowOutcome::NotSent, _) if repeats => {
            return Advice::Recover { keys: vec![key.clone()] };
        }
        (RowOutcome::Created, Some(id)) => Settling::Created(Some(id.clone())),
        (RowOutcome::Created | RowOutcome::Updated, _) => Settling::Applied,
        (RowOutcome::Failed | RowOutcome::NotSent, _) => Settling::NotCreated,
        _ => return Advice::Recover { keys: vec![key.clone()] },
    };
    Advice::Settle { key: Some(key.clone()), how }
}

/// Advice for a row that no file says was sent: the next plan takes it for what it was before.
fn anew(entry: &Entry, outcome: RowOutcome, id: Option<&TemplateId>) -> Help {
    let import = |id: Option<&TemplateId>| Advice::Import { key: entry.key.clone(), id: id.cloned() };
    match (&entry.action, outcome, id) {
        (Action::Update(_), ..) => {
            let apply = Advice::ApplyOnly { keys: vec![entry.key.clone()] };
            Help::none().run("Once the state can be written, to set the same values again", apply)
        }
        (_, RowOutcome::Created, Some(id)) => Help::none().run(WHEN, import(Some(id))),
        (_, RowOutcome::Created, None) => Help::none()
            .run("Look up its id in the admin page, and once the state can be written", import(None)),
        _ => Help::none().run(
            "Look in the admin page whether it is there, and if so, once the state can be written",
            import(None),
        ),
    }
}
