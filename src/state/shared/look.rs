//! One look at the store of a state, for a person who wants to know whether it can be used. It repeats nothing, so that
//! a store without an answer is reported soon, and it writes nothing unless it is asked to try the store out.

use super::lease::{self, LeaseTerms};
use super::{SharedStore, StateError};

/// What one look at a store has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreLook {
    /// The store was seen to compare and swap.
    Proven,
    /// No run has written there yet, or it was allowed without proof.
    NotProven,
    /// The store compares the lock of each write instead.
    ByLock,
}

impl SharedStore {
    /// Asks the store for the lock of the state, once.
    pub fn look(&self) -> Result<StoreLook, StateError> {
        let place = self.place()?;
        let key = place.lock();
        let object = place.objects().get(&key).map_err(|error| place.failed("read", &key, &error))?;
        let lock = object.map(|object| lease::read(place, &object)).transpose()?;
        let is_proven = lock.is_some_and(|lock| lock.proven);
        Ok(if is_proven { StoreLook::Proven } else { StoreLook::NotProven })
    }

    /// Finds out whether the store compares and swaps now, as the first run that writes there does; also one that was allowed
    /// without proof, or proven earlier. Leaves a small object beside the state.
    pub fn try_out(&self) -> Result<StoreLook, StateError> {
        self.look()?;
        let terms = LeaseTerms { allow_unsafe_store: false, ..self.terms };
        lease::prove(self.place()?, terms).map(|_| StoreLook::Proven)
    }
}
