//! Turns a journal into the next document: at the end of a run, or when the next run recovers an interrupted one.

use std::collections::BTreeMap;

use crate::crash::{Point, reach};
use crate::model::Key;
use crate::state::journal_fit::{JournalFit, name_of, name_of_recovery};
use crate::state::{
    Document, DocumentText, Record, Replay, Row, Snapshot, StateError, Store, Version, WayBack, WriteId,
};

/// What a write of the state needs besides the records.
#[derive(Debug)]
pub(super) struct NewWrite {
    /// The name of the journal that becomes part of the state by it, if an interrupted run left one.
    of: Option<WriteId>,
    /// The id of the write.
    id: WriteId,
    /// The rows before the write: every row that differs gets the write's name.
    before: BTreeMap<Key, Row>,
}

impl NewWrite {
    pub(super) fn new(id: WriteId, before: Option<&Document>) -> Self {
        Self { of: None, id, before: before.map(|document| document.templates.clone()).unwrap_or_default() }
    }

    /// Adds the write's name to the document and to every row that it changes.
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

fn text_of(document: &Document) -> Result<DocumentText<'_>, StateError> {
    DocumentText::of(document).map_err(|error| StateError::Unwritable { message: error.to_string() })
}

/// The document that a journal alone leads to, as the next writer would make it; `None` if the journal was begun with
/// a document, or is empty.
pub fn document_of_journal(journal: Vec<Record>) -> Option<Document> {
    let snapshot = Snapshot { journal, ..Snapshot::default() };
    if snapshot.fit() != JournalFit::Open {
        return None;
    }
    let name = name_of(&snapshot.journal);
    let id = name_of_recovery(name, &snapshot.version);
    let write = NewWrite { of: Some(name), ..NewWrite::new(id, None) };
    let mut document = snapshot.replayed()?.finish();
    document.serial += 1;
    write.sign(&mut document);
    Some(document)
}

/// The document with the journal of an interrupted run, as the next writer makes it. A journal that does not fit is left
/// out. `None` if there is neither.
pub fn folded(snapshot: Snapshot) -> Option<Document> {
    let replay = if snapshot.fit() == JournalFit::Open { snapshot.replayed() } else { None };
    let Some(replay) = replay.filter(Replay::has_changed) else { return snapshot.document };
    let write = write_of(&snapshot);
    let mut document = replay.finish();
    document.serial += 1;
    write.sign(&mut document);
    Some(document)
}

/// The write that makes a journal part of its document, the same on every machine.
fn write_of(snapshot: &Snapshot) -> NewWrite {
    let journal = name_of(&snapshot.journal);
    let id = name_of_recovery(journal, &snapshot.version);
    NewWrite { of: Some(journal), ..NewWrite::new(id, snapshot.document.as_ref()) }
}

/// Makes a journal part of the document that it fits. Returns the document if anything changed.
pub(super) fn recover<S: Store>(
    store: &S,
    guard: &mut S::Guard,
    snapshot: &Snapshot,
) -> Result<Option<Document>, StateError> {
    let Some(replay) = snapshot.replayed() else { return Ok(None) };
    let write = write_of(snapshot);
    let changed = replay.has_changed();
    match put(store, guard, replay, &snapshot.version, &write)? {
        Put::InPlace(document) => Ok(changed.then_some(document)),
        Put::Replaced { expected, found } => Err(StateError::replaced(store, expected, found)),
    }
}

/// Makes the records of a run part of the document.
pub(super) fn put_records<S: Store>(
    store: &S,
    guard: &mut S::Guard,
    replay: Replay,
    version: &Version,
    write: &NewWrite,
) -> Result<Document, StateError> {
    match put(store, guard, replay, version, write)? {
        Put::InPlace(document) => Ok(document),
        Put::Replaced { expected, found } => {
            // Another run may have continued from the version that this one began with, or have taken over its first
            // records; then the journal fits that run's version, too.
            let snapshot = store.read()?;
            let recovered = match snapshot.fit() {
                JournalFit::Open => recover(store, guard, &snapshot)?,
                JournalFit::None | JournalFit::Checkpointed | JournalFit::Foreign { .. } => None,
            };
            // Finding the ways to restore takes long, so it happens only for an error that is shown.
            recovered.ok_or_else(|| StateError::replaced(store, expected, found))
        }
    }
}

/// The result of writing a document.
enum Put {
    /// The document is in place.
    InPlace(Document),
    /// Another document was put in place after this one's version was read.
    Replaced {
        /// The serial of the document that was read.
        expected: u64,
        /// The serial of the document in place now, if there is one.
        found: Option<u64>,
    },
}

fn put<S: Store>(
    store: &S,
    guard: &mut S::Guard,
    replay: Replay,
    version: &Version,
    write: &NewWrite,
) -> Result<Put, StateError> {
    let changed = replay.has_changed();
    let mut document = replay.finish();
    if changed {
        document.serial += 1;
        write.sign(&mut document);
        let text = text_of(&document)?;
        let digest = text.digest().clone();
        let record = Record::Checkpoint { digest, serial: document.serial, write: Some(write.id) };
        store.append(guard, &record).map_err(|error| rescued(store, error, version, &text))?;
        reach(Point::CheckpointRecorded);
        if !store.save(guard, version, &text)? {
            let found = store.read()?.document.map(|document| document.serial);
            return Ok(Put::Replaced { expected: document.serial - 1, found });
        }
        store.saved(&document);
    }
    store.clear_journal(guard)?;
    Ok(Put::InPlace(document))
}

/// If the journal is gone, saves a document that can no longer be put in place under a name that no run looks for.
fn rescued<S: Store>(store: &S, error: StateError, base: &Version, text: &DocumentText<'_>) -> StateError {
    match error {
        StateError::JournalGone { at, source, way } => {
            let rescued = store.rescue(base, text);
            StateError::JournalGone { at, source, way: Box::new(WayBack { rescued, ..*way }) }
        }
        other => other,
    }
}
