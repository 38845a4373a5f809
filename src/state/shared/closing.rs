//! Closes the journal of a run that another one takes over from.
//!
//! The place of its next record is taken, on condition that it is free. From then on the run can record nothing, so it sends nothing,
//! whatever the store lets it read; and every record that it was able to write is counted. So nothing here depends on reads that are up
//! to date: the condition of a write decides.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::conditional::Swap;
use super::epoch::{Epoch, LeftJournal};
use super::journal::{self, RunJournal};
use super::journal_notes::JournalNotes;
use super::place::StatePlace;
use crate::state::StateError;

/// Name and version of the format.
const FORMAT: &str = "certctl.closed/v1";

/// An object in the place of a record that is never written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JournalEnd {
    format: String,
    /// The run that takes over.
    closed_by: Uuid,
}

/// Whether this object of a journal is no record, but the end of all records.
pub(super) fn is_closing(object: &[u8]) -> bool {
    // A record begins with another member.
    object.starts_with(b"{\"format\":\"certctl.closed/")
}

/// The record in this object: none where there is no record.
pub(super) fn record_in(object: Vec<u8>) -> Vec<u8> {
    if is_closing(&object) { Vec::new() } else { object }
}

/// What the lock says of a journal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NamedJournal {
    pub(super) epoch: u64,
    /// How many records it has at least.
    pub(super) records: u64,
}

impl NamedJournal {
    pub(super) fn of(notes: &JournalNotes) -> Self {
        Self { epoch: notes.epoch, records: notes.records }
    }

    fn records_of(self, epoch: u64) -> u64 {
        if self.epoch == epoch { self.records } else { 0 }
    }
}

/// Closes the journal of this epoch for the run `by`. Returns the journal that is not part of the state yet, if there is one.
pub(super) fn close(
    place: &StatePlace,
    last: &Epoch,
    named: NamedJournal,
    by: Uuid,
) -> Result<Option<LeftJournal>, StateError> {
    if last.number == 0 {
        // The state's object is missing, or somebody put it there: it does not name the journal.
        let found = journal::unsealed(place, 0, u64::MAX)?;
        let Some(run) = found.as_ref().and_then(RunJournal::run) else { return Ok(None) };
        let number = found.map_or(0, |journal| journal.epoch);
        return Ok(Some(LeftJournal { number, run, records: end(place, number, run, named, by)? }));
    }
    let left = match last.left {
        // `unlock` has left it open.
        Some(left) if left.records == 0 => {
            Some(LeftJournal { records: end(place, left.number, left.run, named, by)?, ..left })
        }
        other => other,
    };
    let left = left.filter(|left| left.records > 0);
    if last.number <= last.sealed {
        return Ok(left);
    }
    let records = end(place, last.number, last.run, named, by)?;
    let own = LeftJournal { number: last.number, run: last.run, records };
    Ok(if records > 0 { Some(own) } else { left })
}

/// Lets a journal have no more records than it has. Returns their number.
fn end(place: &StatePlace, epoch: u64, run: Uuid, named: NamedJournal, by: Uuid) -> Result<u64, StateError> {
    let folder = journal::folder(place, epoch, run);
    let text = serde_json::to_vec(&JournalEnd { format: FORMAT.to_owned(), closed_by: by })
        .map_err(|error| StateError::Unwritable { message: error.to_string() })?;
    // The list saves requests. What it does not show yet is found by the condition of the write.
    let listed = place.list(&folder, &format!("{folder}/0"))?;
    let listed = listed.iter().filter_map(|key| journal::number(&folder, key)).max();
    // The newest object may be the end of the journal already: another run closed it and did not get further.
    let mut records = listed.map_or(0, |newest| newest.saturating_sub(1)).max(named.records_of(epoch));
    loop {
        match place.create(&journal::object(&folder, records + 1), &text)? {
            Swap::Won(_) => return Ok(records),
            Swap::Lost(Some(there)) if is_closing(&there.bytes) => return Ok(records),
            Swap::Lost(_) => records += 1,
        }
    }
}
