//! Where a state is kept, as seen by its users. Readers call [`Store::read`] and [`Store::writer`]; only the ledger
//! calls the rest. A store keeps bytes and records and never decides their content. It may be slow (a run that sends
//! does not wait for it), so it needs no asynchronous code.

use std::time::Duration;

use super::{
    Document, DocumentText, Holder, MovedState, PlannedRow, Record, Rescued, Snapshot, StateError, WayBack,
    Writer,
};
use crate::model::Digest;

/// Identifies one version of the stored document: its digest, or `None` if there is none yet.
pub type Version = Option<Digest>;

/// Whether to wait for another writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Do not wait.
    No,
    /// Wait as long as for the lock at the beginning.
    AsForTheLock,
}

/// A place for a state, such as a folder or an object store.
pub trait Store {
    /// Proof that this process is the only writer; dropping it lets the next one in.
    type Guard;

    /// Reads document and journal. Needs no lock and changes nothing.
    fn read(&self) -> Result<Snapshot, StateError>;

    /// The same, for the only writer: nothing older than what it holds.
    fn read_held(&self, _: &Self::Guard) -> Result<Snapshot, StateError> {
        self.read()
    }

    /// Becomes the only writer, waiting at most `wait`.
    fn lock(&self, holder: &Holder, wait: Duration) -> Result<Self::Guard, StateError>;

    /// A note, for people who want details, about how this process became the only writer.
    fn remark(&self, _: &Self::Guard) -> Option<String> {
        None
    }

    /// Checks, right before each request, that this process is still the only writer and that its records are still
    /// in place. After an error nothing may be sent.
    fn check(&self, _: &Self::Guard) -> Result<(), StateError> {
        Ok(())
    }

    /// Becomes the only writer again, if another run could have taken over: only to record what was sent.
    fn regain(&self, _: &mut Self::Guard, _: Wait) -> Result<(), StateError> {
        Ok(())
    }

    /// The current writer, if any.
    fn writer(&self) -> Writer;

    /// Notes what this run is going to send. A journal that can lose single records keeps it.
    fn plans(&self, _: &mut Self::Guard, _: &dyn Fn() -> Vec<PlannedRow>) -> Result<(), StateError> {
        Ok(())
    }

    /// Appends to the journal; durable when it returns.
    fn append(&self, guard: &mut Self::Guard, record: &Record) -> Result<(), StateError>;

    /// Replaces the document by this one if the stored version is still `expected`, and returns whether it was;
    /// durable when it returns. The text can be written more than once, and need not be in memory as a whole.
    fn save(
        &self,
        guard: &mut Self::Guard,
        expected: &Version,
        new: &DocumentText<'_>,
    ) -> Result<bool, StateError>;

    /// Called after a document was put in place. The state is already recorded, so this cannot fail.
    fn saved(&self, _document: &Document) {}

    /// Replaces a journal that does not fit the document by these records, all at once.
    fn replace_journal(&self, guard: &mut Self::Guard, records: &[Record]) -> Result<(), StateError>;

    /// Removes the journal, after its records are part of the document.
    fn clear_journal(&self, guard: &mut Self::Guard) -> Result<(), StateError>;

    /// Replaces the document by a note that says where it is kept now. No run that was or is still at work saves or
    /// sends anything after that; durable when it returns.
    fn leave(&self, guard: &mut Self::Guard, moved: &MovedState) -> Result<(), StateError>;

    /// What is known for joining the document in place with the version that the journal began with. Finding it may
    /// take long.
    fn way_to_base(&self) -> WayBack;

    /// Saves a document, made from the version `base`, that cannot be put in place, where no run looks for it. Returns
    /// where it is, or `None` if it could not be saved.
    fn rescue(&self, _base: &Version, _new: &DocumentText<'_>) -> Option<Rescued> {
        None
    }
}

/// A borrowed store.
impl<S: Store> Store for &S {
    type Guard = S::Guard;

    fn read(&self) -> Result<Snapshot, StateError> {
        (**self).read()
    }

    fn read_held(&self, guard: &Self::Guard) -> Result<Snapshot, StateError> {
        (**self).read_held(guard)
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

    fn plans(&self, guard: &mut Self::Guard, rows: &dyn Fn() -> Vec<PlannedRow>) -> Result<(), StateError> {
        (**self).plans(guard, rows)
    }

    fn append(&self, guard: &mut Self::Guard, record: &Record) -> Result<(), StateError> {
        (**self).append(guard, record)
    }

    fn save(
        &self,
        guard: &mut Self::Guard,
        expected: &Version,
        new: &DocumentText<'_>,
    ) -> Result<bool, StateError> {
        (**self).save(guard, expected, new)
    }

    fn saved(&self, document: &Document) {
        (**self).saved(document);
    }

    fn replace_journal(&self, guard: &mut Self::Guard, records: &[Record]) -> Result<(), StateError> {
        (**self).replace_journal(guard, records)
    }

    fn clear_journal(&self, guard: &mut Self::Guard) -> Result<(), StateError> {
        (**self).clear_journal(guard)
    }

    fn leave(&self, guard: &mut Self::Guard, moved: &MovedState) -> Result<(), StateError> {
        (**self).leave(guard, moved)
    }

    fn way_to_base(&self) -> WayBack {
        (**self).way_to_base()
    }

    fn rescue(&self, base: &Version, new: &DocumentText<'_>) -> Option<Rescued> {
        (**self).rescue(base, new)
    }
}
