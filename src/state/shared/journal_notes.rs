//! What the lock says of the journal of its run, so that a journal object that somebody removes is missed, and replaced
//! if it is about something that is still open.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::epoch::LeftJournal;
use crate::model::{Key, Timestamp};
use crate::state::Record;

/// The journal of one run, as of a sign of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JournalNotes {
    pub(super) epoch: u64,
    pub(super) run: Uuid,
    /// How many objects it has at least.
    pub(super) records: u64,
    /// When this was written, by the clock of the run's machine.
    pub(super) at: Option<Timestamp>,
    /// Its first lines: the record that opens it, and what the run is going to send.
    #[serde(default)]
    pub(super) begun: String,
    /// The lines of the records whose outcome was not known then, by the numbers of their objects.
    #[serde(default)]
    pub(super) lines: BTreeMap<u64, String>,
    /// The rows of the requests among them that have no outcome yet.
    #[serde(skip)]
    open: BTreeMap<String, (u64, BTreeSet<Key>)>,
}

/// What is known of the newest journal that may not be part of the state: what the lock says, with the length of its lease, and
/// what the state says of one that was left.
pub(super) fn with_left(
    named: Option<(JournalNotes, u64)>,
    left: Option<LeftJournal>,
) -> Option<(JournalNotes, u64)> {
    match (named, left.filter(|left| left.records > 0)) {
        (Some((notes, lease)), Some(left)) if notes.epoch == left.number => {
            Some((JournalNotes { records: notes.records.max(left.records), ..notes }, lease))
        }
        (Some((notes, _)), Some(left)) if notes.epoch < left.number => Some((of(left), 0)),
        (None, Some(left)) => Some((of(left), 0)),
        (named, _) => named,
    }
}

fn of(left: LeftJournal) -> JournalNotes {
    JournalNotes::counted(left.number, left.run, left.records)
}

impl JournalNotes {
    /// The longest line that is kept of an edit. An edit sends nothing: without its line, it has not happened.
    const LONGEST: usize = 1 << 20;

    /// The notes on a journal of which nothing but the number of its objects is known.
    pub(super) fn counted(epoch: u64, run: Uuid, records: u64) -> Self {
        let (begun, lines, open) = (String::new(), BTreeMap::new(), BTreeMap::new());
        Self { epoch, run, records, at: None, begun, lines, open }
    }

    /// The notes on a journal that begins with these lines.
    pub(super) fn begin(epoch: u64, run: Uuid, begun: &str) -> Self {
        Self { begun: begun.to_owned(), ..Self::counted(epoch, run, 0) }
    }

    /// Takes a record into account that is durable now.
    pub(super) fn add(&mut self, number: u64, record: &Record, line: &str) {
        self.records = number;
        match record {
            Record::Intent { batch, rows, .. } => {
                self.lines.insert(number, line.to_owned());
                let keys = rows.iter().map(|row| row.key.clone()).collect();
                self.open.insert(batch.clone(), (number, keys));
            }
            Record::Outcome { batch, rows, .. } => {
                let Some((number, keys)) = self.open.get_mut(batch) else { return };
                for row in rows {
                    keys.remove(&row.key);
                }
                if keys.is_empty() {
                    self.lines.remove(number);
                    self.open.remove(batch);
                }
            }
            // Without the first two, the request that they are about has no outcome; the next run does the next two again;
            // and the others are no records of their own here.
            Record::Retry { .. }
            | Record::Certified { .. }
            | Record::Protect { .. }
            | Record::ObserverShows { .. }
            | Record::Open { .. }
            | Record::Planned { .. }
            | Record::Lost { .. }
            | Record::Checkpoint { .. } => {}
            Record::Transaction { .. }
            | Record::Move { .. }
            | Record::Resolve { .. }
            | Record::Import { .. }
            | Record::Observe { .. }
            | Record::Gone { .. }
            | Record::Certify { .. }
            | Record::Forget { .. }
            | Record::Accept { .. }
            | Record::Push { .. } => {
                if line.len() <= Self::LONGEST {
                    self.lines.insert(number, line.to_owned());
                }
            }
        }
    }
}
