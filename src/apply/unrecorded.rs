//! Outcomes that are known at the end of a run and stand in no file: what to type so that they do.

use std::collections::{HashMap, HashSet};

use super::RowOutcome;
use crate::model::{Key, TemplateId};
use crate::plan::{Action, Entry};
use crate::state::{Record, RowResult};

/// The rows whose outcome is told and nowhere recorded.
#[derive(Debug, Default)]
pub(super) struct Unrecorded {
    rows: HashSet<Key>,
    /// Whether the journal is gone too: then no file knows even that they were sent.
    journal_is_gone: bool,
}

impl Unrecorded {
    /// The rows of these outcomes, which could not be written; that they were sent is in the journal.
    pub(super) fn of(unwritten: &[Record]) -> Self {
        let rows = unwritten.iter().filter_map(|record| match record {
            Record::Outcome { rows, .. } => Some(rows),
            _ => None,
        });
        Self { rows: rows.flatten().map(|row| row.key.clone()).collect(), journal_is_gone: false }
    }

    /// Every row of a run whose journal is gone.
    pub(super) fn all(results: &HashMap<Key, RowResult>) -> Self {
        let matters = |result: &RowResult| !matches!(result, RowResult::NotSent | RowResult::Failed { .. });
        let rows = results.iter().filter(|(_, result)| matters(result)).map(|(key, _)| key.clone());
        Self { rows: rows.collect(), journal_is_gone: true }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is said of a row: why it ended as it did, and what to type if that is not recorded.
    pub(super) fn tell(
        &self,
        entry: &Entry,
        outcome: RowOutcome,
        id: Option<&TemplateId>,
        error: Option<String>,
    ) -> Option<String> {
        if !self.rows.contains(&entry.key) {
            return error;
        }
        let advice = if self.journal_is_gone { anew(entry, outcome, id) } else { settle(entry, outcome, id) };
        let why = error.map(|error| format!("{error}; ")).unwrap_or_default();
        Some(format!("{why}not recorded; once the state can be written: {advice}"))
    }

    /// What is said of all of them.
    pub(super) fn warning(&self) -> Option<String> {
        let rows = match self.rows.len() {
            0 => return None,
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        Some(if self.journal_is_gone {
            format!(
                "the journal is gone, and with it everything that this run had recorded: the outcome of {rows} stands in \
                 this output only. Keep it. Put the state back as it was before this run, if there was one (git \
                 checkout), and run the commands beside the rows before anything else: an apply before that would create \
                 them a second time"
            )
        } else {
            format!(
                "the outcome of {rows} could not be recorded and stands in this output only. Keep it, make room, and run \
                 the commands beside the rows"
            )
        })
    }
}

/// For a row that the journal knows to have been sent.
fn settle(entry: &Entry, outcome: RowOutcome, id: Option<&TemplateId>) -> String {
    let key = &entry.key;
    let repeats = entry.action.submission().is_some_and(|submission| submission.resend);
    match (outcome, id) {
        // That the repetition was refused says nothing of what it repeated.
        (RowOutcome::Failed | RowOutcome::NotSent, _) if repeats => format!("certctl recover {key}"),
        (RowOutcome::Created, Some(id)) => format!("certctl recover {key} --created {id}"),
        (RowOutcome::Created | RowOutcome::Updated, _) => format!("certctl recover {key} --applied"),
        (RowOutcome::Failed | RowOutcome::NotSent, _) => format!("certctl recover {key} --not-created"),
        _ => format!("certctl recover {key}"),
    }
}

/// For a row that no file knows to have been sent: the next plan takes it for what it was before.
fn anew(entry: &Entry, outcome: RowOutcome, id: Option<&TemplateId>) -> String {
    let key = &entry.key;
    match (&entry.action, outcome, id) {
        (Action::Update(_), ..) => "certctl apply, which sets the same values again".to_owned(),
        (_, RowOutcome::Created, Some(id)) => format!("certctl import {key} {id}"),
        (_, RowOutcome::Created, None) => {
            format!("look up its id in the admin page, and then: certctl import {key} ID")
        }
        _ => format!("look in the admin page whether it is there, and if so: certctl import {key} ID"),
    }
}
