//! What a run knows while it holds the state on a server: the lock, and the document as it wrote or read it last.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::HttpStore;
use super::document::{DocumentContents, SeenWrite, ServerDocument, WriteMark};
use super::exchange::WriteResult;
use super::requests::StateServer;
use super::server_lock::ServerLock;
use crate::crash::{Point, reach};
use crate::model::Digest;
use crate::state::shared::Epoch;
use crate::state::{Document, Holder, Outline, Record, StateError, Version};

/// A run's hold of a state on a server; dropping it releases the lock.
#[derive(Debug)]
pub struct HttpGuard {
    pub(super) lock: ServerLock,
    server: Arc<StateServer>,
    /// The document in place.
    in_place: InPlace,
    /// A write of this run without a known end: it may be carried out later.
    attempt: Option<InPlace>,
    /// The version of the state in that document.
    pub(super) version: Version,
    /// The first record of the journal, which is written together with the next one.
    opening: Option<String>,
    /// Which write the next one is.
    next: WriteMark,
}

/// A document, as this run knows it.
#[derive(Clone, Debug)]
struct InPlace {
    seen: SeenWrite,
    serial: u64,
    contents: DocumentContents,
}

impl HttpGuard {
    /// Takes the lock and reads the document. What is not this environment's state is left untouched.
    pub(super) fn take(store: &HttpStore, holder: &Holder, wait: Duration) -> Result<Self, StateError> {
        let guard = Self::take_anything(store, holder, wait)?;
        store.document(&guard.in_place.contents.text)?;
        Ok(guard)
    }

    /// The same for any document, to look at it.
    pub(super) fn take_anything(
        store: &HttpStore,
        holder: &Holder,
        wait: Duration,
    ) -> Result<Self, StateError> {
        let server = store.server()?;
        let lock = ServerLock::take(server, holder, &store.claim.identity.environment, wait)
            .map_err(|error| store.not_locked(error))?;
        let stored = store.stored()?;
        let (in_place, version, last) = if let Some(ServerDocument { seen, mark, contents }) = stored {
            let version = (!is_empty(&contents.text)).then(|| Digest::of(&contents.text));
            (InPlace { seen, serial: mark.serial, contents }, version, mark.epoch)
        } else {
            // Until a state is saved, an empty one has its place beside the journal.
            let text = Document::empty(&store.claim.identity, Uuid::new_v4().to_string())
                .to_text()
                .map_err(|error| StateError::Unwritable { message: error.to_string() })?;
            let contents = DocumentContents { text: text.into_bytes(), journal: Vec::new() };
            (InPlace { seen: SeenWrite::Nothing, serial: 0, contents }, None, Epoch::none())
        };
        let run = Uuid::parse_str(lock.id()).unwrap_or_default();
        let epoch =
            Epoch { nonce: Uuid::nil(), number: last.number.saturating_add(1), run, sealed: 0, left: None };
        let next = WriteMark { epoch, holder: Some(holder.clone()), serial: 0 };
        let server = Arc::clone(server);
        Ok(Self { lock, server, in_place, attempt: None, version, opening: None, next })
    }

    /// Checks that the document in place is the one that this run wrote or read last.
    pub(super) fn check(&self, store: &HttpStore) -> Result<(), StateError> {
        if self.lock.is_lost() {
            return Err(store.taken_over());
        }
        let there = self.look(store)?;
        let is_ours =
            there == self.in_place.seen || self.attempt.as_ref().is_some_and(|attempt| attempt.seen == there);
        if is_ours { Ok(()) } else { Err(self.is_taken_over(store)) }
    }

    fn look(&self, store: &HttpStore) -> Result<SeenWrite, StateError> {
        let body = self.server.read().map_err(|error| store.failed("read", error))?;
        Ok(SeenWrite::of(body.as_deref()))
    }

    fn is_taken_over(&self, store: &HttpStore) -> StateError {
        self.lock.is_lost_now();
        store.taken_over()
    }

    /// Appends a record to the journal in the document.
    pub(super) fn append(&mut self, store: &HttpStore, record: &Record) -> Result<(), StateError> {
        match record {
            // The first record says only what the next ones belong to: the two are written together.
            Record::Open { .. } => {
                self.opening = Some(line(record)?);
                Ok(())
            }
            // Saving the state removes its journal in the same step, so nothing has to announce it.
            Record::Checkpoint { .. } => Ok(()),
            _ => {
                let mut journal = match &self.opening {
                    Some(opening) => vec![opening.clone()],
                    None => self.in_place.contents.journal.clone(),
                };
                journal.push(line(record)?);
                reach(Point::RecordBegun);
                self.write(store, DocumentContents { text: self.in_place.contents.text.clone(), journal })?;
                self.opening = None;
                reach(Point::RecordDurable);
                Ok(())
            }
        }
    }

    /// Replaces the journal by these records at once.
    pub(super) fn replace_journal(
        &mut self,
        store: &HttpStore,
        records: &[Record],
    ) -> Result<(), StateError> {
        let journal = records.iter().map(line).collect::<Result<_, _>>()?;
        reach(Point::RecordBegun);
        self.write(store, DocumentContents { text: self.in_place.contents.text.clone(), journal })?;
        reach(Point::RecordDurable);
        Ok(())
    }

    /// Puts a state in place, which has all records of the journal.
    pub(super) fn save(&mut self, store: &HttpStore, text: Vec<u8>) -> Result<(), StateError> {
        self.write(store, DocumentContents { text, journal: Vec::new() })
    }

    /// The text of the state in place.
    pub(super) fn text(&self) -> &[u8] {
        &self.in_place.contents.text
    }

    /// Removes the journal, if there is one.
    pub(super) fn clear_journal(&mut self, store: &HttpStore) -> Result<(), StateError> {
        if self.in_place.contents.journal.is_empty() {
            return Ok(());
        }
        self.save(store, self.in_place.contents.text.clone())
    }

    /// Writes what is in place once more, so that whoever wrote it sees that another run has taken over.
    pub(super) fn renew(&mut self, store: &HttpStore) -> Result<(), StateError> {
        if self.in_place.seen == SeenWrite::Nothing {
            return Ok(());
        }
        self.put(store, self.in_place.contents.clone())
    }

    fn write(&mut self, store: &HttpStore, contents: DocumentContents) -> Result<(), StateError> {
        if self.lock.is_lost() {
            return Err(store.taken_over());
        }
        let there = self.look(store)?;
        if let Some(attempt) = self.attempt.take_if(|attempt| attempt.seen == there) {
            self.in_place = attempt;
        }
        if there != self.in_place.seen {
            return Err(self.is_taken_over(store));
        }
        // An earlier attempt was carried out after all.
        if contents == self.in_place.contents && there != SeenWrite::Nothing {
            return Ok(());
        }
        self.put(store, contents)
    }

    fn put(&mut self, store: &HttpStore, contents: DocumentContents) -> Result<(), StateError> {
        let nonce = Uuid::new_v4();
        let has_journal = !contents.journal.is_empty();
        let sealed = self.next.epoch.number.saturating_sub(u64::from(has_journal));
        let epoch = Epoch { nonce, sealed, ..self.next.epoch.clone() };
        let mark = WriteMark { epoch, serial: self.in_place.serial, ..self.next.clone() };
        let (document, serial) = mark.joined(&contents)?;
        self.attempt = Some(InPlace { seen: SeenWrite::Write(nonce), serial, contents });
        let written = self.server.write(&document, nonce, self.lock.id(), &self.in_place.seen);
        match written.map_err(|error| store.failed("write", error))? {
            WriteResult::InPlace => {
                if let Some(attempt) = self.attempt.take() {
                    self.in_place = attempt;
                }
                Ok(())
            }
            WriteResult::TakenOver => Err(self.is_taken_over(store)),
        }
    }
}

/// Whether a state only has the place of one that was never saved.
pub(super) fn is_empty(text: &[u8]) -> bool {
    Outline::read(text).is_some_and(|outline| outline.ancestry.serial == 0)
}

/// A record as a line of the document, without its line break.
fn line(record: &Record) -> Result<String, StateError> {
    let line = record.to_line().map_err(|error| StateError::Unwritable { message: error.to_string() })?;
    Ok(line.trim_end_matches('\n').to_owned())
}
