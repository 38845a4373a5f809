//! The only way to write a state: under the lock, record by record, with a checkpoint at the end.
//!
//! Commands that edit the state call it directly and wait for it. A run that sends puts it on its own thread
//! ([`super::AsyncLedger`]). It never sends anything, and knows its store only through [`Store`].

mod checkpoint;
mod locked;
#[cfg(feature = "internals")]
mod synchronous;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Document, Holder, JOURNAL_FORMAT, MovedState, PlannedRow, Provenance, Record, Replay, StateError,
    StateIdentity, Store, Version, WriteId,
};
use crate::model::Key;
use checkpoint::{NewWrite, put_records};
pub use checkpoint::{document_of_journal, folded};
pub use locked::Locked;

/// A state that only this process may write.
///
/// Every change is a [`Record`] that is durable before it is acted upon or reported; [`Ledger::checkpoint`] makes the
/// records part of the document. A process that ends without a checkpoint leaves a journal, and the next ledger
/// recovers it first.
pub struct Ledger<S: Store> {
    held: LockedStore<S>,
    book: Book,
}

/// A store, with the proof that only this process writes to it.
pub(super) struct LockedStore<S: Store> {
    pub(super) store: S,
    pub(super) guard: S::Guard,
}

/// The records so far, and the document that they lead to.
#[derive(Debug)]
pub(super) struct Book {
    replay: Replay,
    version: Version,
    opening: Arc<Record>,
    opened: bool,
    write: NewWrite,
}

/// What a ledger needs to know about its run.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// The identity that the state must have.
    pub identity: &'a StateIdentity,
    /// The process that writes.
    pub holder: &'a Holder,
    /// Who runs it, and from where.
    pub by: Option<Provenance>,
    /// A new lineage, used if there is no state yet.
    pub lineage: String,
    /// The id of this run's write.
    pub write: WriteId,
}

impl Opening<'_> {
    /// The first record of a journal for this document, which is stored with this version.
    fn record(&self, document: &Document, version: Version) -> Record {
        Record::Open {
            at: self.holder.since,
            base: version,
            by: self.by.clone(),
            environment: document.environment.clone(),
            format: JOURNAL_FORMAT.to_owned(),
            lineage: document.lineage.clone(),
            operation: self.holder.operation.clone(),
            serial: document.serial,
            url: document.url.clone(),
            write: Some(self.write),
            writes: document.writes.clone(),
        }
    }
}

impl<S: Store> Ledger<S> {
    /// The document including all records so far.
    pub fn document(&self) -> &Document {
        self.book.replay.document()
    }

    /// See [`Store::remark`].
    pub fn remark(&self) -> Option<String> {
        self.held.store.remark(&self.held.guard)
    }

    /// Notes what the run is going to send, before its first record.
    pub fn plans(&mut self, rows: &dyn Fn() -> Vec<PlannedRow>) -> Result<(), StateError> {
        self.held.store.plans(&mut self.held.guard, rows)
    }

    /// Makes a record durable, and applies it to the document.
    pub fn record(&mut self, record: &Record) -> Result<(), StateError> {
        if let Some(opening) = self.book.opening() {
            self.held.append(&opening)?;
            self.book.is_open();
        }
        self.held.append(record)?;
        self.book.add(record);
        Ok(())
    }

    /// Makes the records part of the document, releases the lock, and returns the document. Without changes, it
    /// writes nothing.
    pub fn checkpoint(self) -> Result<Document, StateError> {
        self.checkpoint_with(&[])
    }

    /// A checkpoint that includes records which could not be made durable: if a document can still be written
    /// anywhere, it has them.
    pub fn checkpoint_with(self, unwritten: &[Arc<Record>]) -> Result<Document, StateError> {
        self.book.checkpoint(self.held, unwritten)
    }

    /// Leaves a note in place of the state, which is kept elsewhere now, and releases the lock. Nothing may have been
    /// recorded.
    pub fn leave(self, moved: &MovedState) -> Result<(), StateError> {
        let LockedStore { store, mut guard } = self.held;
        store.leave(&mut guard, moved)
    }

    /// Splits the ledger, for a store that another thread writes.
    pub(super) fn apart(self) -> (LockedStore<S>, Book) {
        (self.held, self.book)
    }
}

impl<S: Store> LockedStore<S> {
    /// See [`Store::append`].
    pub(super) fn append(&mut self, record: &Record) -> Result<(), StateError> {
        self.store.append(&mut self.guard, record)
    }
}

impl Book {
    /// The journal's first record, if it is not written yet.
    pub(super) fn opening(&self) -> Option<Arc<Record>> {
        (!self.opened).then(|| Arc::clone(&self.opening))
    }

    /// Notes that the journal has its first record.
    pub(super) fn is_open(&mut self) {
        self.opened = true;
    }

    /// Applies a record to the document.
    pub(super) fn add(&mut self, record: &Record) {
        self.replay.record(record);
    }

    /// The records that change which templates are protected.
    pub(super) fn protection(&self, protect: &BTreeMap<Key, bool>) -> Vec<Record> {
        let templates = &self.replay.document().templates;
        let differs =
            |(key, protect): &(&Key, &bool)| templates.get(*key).is_some_and(|row| row.protect != **protect);
        let record = |(key, protect): (&Key, &bool)| Record::Protect { key: key.clone(), protect: *protect };
        protect.iter().filter(differs).map(record).collect()
    }

    /// See [`Ledger::checkpoint_with`].
    pub(super) fn checkpoint<S: Store>(
        mut self,
        held: LockedStore<S>,
        unwritten: &[Arc<Record>],
    ) -> Result<Document, StateError> {
        for record in unwritten {
            self.add(record);
        }
        if !self.opened {
            return Ok(self.replay.finish());
        }
        let LockedStore { store, mut guard } = held;
        put_records(&store, &mut guard, self.replay, &self.version, &self.write)
    }
}
