//! The one way to write a state: under the lock, record by record, folded at the end.
//!
//! Commands that edit the state call it directly and wait for it. A run that sends puts it on a thread of its own
//! ([`super::AsyncLedger`]). It never sends anything, and knows its store only through [`Store`].

mod checkpoint;
mod locked;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Document, Holder, JOURNAL_FORMAT, Record, Replay, StateError, StateIdentity, Store, Version, Wait,
    WriteId,
};
use crate::model::Key;
pub use checkpoint::document_of_journal;
use checkpoint::{NewWrite, fold};
pub use locked::Locked;

/// A state that this process is the only one to write.
///
/// Every change is a [`Record`] that is durable before it is acted upon or told; [`Ledger::checkpoint`] makes the records
/// part of the document. A process that ends without folding leaves a journal, and the next ledger folds it first.
pub struct Ledger<S: Store> {
    held: LockedStore<S>,
    book: Book,
}

/// A store, and the proof that this process is the only one to write to it.
pub(super) struct LockedStore<S: Store> {
    pub(super) store: S,
    pub(super) guard: S::Guard,
}

/// What is recorded, and the document that it leads to.
#[derive(Debug)]
pub(super) struct Book {
    replay: Replay,
    version: Version,
    opening: Arc<Record>,
    opened: bool,
    write: NewWrite,
}

/// What a run brings along: who it is, and what it cannot know by itself.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Whose state it must be.
    pub owner: &'a StateIdentity,
    /// Who writes.
    pub holder: &'a Holder,
    /// A new lineage, used when there is no state yet.
    pub lineage: String,
    /// Names the write of this run.
    pub write: WriteId,
    /// How long to wait for another writer.
    pub wait: Duration,
}

impl Opening<'_> {
    /// The first record of a journal for this document, which is stored in this version.
    fn record(&self, document: &Document, version: Version) -> Record {
        Record::Open {
            at: self.holder.since,
            base: version,
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
    /// Takes the lock, reads, and folds what an interrupted run left behind. Says whether there was such a run.
    pub fn open(store: S, opening: &Opening<'_>) -> Result<(Self, bool), StateError> {
        Locked::take(store, opening.holder, opening.wait)?.open(opening)
    }

    /// The document as far as it is recorded.
    pub fn document(&self) -> &Document {
        self.book.replay.document()
    }

    /// See [`Store::remark`].
    pub fn remark(&self) -> Option<String> {
        self.held.store.remark(&self.held.guard)
    }

    /// See [`Store::check`].
    pub fn check(&self) -> Result<(), StateError> {
        self.held.store.check(&self.held.guard)
    }

    /// See [`Store::regain`].
    pub fn regain(&mut self, wait: Wait) -> Result<(), StateError> {
        self.held.store.regain(&mut self.held.guard, wait)
    }

    /// Makes a record durable, and takes it into account.
    pub fn record(&mut self, record: &Record) -> Result<(), StateError> {
        if let Some(opening) = self.book.opening() {
            self.held.append(&opening)?;
            self.book.is_open();
        }
        self.held.append(record)?;
        self.book.add(record);
        Ok(())
    }

    /// Records which templates are protected, as far as the document has them and says otherwise. One that cannot be
    /// recorded does not keep the others back; the last error is the answer.
    pub fn protect(&mut self, protect: &BTreeMap<Key, bool>) -> Result<(), StateError> {
        let mut result = Ok(());
        for record in self.book.protection(protect) {
            result = self.record(&record).and(result);
        }
        result
    }

    /// Makes the records part of the document, and lets the next writer in. Answers the document as it then is. Where
    /// nothing changed, nothing is written.
    pub fn checkpoint(self) -> Result<Document, StateError> {
        self.fold_with(&[])
    }

    /// The same with records that could not be made durable: a document that is still written, wherever that is, has
    /// them.
    pub fn fold_with(self, unwritten: &[Arc<Record>]) -> Result<Document, StateError> {
        self.book.checkpoint(self.held, unwritten)
    }

    /// The two apart, for a store that is written by another thread.
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
    /// The journal's first record, where it is yet to be written.
    pub(super) fn opening(&self) -> Option<Arc<Record>> {
        (!self.opened).then(|| Arc::clone(&self.opening))
    }

    /// The journal has its first record.
    pub(super) fn is_open(&mut self) {
        self.opened = true;
    }

    /// Takes a record into account.
    pub(super) fn add(&mut self, record: &Record) {
        self.replay.record(record);
    }

    /// The records that say which templates are protected, where the document says otherwise.
    pub(super) fn protection(&self, protect: &BTreeMap<Key, bool>) -> Vec<Record> {
        let templates = &self.replay.document().templates;
        let differs =
            |(key, protect): &(&Key, &bool)| templates.get(*key).is_some_and(|row| row.protect != **protect);
        let record = |(key, protect): (&Key, &bool)| Record::Protect { key: key.clone(), protect: *protect };
        protect.iter().filter(differs).map(record).collect()
    }

    /// See [`Ledger::fold_with`].
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
        fold(&store, &mut guard, self.replay, &self.version, &self.write)
    }
}
