//! Leaves a note in the place of a state that was moved.

use uuid::Uuid;

use super::conditional::Swap;
use super::epoch::Epoch;
use super::{SharedGuard, SharedStore, StoredState};
use crate::crash::{Point, reach};
use crate::state::{Document, MovedState, StateError};

impl SharedStore {
    /// Replaces the state's object by a note, under the tag of this run and with a higher epoch than any run had.
    pub(super) fn put_note(&self, guard: &mut SharedGuard, moved: &MovedState) -> Result<(), StateError> {
        let text = moved.to_text()?;
        guard.epoch.number = guard.epoch.number.saturating_add(1);
        reach(Point::SaveCompared);
        let sealed = guard.last_recorded();
        if !self.put(guard, text.as_bytes(), sealed)? {
            return Err(self.taken_over());
        }
        reach(Point::StateDurable);
        Ok(())
    }

    /// Removes the note of a state of this lineage, so that the state can be moved back. The epoch stays: what earlier
    /// runs recorded here is part of the state that was moved.
    pub fn remove_note(&self, lineage: &str) -> Result<(), StateError> {
        let place = self.place()?;
        let Some(StoredState { tag, epoch, text }) = StoredState::read(place)? else { return Ok(()) };
        if !MovedState::is_of(lineage, &text) {
            return Ok(());
        }
        let unwritable = |error: serde_json::Error| StateError::Unwritable { message: error.to_string() };
        let empty =
            Document::empty(&self.claim.identity, lineage.to_owned()).to_text().map_err(unwritable)?;
        let next = Epoch { number: epoch.number.saturating_add(1), run: Uuid::new_v4(), ..epoch };
        let object = next.joined(empty.as_bytes()).map_err(unwritable)?;
        match place.replace(&place.state(), &tag, &object)? {
            Swap::Won(_) => Ok(()),
            Swap::Lost(_) => Err(self.taken_over()),
        }
    }
}
