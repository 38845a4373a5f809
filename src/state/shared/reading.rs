//! Reads a shared state: its object, and the records of the journal that belong to it. For [`super::Store`]; writes nothing.

use super::{
    Epoch, Replaces, RunJournal, SharedGuard, SharedStore, StatePlace, claim, journal, journal_notes, lease,
    objects,
};
use crate::model::Digest;
use crate::state::{Document, Outline, Record, Snapshot, StateError, parse_state};

/// The state's object as read.
pub(super) struct StoredState {
    pub(super) tag: objects::Tag,
    pub(super) epoch: Epoch,
    /// The text of the state.
    pub(super) text: Vec<u8>,
}

impl SharedStore {
    /// What is in the store, for a holder of the lock who has recorded nothing yet. Neither what is there nor what is missing
    /// is taken from a read alone: the holder wrote the state's object, and that names the journal.
    pub(super) fn read_by_holder(&self, guard: &SharedGuard) -> Result<Snapshot, StateError> {
        let place = self.place()?;
        let is_newer =
            |object: &objects::StoredObject| Epoch::split(object.bytes.clone()).0.number > guard.epoch.number;
        let found = place.get_until(&place.state(), |object| object.tag == guard.tag || is_newer(object))?;
        let object = match found {
            Some(object) if object.tag == guard.tag => object,
            Some(object) if !is_newer(&object) => {
                return Err(StateError::Io {
                    action: "read",
                    at: self.location(),
                    source: std::io::Error::other("the store answers with an earlier version than it has"),
                });
            }
            _ => return Err(self.taken_over()),
        };
        let stored = StoredState::of(object);
        let left = stored.epoch.left;
        let named = guard.lease.notes().filter(|(notes, _)| notes.epoch > stored.epoch.sealed);
        let records = match (left, journal_notes::with_left(named, left)) {
            (Some(left), Some((notes, lease))) => {
                RunJournal::left(place, &left).read(place, Some((&notes, lease)))?
            }
            _ => Vec::new(),
        };
        self.snapshot(place, Some(stored).filter(|stored| !stored.is_empty()), records)
    }

    pub(super) fn read_once(&self) -> Result<Snapshot, StateError> {
        let place = self.place()?;
        // The lock comes first: by then, the journal has every record that it names.
        let lock = place.get(&place.lock())?.map(|object| lease::read(place, &object)).transpose()?;
        let stored = StoredState::read(place)?;
        // Runs that began after the state was read are part of the next reading.
        let (sealed, newest) = match &stored {
            Some(StoredState { epoch, .. }) if epoch.number > 0 => (epoch.sealed, epoch.number),
            _ => (0, u64::MAX),
        };
        let journal = journal::unsealed(place, sealed, newest)?;
        let named = lock.and_then(|lock| Some((lock.notes()?, lock.lease_seconds)));
        let named = named.filter(|(notes, _)| notes.epoch > sealed && notes.epoch <= newest);
        let left = stored.as_ref().and_then(|stored| stored.epoch.left);
        let named = journal_notes::with_left(named, left);
        let is_older =
            |journal: &RunJournal| named.as_ref().is_some_and(|(notes, _)| journal.epoch < notes.epoch);
        let records = match (journal.filter(|journal| !is_older(journal)), named) {
            (Some(journal), named) => {
                let named = named.filter(|(notes, _)| notes.epoch == journal.epoch);
                journal.read(place, named.as_ref().map(|(notes, lease)| (notes, *lease)))?
            }
            (None, Some((notes, lease))) => {
                let folder = journal::folder(place, notes.epoch, notes.run);
                let gone = RunJournal { epoch: notes.epoch, folder, objects: Vec::new() };
                gone.read(place, Some((&notes, lease)))?
            }
            (None, None) => Vec::new(),
        };
        self.snapshot(place, stored.filter(|stored| !stored.is_empty()), records)
    }

    fn snapshot(
        &self,
        place: &StatePlace,
        stored: Option<StoredState>,
        journal: Vec<Record>,
    ) -> Result<Snapshot, StateError> {
        let Some(stored) = stored else {
            if let Some(identity) = claim::identity_in(&journal) {
                self.claim.check_identity(&place.location(&place.journal()), "journal", &identity)?;
            }
            return Ok(Snapshot { journal, ..Snapshot::default() });
        };
        let Some(document) = self.usable(&stored)? else {
            return Ok(Snapshot { journal, ..Snapshot::default() });
        };
        let version = Some(Digest::of(&stored.text));
        Ok(Snapshot { document: Some(document), version, blob: None, journal })
    }

    /// The state in this object; `None` if it is to be taken for a lost one.
    pub(super) fn usable(&self, stored: &StoredState) -> Result<Option<Document>, StateError> {
        match (self.document(&stored.text), &self.replaces) {
            (Ok(document), Replaces::Lineage(lineage)) if document.lineage == *lineage => Ok(None),
            (Err(error), Replaces::Damaged | Replaces::Lineage(_)) if error.is_damage() => Ok(None),
            (document, _) => document.map(Some),
        }
    }

    /// The state with this text, if it belongs to this environment.
    pub(super) fn document(&self, text: &[u8]) -> Result<Document, StateError> {
        let document = parse_state(self.location(), text).map_err(|error| {
            let kept = || self.newest_version().map(|(_, at)| at);
            let kept = if error.is_damage() { kept() } else { None };
            error.with_ways_back(self.marks(), kept)
        })?;
        self.claim.check(&self.location(), document)
    }
}

impl StoredState {
    pub(super) fn read(place: &StatePlace) -> Result<Option<Self>, StateError> {
        let Some(object) = place.get(&place.state())? else { return Ok(None) };
        Ok(Some(Self::of(object)))
    }

    fn of(object: objects::StoredObject) -> Self {
        let (epoch, text) = Epoch::split(object.bytes);
        Self { tag: object.tag, epoch, text }
    }

    /// Whether it only has the place of a state that was never saved.
    pub(super) fn is_empty(&self) -> bool {
        Outline::read(&self.text).is_some_and(|outline| outline.ancestry.serial == 0)
    }
}
