//! Leaves a note in the place of a state that was moved.

use std::fs;
use std::io::Write;

use super::{FileStore, failed, read_if_there};
use crate::state::durable::{STATE, replace, sync_folder};
use crate::state::{MovedState, StateError, temporary};

impl FileStore {
    /// Replaces the state by a note that says where it is now. The caller holds the lock.
    pub(super) fn put_note(&self, moved: &MovedState) -> Result<(), StateError> {
        let text = moved.to_text()?;
        let file = temporary::new_for(&self.path, self.folder());
        let write = |sink: &mut dyn Write| sink.write_all(text.as_bytes());
        file.and_then(|file| replace(&self.path, file, self.folder(), write, STATE))
            .map_err(failed("write", &self.path))
    }

    /// Removes the note of a state of this lineage, so that the state can be moved back. No command uses a note, so this
    /// needs no lock.
    pub fn remove_note(&self, lineage: &str) -> Result<(), StateError> {
        let Some(text) = read_if_there(&self.path)? else { return Ok(()) };
        if !MovedState::is_of(lineage, &text) {
            return Ok(());
        }
        fs::remove_file(&self.path).map_err(failed("remove", &self.path))?;
        sync_folder(self.folder()).map_err(failed("write in the folder", self.folder()))
    }
}
