//! A state on storage that machines share: an object in a bucket, with its lock, journal and earlier versions beside it.
//! The command line creates it; the ledger and readers use it through [`Store`].
//!
//! | file | holds |
//! |---|---|
//! | `objects` | the requests to a store, one at a time |
//! | `bucket`, `connection`, `request_failure` | these requests to S3 and Azure, and their errors in words |
//! | `conditional` | compare-and-swap that survives lost answers |
//! | `place` | the names of a state's objects |
//! | `reading` | what is in the store: the state, and the records of its journal |
//! | `epoch` | which run may write, as a line of the state's object |
//! | `lock_object`, `lease` | the lock, and how a run holds it |
//! | `closing` | ends the journal of a run that another one takes over from |
//! | `journal` | the journal, one object for each record |
//! | `journal_notes` | what the lock says of the journal, in case an object of it gets lost |
//! | `history` | the versions of the state, and what was in the place of a lost one |
//! | `look` | one look at the store, for people |
//! | `probe` | whether a store compares and swaps at all |
//! | `prune` | what can be removed beside a state |
//! | `guard` | what a run knows while it holds the state |
//! | `moved` | the note in the place of a state that was moved |
//! | `unlock` | releases the lock of a run that no longer works |
//!
//! **Why nothing is sent twice.** A run records a request in its journal before it sends it. Who takes over closes that
//! journal before it reads it, by a write in the place of the next record. So either the first run cannot record the request and sends
//! nothing, or the second one finds the record, and the rows are in doubt. This rests on the conditions of writes alone, and not on
//! the lock, on a clock, or on reads that are up to date. The epoch, which a run looks at before each request, keeps a run that was
//! taken over from sending what it has recorded.

mod bucket;
mod closing;
mod conditional;
mod connection;
mod epoch;
mod guard;
mod history;
#[cfg(any(test, feature = "internals"))]
mod in_memory;
mod journal;
mod journal_notes;
mod lease;
mod lock_object;
mod look;
mod moved;
mod objects;
mod place;
mod probe;
mod prune;
mod reading;
mod request_failure;
#[cfg(test)]
mod tests;
mod unlock;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::claim;
use super::{
    CommonBase, Document, DocumentText, Holder, JournalFit, Location, Marks, MovedState, Outline, PlannedRow,
    Record, Snapshot, StateClaim, StateError, Store, Version, Wait, WayBack, Writer,
};
use crate::crash::{Point, reach};
use crate::model::{Digest, ObjectAddress};
use bucket::Bucket;
use conditional::Swap;
pub(super) use epoch::{Epoch, has_epoch};
use guard::SharedGuard;
#[cfg(feature = "internals")]
pub use in_memory::{InMemory, KillableProcess, WriteFault};
use journal::RunJournal;
pub use lease::LeaseTerms;
pub(super) use lease::release_now;
pub use look::StoreLook;
#[cfg(feature = "internals")]
pub use objects::{ObjectError, Objects, StoredObject, Tag};
use place::StatePlace;
pub use prune::Prunable;
use reading::StoredState;

/// The state of one environment on storage that machines share.
#[derive(Clone, Debug)]
pub struct SharedStore {
    address: ObjectAddress,
    /// Connected at the first use: many commands need no state.
    place: Arc<OnceLock<Result<StatePlace, String>>>,
    claim: StateClaim,
    marks: Option<Marks>,
    terms: LeaseTerms,
    /// Why the newest version is not kept beside the state.
    unkept: Arc<Mutex<Option<String>>>,
    /// What is to be taken for a lost state, besides one that is missing.
    replaces: Replaces,
}

/// Which state in place is to be taken for a lost one, because another version is about to be put in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Replaces {
    #[default]
    Nothing,
    /// One that is damaged.
    Damaged,
    /// One with this lineage, too.
    Lineage(String),
}

impl SharedStore {
    /// The state at this address, which must have the identity that is claimed. Opens no connection.
    pub fn new(address: ObjectAddress, claim: impl Into<StateClaim>, terms: LeaseTerms) -> Self {
        Self {
            address,
            place: Arc::default(),
            claim: claim.into(),
            marks: None,
            terms,
            unkept: Arc::default(),
            replaces: Replaces::Nothing,
        }
    }

    /// The state at this address of a bucket that a test made.
    #[cfg(any(test, feature = "internals"))]
    pub fn on(
        objects: Arc<dyn objects::Objects>,
        address: &ObjectAddress,
        claim: impl Into<StateClaim>,
        terms: LeaseTerms,
    ) -> Self {
        let place = OnceLock::from(Ok(StatePlace::new(address.clone(), objects)));
        Self { place: Arc::new(place), ..Self::new(address.clone(), claim, terms) }
    }

    /// Accepts the state of a renamed environment.
    #[must_use]
    pub fn taking_over(self) -> Self {
        Self { claim: self.claim.taking_over(), ..self }
    }

    /// Takes a state that is damaged, or has this lineage, for a lost one: another version is
    /// about to be put in its place.
    #[must_use]
    pub fn replacing(self, lineage: Option<String>) -> Self {
        let replaces = lineage.map_or(Replaces::Damaged, Replaces::Lineage);
        Self { replaces, ..self }
    }

    /// Keeps a mark of every state that is written here.
    #[must_use]
    pub fn marked(self, marks: Option<Marks>) -> Self {
        Self { marks, ..self }
    }

    /// The marks of this state, if they are kept.
    pub fn marks(&self) -> Option<&Marks> {
        self.marks.as_ref()
    }

    /// The address of the state.
    pub fn address(&self) -> &ObjectAddress {
        &self.address
    }

    /// Why a version that was put in place is not kept beside the state, if it is not; said once.
    pub fn unkept(&self) -> Option<String> {
        self.unkept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether a person allows a store that does not compare and swap.
    pub fn allows_unsafe_store(&self) -> bool {
        self.terms.allow_unsafe_store
    }

    /// The version of the state that is in place now.
    pub fn version(&self) -> Result<Version, StateError> {
        let stored = StoredState::read(self.place()?)?;
        Ok(stored.filter(|stored| !stored.is_empty()).map(|stored| Digest::of(&stored.text)))
    }

    /// The text of the state that is in place now, as certctl writes it to a file.
    pub fn text(&self) -> Result<Option<Vec<u8>>, StateError> {
        let stored = StoredState::read(self.place()?)?;
        Ok(stored.filter(|stored| !stored.is_empty()).map(|stored| stored.text))
    }

    /// See [`super::FileStore::renamed_from`].
    pub fn renamed_from(&self) -> Option<String> {
        let stored = StoredState::read(self.place().ok()?).ok()??;
        let identity = Outline::read(&stored.text)?.identity;
        self.claim.renamed_from(identity)
    }

    fn place(&self) -> Result<&StatePlace, StateError> {
        let connect = || {
            let bucket = Bucket::of(&self.address)?;
            Ok(StatePlace::new(self.address.clone(), Arc::new(bucket)))
        };
        self.place.get_or_init(connect).as_ref().map_err(|why| StateError::Io {
            action: "connect to the store of",
            at: self.location(),
            source: std::io::Error::other(why.clone()),
        })
    }

    fn location(&self) -> Location {
        Location::Object(self.address.to_string().into())
    }

    /// Writes the state's object under its tag.
    fn put(&self, guard: &mut SharedGuard, text: &[u8], sealed: u64) -> Result<bool, StateError> {
        let place = self.place()?;
        let epoch = guard.epoch.sealed_to(sealed);
        let object =
            epoch.joined(text).map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        match place.replace(&place.state(), &guard.tag, &object)? {
            Swap::Won(tag) => {
                (guard.tag, guard.epoch) = (tag, epoch);
                Ok(true)
            }
            Swap::Lost(Some(object)) if Epoch::split(object.bytes.clone()).0.number > guard.epoch.number => {
                Err(self.taken_over())
            }
            Swap::Lost(_) => Ok(false),
        }
    }

    fn taken_over(&self) -> StateError {
        StateError::TakenOver { at: self.location() }
    }
}

impl Store for SharedStore {
    type Guard = SharedGuard;

    fn read(&self) -> Result<Snapshot, StateError> {
        // Another run may write between two requests; reading again then finds everything in step.
        for _ in 0..3 {
            let snapshot = self.read_once()?;
            if !matches!(snapshot.fit(), JournalFit::Foreign { .. }) {
                return Ok(snapshot);
            }
        }
        self.read_once()
    }

    fn read_held(&self, guard: &SharedGuard) -> Result<Snapshot, StateError> {
        if guard.written == 0 { self.read_by_holder(guard) } else { self.read() }
    }

    fn lock(&self, holder: &Holder, wait: Duration) -> Result<SharedGuard, StateError> {
        SharedGuard::take(self, holder, wait)
    }

    fn writer(&self) -> Writer {
        let look = || {
            let place = self.place().ok()?;
            let object = place.get(&place.lock()).ok()??;
            Some(lease::read(place, &object).ok()?.writer(&object))
        };
        // Where the lock cannot be read, the state cannot be read either, and that is reported.
        look().unwrap_or(Writer::Absent)
    }

    fn check(&self, guard: &SharedGuard) -> Result<(), StateError> {
        if guard.lease.is_lost() {
            return Err(self.taken_over());
        }
        let place = self.place()?;
        match place.tag(&place.state())? {
            Some(tag) if tag == guard.tag => Ok(()),
            _ => Err(self.taken_over()),
        }
    }

    /// What a run records after another one took over is part of no state, so there is nothing to wait for.
    fn regain(&self, _: &mut SharedGuard, _: Wait) -> Result<(), StateError> {
        Ok(())
    }

    fn append(&self, guard: &mut SharedGuard, record: &Record) -> Result<(), StateError> {
        guard.append(self.place()?, record)
    }

    fn plans(&self, guard: &mut SharedGuard, rows: &dyn Fn() -> Vec<PlannedRow>) -> Result<(), StateError> {
        guard.plans(rows())
    }

    fn save(
        &self,
        guard: &mut SharedGuard,
        expected: &Version,
        new: &DocumentText<'_>,
    ) -> Result<bool, StateError> {
        if *expected != guard.version {
            return Ok(false);
        }
        reach(Point::SaveCompared);
        let text = new.to_bytes()?;
        guard.lease.writes_state(true);
        if !self.put(guard, &text, guard.last_recorded())? {
            return Ok(false);
        }
        guard.lease.writes_state(false);
        guard.version = Some(new.digest().clone());
        reach(Point::StateDurable);
        Ok(true)
    }

    fn saved(&self, document: &Document) {
        if let Err(error) = self.keep_version(document) {
            tracing::info!(%error, "this version of the state was not kept beside it");
            *self.unkept.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!(
                "serial {} of the state is in place, but no copy of it could be kept in {}.history: {error}. The next run \
                 that writes tries again",
                document.serial, self.address
            ));
        }
        let Some(marks) = &self.marks else { return };
        if let Err(error) = marks.raise(document) {
            tracing::info!(%error, "the mark was not raised");
        }
    }

    fn replace_journal(&self, guard: &mut SharedGuard, records: &[Record]) -> Result<(), StateError> {
        // The journal that does not fit stays where it is. This one is newer, so it counts.
        guard.append_all(self.place()?, records)
    }

    /// Seals the journal; saving has done so already if there was anything to save.
    fn clear_journal(&self, guard: &mut SharedGuard) -> Result<(), StateError> {
        reach(Point::JournalClosed);
        let sealed = guard.last_recorded();
        if guard.epoch.sealed < sealed {
            let stored = StoredState::read(self.place()?)?.filter(|stored| stored.tag == guard.tag);
            let text = stored.ok_or_else(|| self.taken_over())?.text;
            if !self.put(guard, &text, sealed)? {
                return Err(self.taken_over());
            }
        }
        guard.lease.is_sealed(sealed);
        reach(Point::JournalGone);
        Ok(())
    }

    fn leave(&self, guard: &mut SharedGuard, moved: &MovedState) -> Result<(), StateError> {
        self.put_note(guard, moved)
    }

    fn way_to_base(&self) -> WayBack {
        let journal = Location::Object(format!("{}.journal", self.address).into());
        let is_missing = matches!(self.version(), Ok(None));
        let kept = self.newest_version();
        let (newest_kept, base) = kept.map(|(serial, at)| (serial, CommonBase::Kept(at))).unzip();
        let has_gone_on = false;
        WayBack { state: self.location(), journal, rescued: None, base, newest_kept, has_gone_on, is_missing }
    }
}
