//! Where a state is kept, seen from those who use it: readers call [`Store::read`] and [`Store::writer`], and everything else
//! is called by the ledger alone. A store keeps bytes and records; it never decides what they say. It may take its time
//! (a run that sends does not wait for it), so it needs no asynchronous code.

use std::time::Duration;

use super::{Document, Holder, Record, Rescued, Snapshot, StateError, WayBack, Writer};
use crate::model::Digest;

/// Names one version of the stored document: nothing where there is none yet.
pub type Version = Option<Digest>;

/// Whether to wait for another writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    /// As long as for the lock in the beginning.
    AsForTheLock,
}

/// A place for a state: a folder, or an object store.
pub trait Store {
    /// Proof that this process is the only writer; dropping it lets the next one in.
    type Guard;

    /// Reads document and journal. Needs no lock and changes nothing.
    fn read(&self) -> Result<Snapshot, StateError>;

    /// Becomes the only writer, waiting at most that long.
    fn lock(&self, holder: &Holder, wait: Duration) -> Result<Self::Guard, StateError>;

    /// What a person who wants to know more should know of how this process became the only writer.
    fn remark(&self, _: &Self::Guard) -> Option<String> {
        None
    }

    /// Right before each request: that this process still is the only writer, and what it recorded still in its place. An
    /// error means that nothing may be sent.
    fn check(&self, _: &Self::Guard) -> Result<(), StateError> {
        Ok(())
    }

    /// Becomes the only writer once more, where another run could take this one's place: to record what was sent, not to
    /// send.
    fn regain(&self, _: &mut Self::Guard, _: Wait) -> Result<(), StateError> {
        Ok(())
    }

    /// Who is writing now, if anybody.
    fn writer(&self) -> Writer;

    /// Appends to the journal; durable when it returns.
    fn append(&self, guard: &mut Self::Guard, record: &Record) -> Result<(), StateError>;

    /// Replaces the document by this text if the stored version still is `expected`, and says whether it was;
    /// durable when it returns.
    fn save(&self, guard: &mut Self::Guard, expected: &Version, text: &str) -> Result<bool, StateError>;

    /// Told after a document was put in its place. The state is recorded then, so this cannot fail.
    fn saved(&self, _document: &Document, _text: &str) {}

    /// Puts these records in the place of a journal that does not fit the document: all at once.
    fn replace_journal(&self, guard: &mut Self::Guard, records: &[Record]) -> Result<(), StateError>;

    /// Removes the journal, after its records are part of the document.
    fn clear_journal(&self, guard: &mut Self::Guard) -> Result<(), StateError>;

    /// What is known for the way from what is in place to the version that the journal there began with. It may take long
    /// to find.
    fn way_to_base(&self) -> WayBack;

    /// Keeps a document's text, made from that version, where no other run looks for it, because it can be put nowhere
    /// else. Answers where it is, if that could be done.
    fn rescue(&self, _base: &Version, _text: &str) -> Option<Rescued> {
        None
    }
}

/// A store that is only borrowed.
impl<S: Store> Store for &S {
    type Guard = S::Guard;

    fn read(&self) -> Result<Snapshot, StateError> {
        (**self).read()
    }

    fn lock(&self, holder: &Holder, wait: Duration) -> Result<Self::Guard, StateError> {
        (**self).lock(holder, wait)
    }

    fn remark(&self, guard: &Self::Guard) -> Option<String> {
        (**self).remark(guard)
    }

    fn check(&self, guard: &Self::Guard) -> Result<(), StateError> {
        (**self).check(guard)
    }

    fn regain(&self, guard: &mut Self::Guard, wait: Wait) -> Result<(), StateError> {
        (**self).regain(guard, wait)
    }

    fn writer(&self) -> Writer {
        (**self).writer()
    }

    fn append(&self, guard: &mut Self::Guard, record: &Record) -> Result<(), StateError> {
        (**self).append(guard, record)
    }

    fn save(&self, guard: &mut Self::Guard, expected: &Version, text: &str) -> Result<bool, StateError> {
        (**self).save(guard, expected, text)
    }

    fn saved(&self, document: &Document, text: &str) {
        (**self).saved(document, text);
    }

    fn replace_journal(&self, guard: &mut Self::Guard, records: &[Record]) -> Result<(), StateError> {
        (**self).replace_journal(guard, records)
    }

    fn clear_journal(&self, guard: &mut Self::Guard) -> Result<(), StateError> {
        (**self).clear_journal(guard)
    }

    fn way_to_base(&self) -> WayBack {
        (**self).way_to_base()
    }

    fn rescue(&self, base: &Version, text: &str) -> Option<Rescued> {
        (**self).rescue(base, text)
    }
}
