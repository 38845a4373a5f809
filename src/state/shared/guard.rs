//! What a run knows while it holds a shared state: the lock, the epoch that it raised, and the tag under which alone it
//! writes the state.

use std::time::Duration;

use super::closing::NamedJournal;
use super::epoch::Epoch;
use super::lease::Lease;
use super::objects::Tag;
use super::place::StatePlace;
use super::{SharedStore, StoredState, Swap, closing, journal};
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
    pub(super) written: u64,
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
            // What is not this environment's state is left untouched.
            let document = stored.as_ref().map(|stored| store.document(&stored.text)).transpose()?;
            let (last, version) = match &stored {
                Some(stored) if stored.is_empty() => (stored.epoch.clone(), None),
                Some(stored) => (stored.epoch.clone(), Some(Digest::of(&stored.text))),
                None => (Epoch::none(), None),
            };
            let number = last.number.max(lease.last_epoch()).saturating_add(1);
            let ended = lease.ended_before(last.run);
            // What a run has recorded without making it part of the state keeps its journal open.
            let unended = (ended != Some(0)).then(|| lease.names());
            let next = Epoch { number, run: lease.id(), ..last };
            if let Some((tag, epoch)) = raise(store, place, stored.as_ref(), next, unended)? {
                if let Some(document) = document.filter(|document| ended.is_none() && document.serial > 0) {
                    // An interrupted run may have put it in place without keeping it.
                    store.keep(&document);
                }
                lease.note_epoch(epoch.number);
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
            // Another run took over, and closed this journal.
            Swap::Lost(Some(there)) if closing::is_closing(&there.bytes) => {
                return Err(StateError::TakenOver { at: place.location(&place.state()) });
            }
            // Only this run writes records in this folder.
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

/// Writes the state's object with the next epoch, after closing the journal of the last one unless its run has ended by
/// itself: `unended` is what the lock says of that journal. `None` if the object was changed meanwhile.
/// Without a state, an empty one keeps its place.
pub(super) fn raise(
    store: &SharedStore,
    place: &StatePlace,
    stored: Option<&StoredState>,
    mut epoch: Epoch,
    unended: Option<NamedJournal>,
) -> Result<Option<(Tag, Epoch)>, StateError> {
    let unwritable = |error: serde_json::Error| StateError::Unwritable { message: error.to_string() };
    let text = match stored {
        Some(stored) => stored.text.clone(),
        None => Document::empty(&store.claim.identity, epoch.run.to_string())
            .to_text()
            .map_err(unwritable)?
            .into_bytes(),
    };
    if let Some(named) = unended {
        let none = Epoch::none();
        let last = stored.map_or(&none, |stored| &stored.epoch);
        epoch.left = closing::close(place, last, named, epoch.run)?;
        epoch.number = epoch.number.max(epoch.left.map_or(0, |left| left.number + 1));
    }
    let object = epoch.joined(&text).map_err(unwritable)?;
    match place.swap(&place.state(), stored.map(|stored| &stored.tag), &object)? {
        Swap::Won(tag) => Ok(Some((tag, epoch))),
        Swap::Lost(_) => Ok(None),
    }
}
