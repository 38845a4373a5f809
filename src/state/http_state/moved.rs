//! Leaves a note in the place of a state that was moved, as a document with a serial and a nonce like every other.

use std::time::Duration;

use super::HttpStore;
use super::guard::HttpGuard;
use super::unlock::asking;
use crate::crash::{Point, reach};
use crate::state::{Document, MovedState, StateError};

impl HttpStore {
    /// Replaces the document by a note.
    pub(super) fn put_note(&self, guard: &mut HttpGuard, moved: &MovedState) -> Result<(), StateError> {
        reach(Point::SaveCompared);
        guard.save(self, moved.to_text()?.into_bytes())?;
        reach(Point::StateDurable);
        Ok(())
    }

    /// Removes the note of a state of this lineage, so that the state can be moved back.
    pub fn remove_note(&self, lineage: &str) -> Result<(), StateError> {
        let mut guard = HttpGuard::take_anything(self, &asking(), Duration::ZERO)?;
        if !MovedState::is_of(lineage, guard.text()) {
            return Ok(());
        }
        let empty = Document::empty(&self.claim.identity, lineage.to_owned())
            .to_text()
            .map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        guard.save(self, empty.into_bytes())
    }
}
