//! Holds the lock of a shared state for the length of a run: takes it, shows signs of life, releases it.
//!
//! The lock keeps two runs from working at the same time, as a courtesy. Nothing depends on it: a run that stands still
//! for longer than its lease is stopped by the epoch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::closing::NamedJournal;
use super::conditional::Swap;
use super::journal_notes::JournalNotes;
use super::lock_object::LockObject;
use super::objects::Tag;
use super::place::StatePlace;
use super::probe::{ProbeResult, probe};
use crate::crash::{Point, reach};
use crate::state::process_locks::ProcessLocks;
use crate::state::{Holder, LockError, LockState, Record, StateError};

/// The pause between two looks at a lock that another run holds.
const PAUSE: Duration = Duration::from_millis(500);

/// The locks that this process holds.
static HELD: ProcessLocks<LeaseShared> = ProcessLocks::new();

/// Releases the locks of shared states that this process holds, for a process that ends at once. Waits for it at most this
/// long; after that, a lock ends with its lease.
pub(in crate::state) fn release_now(limit: Duration) {
    HELD.release(limit, |shared| {
        let mut held = shared.held();
        held.lock.released = true;
        shared.write(&mut held);
    });
}

/// How a run holds the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTerms {
    /// How long a holder may show no sign of life.
    pub lease: Duration,
    /// Whether a person allows a store that does not compare and swap.
    pub allow_unsafe_store: bool,
}

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct Lease {
    shared: Arc<LeaseShared>,
    /// The run that held the lock before and has ended by itself, with how many records its journal has.
    ended_before: Option<(uuid::Uuid, u64)>,
    thread: Option<JoinHandle<()>>,
    /// Whether the run cannot tell whether its state is in place: whoever comes next looks after it as after an interruption.
    is_unsure: AtomicBool,
}

#[derive(Debug)]
struct LeaseShared {
    place: StatePlace,
    held: Mutex<LeaseHeld>,
    changed: Condvar,
    pause: Duration,
}

#[derive(Debug)]
struct LeaseHeld {
    lock: LockObject,
    tag: Tag,
    /// Whether another run has taken the lock.
    lost: bool,
    /// Whether to write it now: there is a journal that it does not name yet.
    due: bool,
    ended: bool,
}

impl Lease {
    /// Takes the lock, waiting at most `wait` for another run to end.
    pub(super) fn take(
        place: &StatePlace,
        holder: &Holder,
        terms: LeaseTerms,
        wait: Duration,
    ) -> Result<Self, StateError> {
        let began = Instant::now();
        let key = place.lock();
        let mut new = LockObject::new(holder, terms.lease.as_secs());
        loop {
            let object = place.get(&key)?;
            let there = object.as_ref().map(|object| read(place, object)).transpose()?;
            if let (Some(object), Some(there)) = (&object, &there) {
                if let LockState::Held(held) = there.lock_state(object) {
                    if began.elapsed() >= wait {
                        return Err(StateError::Lock(LockError::Leased { lock: Box::new(held) }));
                    }
                    place.objects().pause(PAUSE.min(wait.saturating_sub(began.elapsed())));
                    continue;
                }
                (new.epoch, new.records, new.proven) = (there.epoch, there.records, there.proven);
                // They are needed until that journal is part of the state.
                new.journal = there.notes();
            }
            if !new.proven {
                new.proven = prove(place, terms)?;
            }
            match place.swap(&key, object.as_ref().map(|object| &object.tag), &new.text()?)? {
                Swap::Won(tag) => {
                    reach(Point::LockTaken);
                    let ended = there.filter(|there| there.ended);
                    let ended_before = ended.map(|there| (there.id, there.records));
                    return Ok(Self::begin(place, new, tag, terms, ended_before));
                }
                // Another run was faster: look at what it wrote.
                Swap::Lost(_) => {}
            }
        }
    }

    fn begin(
        place: &StatePlace,
        lock: LockObject,
        tag: Tag,
        terms: LeaseTerms,
        ended_before: Option<(uuid::Uuid, u64)>,
    ) -> Self {
        let shared = Arc::new(LeaseShared {
            place: place.clone(),
            held: Mutex::new(LeaseHeld { lock, tag, lost: false, due: false, ended: false }),
            changed: Condvar::new(),
            pause: terms.lease / 3,
        });
        HELD.add(&shared);
        let beating = Arc::clone(&shared);
        // Without a thread there are no signs of life: a run that takes longer than its lease can be taken over, and
        // then stops.
        let thread = Builder::new().name("lease".to_owned()).spawn(move || beating.beat()).ok();
        Self { shared, ended_before, thread, is_unsure: AtomicBool::new(false) }
    }

    /// The id of the run.
    pub(super) fn id(&self) -> uuid::Uuid {
        self.shared.held().lock.id
    }

    /// How many records a run has left that held the lock before and ended by itself; `None` if this run did not.
    pub(super) fn ended_before(&self, run: uuid::Uuid) -> Option<u64> {
        self.ended_before.filter(|(ended, _)| *ended == run).map(|(_, records)| records)
    }

    /// The journal that the lock named when this run took it.
    pub(super) fn names(&self) -> NamedJournal {
        let notes = self.shared.held().lock.notes();
        notes.map_or(NamedJournal::default(), |notes| NamedJournal::of(&notes))
    }

    /// What the lock says of the newest journal that may not be part of the state yet, with the length of the lease in seconds.
    pub(super) fn notes(&self) -> Option<(JournalNotes, u64)> {
        let lock = &self.shared.held().lock;
        Some((lock.notes()?, lock.lease_seconds))
    }

    /// The number of the last epoch that was raised under this lock.
    pub(super) fn last_epoch(&self) -> u64 {
        self.shared.held().lock.epoch
    }

    /// Notes the epoch for the next sign of life.
    pub(super) fn note_epoch(&self, epoch: u64) {
        let mut held = self.shared.held();
        (held.lock.epoch, held.lock.records) = (epoch, 0);
    }

    /// Notes a record of this run's journal for the next sign of life; `begun` are the journal's first lines. The first
    /// record is named at once, beside the run.
    pub(super) fn note(&self, begun: &str, number: u64, record: &Record, line: &str) {
        let mut held = self.shared.held();
        let LockObject { epoch, id, .. } = held.lock;
        held.lock.records = number;
        if held.lock.journal.as_ref().is_none_or(|notes| notes.run != id) {
            held.lock.journal = Some(JournalNotes::begin(epoch, id, begun));
        }
        held.lock.journal.iter_mut().for_each(|notes| notes.add(number, record, line));
        // From its first record on, a journal that somebody removes is missed.
        held.due = number == 1;
        if held.due {
            self.shared.changed.notify_all();
        }
    }

    /// Forgets a journal that is part of the state.
    pub(super) fn is_sealed(&self, epoch: u64) {
        let journal = &mut self.shared.held().lock.journal;
        if journal.as_ref().is_some_and(|notes| notes.epoch <= epoch) {
            *journal = None;
        }
    }

    /// Notes that the state is about to be written, or that it is in place.
    pub(super) fn writes_state(&self, is_unsure: bool) {
        self.is_unsure.store(is_unsure, Ordering::SeqCst);
    }

    /// Whether another run is known to have taken the lock.
    pub(super) fn is_lost(&self) -> bool {
        self.shared.held().lost
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.held().ended = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let mut held = self.shared.held();
        if !held.lost {
            (held.lock.released, held.lock.ended) = (true, !self.is_unsure.load(Ordering::SeqCst));
            // Whoever comes next waits for the end of the lease if this fails.
            self.shared.write(&mut held);
        }
        reach(Point::LockCleared);
    }
}

impl LeaseShared {
    fn held(&self) -> MutexGuard<'_, LeaseHeld> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows signs of life until the run ends or loses the lock.
    fn beat(&self) {
        let mut held = self.held();
        while !held.ended && !held.lost {
            let (now, waited) = self
                .changed
                .wait_timeout_while(held, self.pause, |held| !held.ended && !held.due)
                .unwrap_or_else(PoisonError::into_inner);
            held = now;
            if (waited.timed_out() || held.due) && !held.ended {
                held.due = false;
                self.write(&mut held);
            }
        }
    }

    /// Writes the lock under its tag.
    fn write(&self, held: &mut LeaseHeld) {
        let key = self.place.lock();
        let Ok(text) = held.lock.text() else { return };
        match self.place.replace(&key, &held.tag, &text) {
            Ok(Swap::Won(tag)) => held.tag = tag,
            Ok(Swap::Lost(Some(_))) => held.lost = true,
            // Something removed the lock; the epoch still shows who may write.
            Ok(Swap::Lost(None)) => match self.place.create(&key, &text) {
                Ok(Swap::Won(tag)) => held.tag = tag,
                Ok(Swap::Lost(_)) => held.lost = true,
                Err(error) => tracing::info!(%error, "the lock was not written"),
            },
            Err(error) => tracing::info!(%error, "the lock was not written"),
        }
    }
}

pub(super) fn read(
    place: &StatePlace,
    object: &super::objects::StoredObject,
) -> Result<LockObject, StateError> {
    LockObject::read(object).map_err(|why| StateError::Io {
        action: "read",
        at: place.location(&place.lock()),
        source: std::io::Error::other(why),
    })
}

/// Whether the store was seen to compare and swap. If it does not, a person must have allowed it.
pub(super) fn prove(place: &StatePlace, terms: LeaseTerms) -> Result<bool, StateError> {
    let folder = place.probe();
    match probe(place.objects(), &folder).map_err(|error| place.failed("write", &folder, &error))? {
        ProbeResult::Safe => Ok(true),
        ProbeResult::Unsafe(_) if terms.allow_unsafe_store => Ok(false),
        ProbeResult::Unsafe(seen) => {
            Err(StateError::UnsafeStore { at: place.location(&place.state()), seen })
        }
    }
}
