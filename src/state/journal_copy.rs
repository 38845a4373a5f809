//! A copy of the journal in a folder of the user: what removes the state's folder, or what git does not know in it, does
//! not take with it what an interrupted run sent.
//!
//! It is not synced: it outlives the process that is killed, and a power failure takes no journal away.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::journal_fit::{folded, name_of};
use super::{Document, Record, Replay, Snapshot, own_file, parse_journal, user_folder};
use crate::crash::{Point, reach};
use crate::model::Timestamp;

/// What the folder of these copies is called.
const ROOM: &str = "journals";

/// The copy of a run's journal. One that cannot be written is given up: half of it would hide what was sent later.
#[derive(Debug, Default)]
pub(super) struct JournalCopy {
    /// Before the first request there is nothing that must not be forgotten.
    before: Vec<u8>,
    file: Option<(File, PathBuf)>,
    is_given_up: bool,
}

/// What an interrupted run recorded in a journal that is not in its place any more.
#[derive(Clone, Debug, PartialEq)]
pub struct LostJournal {
    /// The copy.
    pub copy: PathBuf,
    /// Where it belongs.
    pub journal: PathBuf,
    /// When the run began to record.
    pub at: Timestamp,
    /// The command that it was.
    pub operation: String,
    /// The state in place with all that the run recorded.
    pub document: Document,
}

impl JournalCopy {
    /// Takes a record's line into the copy, before it goes into the journal.
    pub(super) fn append(&mut self, folders: &[PathBuf], name: &Path, record: &Record, line: &str) {
        if self.is_given_up {
            return;
        }
        let written = if let Some((file, _)) = &mut self.file {
            write(file, line.as_bytes())
        } else {
            self.before.extend_from_slice(line.as_bytes());
            if matches!(record, Record::Intent { .. }) { self.begin(folders, name) } else { Ok(()) }
        };
        if written.is_err() {
            self.is_given_up = true;
            if let Some((_, path)) = self.file.take() {
                forget(&path);
            }
        }
    }

    fn begin(&mut self, folders: &[PathBuf], name: &Path) -> io::Result<()> {
        let mut failed = io::Error::other("this user has no home");
        for folder in folders {
            match begin_in(folder, name, &self.before) {
                Ok(begun) => {
                    self.file = Some(begun);
                    return Ok(());
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }
}

fn begin_in(folder: &Path, name: &Path, bytes: &[u8]) -> io::Result<(File, PathBuf)> {
    let path = user_folder::make(folder, ROOM).map_err(io::Error::other)?.join(name);
    let mut options = own_file::private();
    options.create(true).write(true).truncate(true);
    let mut file = own_file::open(&path, options)?;
    write(&mut file, bytes)?;
    Ok((file, path))
}

fn write(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    reach(Point::CopyWritten);
    Ok(())
}

fn forget(path: &Path) {
    // There may be none.
    let _ = fs::remove_file(path);
    reach(Point::CopyRemoved);
}

/// Removes the copy: what the journal records is part of the state.
pub(super) fn remove(folders: &[PathBuf], name: &Path) {
    for folder in folders {
        forget(&user_folder::room(folder, ROOM).join(name));
    }
}

/// What the copy of this name records, if its journal is not in place and the state does not know it. `journal` is where it
/// belongs.
pub(super) fn lost(
    folders: &[PathBuf],
    name: &Path,
    journal: PathBuf,
    snapshot: &Snapshot,
    in_place: Option<&Document>,
) -> Option<LostJournal> {
    let copies = folders.iter().map(|folder| user_folder::room(folder, ROOM).join(name));
    let (copy, records) = copies
        .into_iter()
        .find_map(|copy| Some((parse_journal(&own_file::read(&copy).ok()?).ok()?, copy)))
        .map(|(records, copy)| (copy, records))?;
    let Some(open @ Record::Open { at, operation, lineage, write, .. }) = records.first() else {
        return None;
    };
    if snapshot.journal.first() == Some(open) {
        return None;
    }
    let is_known = |document: &Document| {
        document.lineage != *lineage
            || write.is_some_and(|write| document.writes.contains(write))
            || folded(&records, document) > 0
    };
    if in_place.is_some_and(is_known) {
        return None;
    }
    let document = with_records(in_place, &records)?;
    Some(LostJournal { copy, journal, at: *at, operation: operation.clone(), document })
}

/// A state with all that a journal records, whether the journal fits it or not; nothing where that changes nothing.
pub(super) fn with_records(in_place: Option<&Document>, records: &[Record]) -> Option<Document> {
    let mut replay = Replay::begin(in_place.cloned(), records.first()?);
    for record in records {
        replay.record(record);
    }
    if !replay.has_changed() {
        return None;
    }
    let mut document = replay.finish();
    // Whoever accepts another state knows of the journal by its name.
    document.writes.push(name_of(records));
    Some(document)
}
