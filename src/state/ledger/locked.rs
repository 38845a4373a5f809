//! The step between taking the lock and the first write, in which a command can still find that it must not write.

use std::sync::Arc;
use std::time::Duration;

use super::checkpoint::{NewWrite, recover};
use super::{Book, Ledger, LockedStore, Opening};
use crate::state::{Document, Holder, JournalFit, Record, Replay, Snapshot, StateError, Store};

/// A state that is locked and read, but unchanged.
pub struct Locked<S: Store> {
    store: S,
    guard: S::Guard,
    snapshot: Snapshot,
}

impl<S: Store> Locked<S> {
    /// Takes the lock, waiting at most `wait`, and reads the state.
    pub fn take(store: S, holder: &Holder, wait: Duration) -> Result<Self, StateError> {
        let guard = store.lock(holder, wait)?;
        let snapshot = store.read_held(&guard)?;
        Ok(Self { store, guard, snapshot })
    }

    /// The proof that only this process writes.
    pub fn guard(&self) -> &S::Guard {
        &self.guard
    }

    /// What the store holds.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Recovers an interrupted run. The flag says whether there was one.
    pub fn open(self, opening: &Opening<'_>) -> Result<(Ledger<S>, bool), StateError> {
        let Self { store, mut guard, mut snapshot } = self;
        let mut recovered = false;
        match snapshot.fit() {
            JournalFit::None => {}
            JournalFit::Checkpointed => {
                // The run that put the document in place ended before it could finish the rest.
                if let Some(document) = &snapshot.document {
                    store.saved(document);
                }
                store.clear_journal(&mut guard)?;
            }
            JournalFit::Foreign { expected } => {
                let found = snapshot.document.map(|document| document.serial);
                return Err(StateError::replaced(&store, expected, found));
            }
            JournalFit::Open => {
                recovered = recover(&store, &mut guard, &snapshot)?.is_some();
                snapshot = store.read_held(&guard)?;
            }
        }
        let document =
            snapshot.document.unwrap_or_else(|| Document::empty(opening.identity, opening.lineage.clone()));
        let write = NewWrite::new(opening.write, Some(&document));
        let begun = opening.record(&document, snapshot.version.clone());
        let replay = Replay::begin(Some(document), &begun);
        let version = snapshot.version;
        let book = Book { replay, version, opening: Arc::new(begun), opened: false, write };
        Ok((Ledger { held: LockedStore { store, guard }, book }, recovered))
    }

    /// Makes this record part of the document, and discards a journal that does not fit it.
    pub fn overrule(mut self, opening: &Opening<'_>, record: Record) -> Result<Document, StateError> {
        let snapshot = &self.snapshot;
        let document = snapshot
            .document
            .clone()
            .unwrap_or_else(|| Document::empty(opening.identity, opening.lineage.clone()));
        let begun = opening.record(&document, snapshot.version.clone());
        self.store.replace_journal(&mut self.guard, &[begun, record])?;
        let snapshot = self.store.read_held(&self.guard)?;
        Ok(recover(&self.store, &mut self.guard, &snapshot)?.unwrap_or(document))
    }
}
