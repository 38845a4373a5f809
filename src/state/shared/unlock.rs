//! Releases the lock of a run that no longer works, at a person's word, so that the run sends nothing more even if it does.

use uuid::Uuid;

use super::closing::NamedJournal;
use super::conditional::Swap;
use super::epoch::{Epoch, LeftJournal};
use super::lock_object::LockObject;
use super::{SharedStore, StoredState, guard, lease};
use crate::state::{LockState, StateError, Unlocking};

impl SharedStore {
    /// The lock as it is now.
    pub fn lock_state(&self) -> Result<LockState, StateError> {
        let place = self.place()?;
        let Some(object) = place.get(&place.lock())? else { return Ok(LockState::Free) };
        Ok(lease::read(place, &object)?.lock_state(&object))
    }

    /// Releases the lock of the run with this id.
    ///
    /// Raising the epoch comes first: whatever happens after that, the run sends nothing more. The journal stays, and
    /// the next run replays it.
    pub fn unlock(&self, id: &str) -> Result<Unlocking, StateError> {
        /// How often to begin again: the holder may show a sign of life in between.
        const ATTEMPTS: usize = 5;
        let place = self.place()?;
        for _ in 0..ATTEMPTS {
            // The state is read before the lock. A run that takes the lock after that raises the epoch too, and one of
            // the two swaps fails: so the epoch is raised against the run with this id and against no other.
            let stored = StoredState::read(place)?;
            let Some(object) = place.get(&place.lock())? else {
                return Ok(Unlocking::NotHeld(LockState::Free));
            };
            let lock = lease::read(place, &object)?;
            match lock.lock_state(&object) {
                LockState::Held(held) if held.id == id => {}
                other => return Ok(Unlocking::NotHeld(other)),
            }
            // A run whose state is gone sends nothing more anyway.
            if let Some(stored) = &stored {
                self.document(&stored.text)?;
                let number = stored.epoch.number.max(lock.epoch).saturating_add(1);
                let mut epoch = Epoch { number, run: Uuid::new_v4(), ..stored.epoch.clone() };
                // A run that has recorded something can still record what became of requests on their way, until another
                // run follows.
                let stays_open = stored.epoch.left.is_none() && stored.epoch.number > stored.epoch.sealed;
                if stays_open {
                    let Epoch { number, run, .. } = stored.epoch;
                    epoch.left = Some(LeftJournal { number, run, records: 0 });
                }
                let named = lock.notes().map_or(NamedJournal::default(), |notes| NamedJournal::of(&notes));
                let unended = (!stays_open).then_some(named);
                if guard::raise(self, place, Some(stored), epoch, unended)?.is_none() {
                    continue;
                }
            }
            // It still names the journal, so that the next run misses what somebody removes of it.
            let released = LockObject { released: true, ..lock };
            if let Swap::Won(_) = place.replace(&place.lock(), &object.tag, &released.text()?)? {
                return Ok(Unlocking::Released);
            }
        }
        Err(StateError::Io {
            action: "release",
            at: place.location(&place.lock()),
            source: std::io::Error::other("it was changed again and again meanwhile"),
        })
    }
}
