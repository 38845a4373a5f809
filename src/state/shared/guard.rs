//! What a run knows while it holds a shared state: the lock, the epoch that it raised, and the tag under which alone it
//! writes the state.

use std::time::Duration;

use uuid::Uuid;

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
            let Found { last, version, document, stored } = Found::of(store, stored)?;
            // Without the state, only the lock and the journals say which runs there were.
            let known = if last.number == 0 { journal::newest_epoch(place)? } else { last.number };
            let number = known.max(lease.last_epoch()).saturating_add(1);
            let ended = lease.ended_before(last.run);
            // What a run has recorded without making it part of the state keeps its journal open.
            let unended = (ended != Some(0)).then(|| lease.names());
            let next = Epoch { number, run: lease.id(), ..last };
            if let Some((tag, epoch)) = raise(store, place, stored.as_ref(), next, unended)? {
                if let Some(document) = document {
                    // The run that put it in place may not have kept it.
                    store.keep_found_version(&document);
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

/// What a run finds in the state's place when it takes the lock.
struct Found {
    last: Epoch,
    version: Version,
    document: Option<Document>,
    /// The object; with the text of an empty state, if what is there is taken for a lost one.
    stored: Option<StoredState>,
}

impl Found {
    /// What is not this environment's state is left untouched, unless it is to be replaced.
    fn of(store: &SharedStore, stored: Option<StoredState>) -> Result<Self, StateError> {
        let Some(stored) = stored else {
            return Ok(Self { last: Epoch::none(), version: None, document: None, stored: None });
        };
        let last = stored.epoch.clone();
        if stored.is_empty() {
            store.document(&stored.text)?;
            return Ok(Self { last, version: None, document: None, stored: Some(stored) });
        }
        let Some(document) = store.usable(&stored)? else {
            store.put_aside(&stored.text)?;
            let text = empty(store, last.run)?;
            let stored = Some(StoredState { text, ..stored });
            return Ok(Self { last, version: None, document: None, stored });
        };
        let version = Some(Digest::of(&stored.text));
        Ok(Self { last, version, document: Some(document), stored: Some(stored) })
    }
}

/// The text that keeps the place of a state.
fn empty(store: &SharedStore, run: Uuid) -> Result<Vec<u8>, StateError> {
    let text = Document::empty(&store.claim.identity, run.to_string()).to_text();
    Ok(text.map_err(|error| StateError::Unwritable { message: error.to_string() })?.into_bytes())
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
        None => empty(store, epoch.run)?,
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
