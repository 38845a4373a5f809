//! Remembers which notes were printed, so that none is printed twice.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The notes that were printed, shared by all parts of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct PrintedNotes(Arc<Mutex<BTreeSet<String>>>);

impl PrintedNotes {
    /// Records a text, and returns whether it is new.
    pub(super) fn is_new(&self, text: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned())
    }
}
