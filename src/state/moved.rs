//! The note that stays where a state was, once it is kept elsewhere: no command uses that place any more.

use serde::{Deserialize, Serialize};

use super::Location;
use super::StateError;

/// Name and version of the note's format.
const MOVED_FORMAT: &str = "certctl.moved/v1";

/// Where a state is now. The fields are in alphabetical order, as in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedState {
    /// [`MOVED_FORMAT`].
    format: String,
    /// The lineage of the state.
    pub lineage: String,
    /// The serial of the state that was moved.
    pub serial: u64,
    /// Its place now, as certctl.toml names it.
    pub to: String,
}

impl MovedState {
    /// A note for a state with this lineage and serial.
    pub fn new(lineage: String, serial: u64, to: String) -> Self {
        Self { format: MOVED_FORMAT.to_owned(), lineage, serial, to }
    }

    /// The text of the note.
    pub(super) fn to_text(&self) -> Result<String, StateError> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        Ok(text + "\n")
    }

    /// Whether a text is the note of a state with this lineage.
    pub(super) fn is_of(lineage: &str, text: &[u8]) -> bool {
        serde_json::from_slice::<Self>(text)
            .is_ok_and(|moved| moved.format == MOVED_FORMAT && moved.lineage == lineage)
    }

    /// The error for a command that finds this text in place of a state; `None` if it is not a note that the state moved.
    pub(super) fn error(at: &Location, text: &[u8]) -> Option<StateError> {
        let moved: Self = serde_json::from_slice(text).ok()?;
        (moved.format == MOVED_FORMAT).then(|| StateError::Moved { at: at.clone(), to: moved.to })
    }
}
