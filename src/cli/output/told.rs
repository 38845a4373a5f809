//! What was said already.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The texts that were said, in all parts of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct NotesTold(Arc<Mutex<BTreeSet<String>>>);

impl NotesTold {
    /// Whether a text comes for the first time.
    pub(super) fn is_new(&self, text: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned())
    }
}
