//! What a run asks of a ledger, without the thread of [`AsyncLedger`](crate::state::AsyncLedger): simulations drive the
//! engine with it. No command calls it.

use std::collections::BTreeMap;

use super::Ledger;
use crate::model::Key;
use crate::state::{StateError, Store, Wait};

impl<S: Store> Ledger<S> {
    /// See [`Store::check`].
    pub fn check(&self) -> Result<(), StateError> {
        self.held.store.check(&self.held.guard)
    }

    /// See [`Store::regain`].
    pub fn regain(&mut self, wait: Wait) -> Result<(), StateError> {
        self.held.store.regain(&mut self.held.guard, wait)
    }

    /// Records which templates are protected, for those where the document differs. It continues after an error, and
    /// returns the last one.
    pub fn protect(&mut self, protect: &BTreeMap<Key, bool>) -> Result<(), StateError> {
        let mut result = Ok(());
        for record in self.book.protection(protect) {
            result = self.record(&record).and(result);
        }
        result
    }
}
