//! What a run knows while it holds a shared state: the lock, the epoch that it raised, and the tag under which alone it
//! writes the state.

use std::time::Duration;

use uuid::Uuid;

use super::epoch::Epoch;
use super::lease::Lease;
use super::place::StatePlace;
use super::{SharedStore, StoredState, Swap, Tag, journal};
use crate::crash::{Point, reach};
use crate::model::Digest;
use crate::state::{Document, Holder, PlannedRow, Record, StateError, Version};

/// A run's hold of a shared state; dropping it releases the lock.
#[derive(Debug)]
pub struct SharedGuard {
    pub(super) lease: Lease,
    pub(super) epoch: Epoch,
    /// The tag of the state's object.
    pub(super) tag: Tag,
    /// The version of the state in that object.
    pub(super) version: Version,
    /// The first lines of the journal, which are written together with its first record.
    begun: String,
    /// The line that says what the run is going to send.
    planned: String,
    /// How many objects this run's journal has.
    written: u64,
}

impl SharedGuard {
    /// How often a run looks again if the state's object changes while it raises the epoch.
    const ATTEMPTS: usize = 5;

    /// Takes the lock and raises the epoch.
    pub(super) fn take(store: &SharedStore, holder: &Holder, wait: Duration) -> Result<Self, StateError> {
        let place = store.place()?;
        let lease = Lease::take(place, holder, store.terms, wait)?;
        for _ in 0..Self::ATTEMPTS {
            let stored = StoredState::read(place)?;
            if let Some(stored) = &stored {
                // What is not this environment's state is left untouched.
                store.document(&stored.text)?;
            }
            let (last, version) = match &stored {
                Some(stored) if stored.is_empty() => (stored.epoch.clone(), None),
                Some(stored) => (stored.epoch.clone(), Some(Digest::of(&stored.text))),
                None => (Epoch::none(), None),
            };
            let number = last.number.max(lease.last_epoch()).saturating_add(1);
            let epoch = Epoch { number, run: lease.id(), nonce: Uuid::new_v4(), sealed: last.sealed };
            if let Some(tag) = raise(store, place, stored.as_ref(), &epoch)? {
                lease.note_epoch(number);
                reach(Point::LockNamed);
                return Ok(Self {
                    lease,
                    epoch,
                    tag,
                    version,
                    begun: String::new(),
                    planned: String::new(),
                    written: 0,
                });
            }
        }
        Err(StateError::TakenOver { at: place.location(&place.state()) })
    }

    /// The newest epoch whose journal is part of what this run saves: its own, if it has recorded anything.
    pub(super) fn last_recorded(&self) -> u64 {
        if self.written > 0 { self.epoch.number } else { self.epoch.number.saturating_sub(1) }
    }

    /// Appends a record to this run's journal.
    pub(super) fn append(&mut self, place: &StatePlace, record: &Record) -> Result<(), StateError> {
        match record {
            // The first record says only what the next ones belong to: the two are one object.
            Record::Open { .. } => {
                self.begun = line(record)?;
                Ok(())
            }
            // Saving the state seals its journal in the same step, so nothing has to announce it.
            Record::Checkpoint { .. } => Ok(()),
            _ => self.write(place, record),
        }
    }

    /// Notes what the run is going to send: the first object of its journal says so.
    pub(super) fn plans(&mut self, rows: Vec<PlannedRow>) -> Result<(), StateError> {
        self.planned = line(&Record::Planned { rows })?;
        Ok(())
    }

    /// Appends these records.
    pub(super) fn append_all(&mut self, place: &StatePlace, records: &[Record]) -> Result<(), StateError> {
        records.iter().try_for_each(|record| self.append(place, record))
    }

    fn write(&mut self, place: &StatePlace, record: &Record) -> Result<(), StateError> {
        let line = line(record)?;
        let is_first = self.written == 0;
        let begun = if is_first { format!("{}{}", self.begun, self.planned) } else { String::new() };
        let text = format!("{begun}{line}");
        let folder = journal::folder(place, self.epoch.number, self.epoch.run);
        let key = journal::object(&folder, self.written + 1);
        reach(Point::RecordBegun);
        match place.create(&key, text.as_bytes())? {
            Swap::Won(_) => {}
            // Only this run writes in this folder.
            Swap::Lost(_) => {
                return Err(StateError::Io {
                    action: "write",
                    at: place.location(&key),
                    source: std::io::Error::other("another object is in its place"),
                });
            }
        }
        self.written += 1;
        self.lease.note(&begun, self.written, record, &line);
        reach(Point::RecordDurable);
        Ok(())
    }
}

fn line(record: &Record) -> Result<String, StateError> {
    record.to_line().map_err(|error| StateError::Unwritable { message: error.to_string() })
}

/// Writes the state's object with a new epoch; `None` if it was changed meanwhile. Without a state, an empty one keeps
/// its place.
pub(super) fn raise(
    store: &SharedStore,
    place: &StatePlace,
    stored: Option<&StoredState>,
    epoch: &Epoch,
) -> Result<Option<Tag>, StateError> {
    let unwritable = |error: serde_json::Error| StateError::Unwritable { message: error.to_string() };
    let text = match stored {
        Some(stored) => stored.text.clone(),
        None => Document::empty(&store.claim.identity, epoch.run.to_string())
            .to_text()
            .map_err(unwritable)?
            .into_bytes(),
    };
    let object = epoch.joined(&text).map_err(unwritable)?;
    match place.swap(&place.state(), stored.map(|stored| &stored.tag), &object)? {
        Swap::Won(tag) => Ok(Some(tag)),
        Swap::Lost(_) => Ok(None),
    }
}
