//! Where a state is kept, seen from those who use it.

use std::time::Duration;

use super::{Document, Holder, Record, Snapshot, StateError, Watch, Writer};
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

/// A place for a state: a folder now, an object store later.
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

    /// Looks, right before each request, whether this process still is the only writer.
    fn watch(&self, _: &Self::Guard) -> Watch {
        Watch::default()
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

    /// Where it is, for people.
    fn describe(&self) -> String;

    /// The error for a document that is not the one the journal began with.
    fn replaced(&self, expected: u64, found: Option<u64>) -> StateError;

    /// After this error on the way to a new document made from that version: keeps the text where no other run looks for
    /// it, if the error means that it can be put nowhere else. Answers the error, which then says where the text is.
    fn rescue(&self, error: StateError, _base: &Version, _text: &str) -> StateError {
        error
    }
}
