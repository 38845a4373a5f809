//! Leaves a note in the place of a state that was moved.

use std::io::Write;

use super::{FileStore, failed};
use crate::state::durable::{STATE, replace};
use crate::state::{MovedState, StateError, temporary};

impl FileStore {
    /// Replaces the state by a note that says where it is now. The caller holds the lock.
    pub fn mark_moved(&self, moved: &MovedState) -> Result<(), StateError> {
        let text = serde_json::to_string_pretty(moved)
            .map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        let file = temporary::new_for(&self.path, self.folder());
        let write = |sink: &mut dyn Write| writeln!(sink, "{text}");
        file.and_then(|file| replace(&self.path, file, self.folder(), write, STATE))
            .map_err(failed("write", &self.path))
    }
}
