//! The one way to write a state: under the lock, record by record, folded at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::journal_fit::{JournalFit, name_of, name_of_recovery};
use super::{
    Document, Holder, JOURNAL_FORMAT, Owner, Record, Replay, Row, Snapshot, StateError, Store, Version, Wait,
    Watch, WriteId,
};
use crate::crash::{Point, reach};
use crate::model::{Digest, Key};

/// A state that this process is the only one to write.
///
/// Every change is a [`Record`] that is durable before it is acted upon or told; [`Ledger::fold`] makes the records
/// part of the document. A process that ends without folding leaves a journal, and the next ledger folds it first.
pub struct Ledger<'s, S: Store> {
    store: &'s S,
    guard: S::Guard,
    replay: Replay,
    version: Version,
    opening: Record,
    opened: bool,
    write: Write,
}

/// What a write of the state needs to know beside the records.
struct Write {
    /// What becomes part of the state by it, if that has a name of its own: the journal of an interrupted run.
    of: Option<WriteId>,
    /// Names it.
    id: WriteId,
    /// The rows before it: those that it changes carry its name.
    before: BTreeMap<Key, Row>,
}

/// What a run brings along: who it is, and what it cannot know by itself.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Whose state it must be.
    pub owner: &'a Owner,
    /// Who writes.
    pub holder: &'a Holder,
    /// A new lineage, used when there is no state yet.
    pub lineage: String,
    /// Names the write of this run.
    pub write: WriteId,
    /// How long to wait for another writer.
    pub wait: Duration,
}

/// A state that is locked and read, and not yet touched: the moment to find out that it must not be written.
pub struct Locked<'s, S: Store> {
    store: &'s S,
    guard: S::Guard,
    snapshot: Snapshot,
}

impl<'s, S: Store> Locked<'s, S> {
    /// Takes the lock, waiting at most that long, and reads.
    pub fn take(store: &'s S, holder: &Holder, wait: Duration) -> Result<Self, StateError> {
        let guard = store.lock(holder, wait)?;
        Ok(Self { store, guard, snapshot: store.read()? })
    }

    /// What the store holds.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Folds what an interrupted run left behind, and says whether there was such a run.
    pub fn open(self, opening: &Opening<'_>) -> Result<(Ledger<'s, S>, bool), StateError> {
        let Self { store, mut guard, mut snapshot } = self;
        let mut recovered = false;
        match snapshot.fit() {
            JournalFit::None => {}
            JournalFit::Folded => {
                // The run that put the document in place ended before it could say so.
                if let Some(document) = &snapshot.document {
                    store.saved(document, &text_of(document)?);
                }
                store.clear_journal(&mut guard)?;
            }
            JournalFit::Foreign { expected } => {
                return Err(store.replaced(expected, snapshot.document.map(|document| document.serial)));
            }
            JournalFit::Unfolded => {
                recovered = recover(store, &mut guard, &snapshot)?.is_some();
                snapshot = store.read()?;
            }
        }
        let document =
            snapshot.document.unwrap_or_else(|| Document::empty(opening.owner, opening.lineage.clone()));
        let write = Write::new(opening.write, Some(&document));
        let begun = opening.record(&document, snapshot.version.clone());
        let replay = Replay::begin(Some(document), &begun);
        let version = snapshot.version;
        let ledger = Ledger { store, guard, replay, version, opening: begun, opened: false, write };
        Ok((ledger, recovered))
    }
}

impl<S: Store> Locked<'_, S> {
    /// Makes this record part of the document, in the place of a journal that does not fit it.
    pub fn overrule(mut self, opening: &Opening<'_>, record: Record) -> Result<Document, StateError> {
        let snapshot = &self.snapshot;
        let document = snapshot
            .document
            .clone()
            .unwrap_or_else(|| Document::empty(opening.owner, opening.lineage.clone()));
        let begun = opening.record(&document, snapshot.version.clone());
        self.store.replace_journal(&mut self.guard, &[begun, record])?;
        let snapshot = self.store.read()?;
        Ok(recover(self.store, &mut self.guard, &snapshot)?.unwrap_or(document))
    }
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

impl<'s, S: Store> Ledger<'s, S> {
    /// Takes the lock, reads, and folds what an interrupted run left behind. Says whether there was such a run.
    pub fn open(store: &'s S, opening: &Opening<'_>) -> Result<(Self, bool), StateError> {
        Locked::take(store, opening.holder, opening.wait)?.open(opening)
    }

    /// The document as far as it is recorded.
    pub fn document(&self) -> &Document {
        self.replay.document()
    }

    /// See [`Store::remark`].
    pub fn remark(&self) -> Option<String> {
        self.store.remark(&self.guard)
    }

    /// See [`Store::watch`].
    pub fn watch(&self) -> Watch {
        self.store.watch(&self.guard)
    }

    /// See [`Store::regain`].
    pub fn regain(&mut self, wait: Wait) -> Result<(), StateError> {
        self.store.regain(&mut self.guard, wait)
    }

    /// Takes into account what could not be made durable: a document that is still written, wherever that is, has it.
    pub fn remember(&mut self, record: &Record) {
        self.replay.record(record);
    }

    /// Makes a record durable, and takes it into account.
    pub fn record(&mut self, record: &Record) -> Result<(), StateError> {
        if !self.opened {
            self.store.append(&mut self.guard, &self.opening)?;
            self.opened = true;
        }
        self.store.append(&mut self.guard, record)?;
        self.replay.record(record);
        Ok(())
    }

    /// Makes the records part of the document, and lets the next writer in. Answers the document as it now stands.
    /// Where nothing changed, nothing is written.
    pub fn fold(mut self) -> Result<Document, StateError> {
        if !self.opened {
            return Ok(self.replay.finish());
        }
        fold(self.store, &mut self.guard, self.replay, &self.version, &self.write)
    }
}

impl Write {
    fn new(id: WriteId, before: Option<&Document>) -> Self {
        Self { of: None, id, before: before.map(|document| document.templates.clone()).unwrap_or_default() }
    }

    /// Puts the write's name to the document and to every row that it changes.
    fn sign(&self, document: &mut Document) {
        for (key, row) in &mut document.templates {
            if !self.before.get(key).is_some_and(|before| before.says_the_same(row)) {
                row.sign(self.id);
            }
        }
        for id in self.of.into_iter().chain([self.id]) {
            document.writes.push(id);
        }
    }
}

fn text_of(document: &Document) -> Result<String, StateError> {
    document.to_text().map_err(|error| StateError::Unwritable { message: error.to_string() })
}

/// The document that a journal alone leads to, as the next writer would make it; nothing where the journal went on from
/// a document, or is empty.
pub fn document_of_journal(journal: Vec<Record>) -> Option<Document> {
    let snapshot = Snapshot { journal, ..Snapshot::default() };
    if snapshot.fit() != JournalFit::Unfolded {
        return None;
    }
    let name = name_of(&snapshot.journal);
    let id = name_of_recovery(name, &snapshot.version);
    let write = Write { of: Some(name), ..Write::new(id, None) };
    let mut document = snapshot.replayed()?.finish();
    document.serial += 1;
    write.sign(&mut document);
    Some(document)
}

/// Makes a journal part of the document that it fits. Answers the document, if that changed anything.
fn recover<S: Store>(
    store: &S,
    guard: &mut S::Guard,
    snapshot: &Snapshot,
) -> Result<Option<Document>, StateError> {
    let Some(replay) = snapshot.replayed() else { return Ok(None) };
    let journal = name_of(&snapshot.journal);
    let id = name_of_recovery(journal, &snapshot.version);
    let write = Write { of: Some(journal), ..Write::new(id, snapshot.document.as_ref()) };
    let changed = replay.has_changed();
    match put(store, guard, replay, &snapshot.version, &write)? {
        Put::InPlace(document) => Ok(changed.then_some(document)),
        Put::Replaced { expected, found } => Err(store.replaced(expected, found)),
    }
}

/// Makes the records of a run part of the document.
fn fold<S: Store>(
    store: &S,
    guard: &mut S::Guard,
    replay: Replay,
    version: &Version,
    write: &Write,
) -> Result<Document, StateError> {
    match put(store, guard, replay, version, write)? {
        Put::InPlace(document) => Ok(document),
        Put::Replaced { expected, found } => {
            // Another run may have gone on from the version that this one began with, or have taken over what this one
            // had recorded so far; then the journal fits that run's version, too.
            let snapshot = store.read()?;
            let folded = match snapshot.fit() {
                JournalFit::Unfolded => recover(store, guard, &snapshot)?,
                JournalFit::None | JournalFit::Folded | JournalFit::Foreign { .. } => None,
            };
            // What is known for the way back takes long to find: not where nobody reads it.
            folded.ok_or_else(|| store.replaced(expected, found))
        }
    }
}

/// What came of a new document.
enum Put {
    /// It is in its place.
    InPlace(Document),
    /// Another one was put there since this one's version was read.
    Replaced {
        /// The serial of the document that was read.
        expected: u64,
        /// The serial of the one that is there now, if there is one.
        found: Option<u64>,
    },
}

fn put<S: Store>(
    store: &S,
    guard: &mut S::Guard,
    replay: Replay,
    version: &Version,
    write: &Write,
) -> Result<Put, StateError> {
    let changed = replay.has_changed();
    let mut document = replay.finish();
    if changed {
        document.serial += 1;
        write.sign(&mut document);
        let text = text_of(&document)?;
        let digest = Digest::of(text.as_bytes());
        let fold = Record::Fold { digest, serial: document.serial, write: Some(write.id) };
        store.append(guard, &fold).map_err(|error| store.rescue(error, version, &text))?;
        reach(Point::CheckpointRecorded);
        if !store.save(guard, version, &text)? {
            let found = store.read()?.document.map(|document| document.serial);
            return Ok(Put::Replaced { expected: document.serial - 1, found });
        }
        store.saved(&document, &text);
    }
    store.clear_journal(guard)?;
    Ok(Put::InPlace(document))
}
