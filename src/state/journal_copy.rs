//! A copy of the journal in a folder of the user: if the state's folder, or files in it that git ignores, are
//! removed, the records of an interrupted run survive.
//!
//! A record is written to the copy before it goes into the journal, and gets its line break in the copy when the
//! journal has it: every complete line of the copy was durable in the journal before anything was sent. So a journal
//! that lacks such a line was changed, and one that lacks only the unfinished line was left by a crash.
//!
//! The copy is not synced: it survives a killed process, and a power failure does not remove the journal.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Record, WriteId, own_file, parse_journal, user_folder};
use crate::crash::{Point, reach};

/// The name of the folder for these copies.
const ROOM: &str = "journals";
const EXTENSION: &str = "journal";

/// The copies of one state's journals: their folders, and the prefix of their names.
#[derive(Debug)]
pub(super) struct Copies<'a> {
    folders: &'a [PathBuf],
    state: String,
}

/// A copy that can be read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Copy {
    pub(super) path: PathBuf,
    /// The records of its complete lines.
    pub(super) records: Vec<Record>,
    /// The record of the line without a line break, if the line is whole: the journal may have it, and may not.
    pub(super) unconfirmed: Option<Record>,
}

/// The copy of this run's journal. If it cannot be written it is removed: half a copy would hide what was sent later. If the
/// journal cannot be restored, the copy is kept until the run has ended: it is all that a killed run leaves.
#[derive(Debug, Default)]
pub(super) struct JournalCopy {
    /// The lines of the journal before the first request: on their own they may be lost without harm.
    before: Vec<Arc<String>>,
    /// The line that the journal does not have yet.
    unconfirmed: Option<Arc<String>>,
    run: Option<WriteId>,
    file: Option<OpenCopy>,
    is_given_up: bool,
    at_the_end: Option<RemovedAtEnd>,
}

/// A copy whose journal cannot be had: removed when the run has reported each row, and not by a kill.
#[derive(Debug)]
struct RemovedAtEnd(PathBuf);

impl Drop for RemovedAtEnd {
    fn drop(&mut self) {
        forget(&self.0);
    }
}

#[derive(Debug)]
struct OpenCopy {
    file: File,
    path: PathBuf,
    /// The length of the part that the journal has, in bytes.
    length: u64,
}

impl<'a> Copies<'a> {
    /// The copies for the state with this name, in these folders of the user.
    pub(super) fn of(folders: &'a [PathBuf], state: String) -> Self {
        Self { folders, state }
    }

    /// Whether this is a copy of one of this state's journals.
    pub(super) fn has(&self, copy: &Path) -> bool {
        state_of(copy).as_deref() == Some(self.state.as_str())
    }

    /// Every readable copy in these folders, for any state.
    pub(super) fn all(&self) -> Vec<Copy> {
        let rooms = self.folders.iter().map(|folder| user_folder::room(folder, ROOM));
        let entries = rooms.flat_map(|room| fs::read_dir(room).into_iter().flatten().flatten());
        let is_copy = |path: &PathBuf| path.extension().is_some_and(|extension| extension == EXTENSION);
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_copy).collect();
        paths.sort();
        let read = |path: PathBuf| {
            let bytes = own_file::read(&path).ok()?;
            let records = parse_journal(&bytes).ok()?;
            let last = bytes.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            Some(Copy { path, records, unconfirmed: serde_json::from_slice(last).ok() })
        };
        paths.into_iter().filter_map(read).collect()
    }

    /// The name of a run's copy. Each run has its own, so that no other run can remove it.
    fn name(&self, run: Option<WriteId>) -> PathBuf {
        let run = run.map_or_else(String::new, |run| format!("-{run}"));
        PathBuf::from(format!("{}{run}.{EXTENSION}", self.state))
    }
}

/// The name of the state that a copy belongs to.
pub(super) fn state_of(copy: &Path) -> Option<String> {
    let stem = copy.file_stem()?.to_str()?;
    Some(stem.split_once('-').map_or(stem, |(state, _)| state).to_owned())
}

impl JournalCopy {
    /// Writes a record to the copy, before it goes into the journal.
    pub(super) fn append(&mut self, copies: &Copies<'_>, record: &Record, line: &Arc<String>) {
        if let Record::Open { write, .. } = record {
            *self = Self { run: *write, ..Self::default() };
        }
        self.unconfirmed = Some(Arc::clone(line));
        if self.is_given_up {
            return;
        }
        let unfinished = line.strip_suffix('\n').unwrap_or(line.as_str());
        let written = match &mut self.file {
            Some(open) => open.write(unfinished.as_bytes()),
            None if matches!(record, Record::Intent { .. }) => self.begin(copies, unfinished),
            None => return,
        };
        self.unless_failed(&written);
    }

    /// Completes the last line: the journal has the record.
    pub(super) fn confirm(&mut self) {
        let line = self.unconfirmed.take();
        let Some(open) = &mut self.file else {
            self.before.extend(line);
            return;
        };
        let confirmed = open.confirm();
        self.unless_failed(&confirmed);
    }

    /// Removes the last line: the journal could not take the record.
    pub(super) fn retract(&mut self) {
        self.unconfirmed = None;
        let Some(open) = &mut self.file else { return };
        let cut = open.file.set_len(open.length);
        reach(Point::CopyCut);
        self.unless_failed(&cut);
    }

    /// The journal cannot be put back. What came of a request is recorded in the copy alone; nothing more is sent. The run
    /// reports every row at its end, and only then is the copy removed.
    pub(super) fn outlive_the_journal(&mut self, record: &Record) {
        match record {
            Record::Open { .. } | Record::Intent { .. } | Record::Retry { .. } => self.retract(),
            _ => self.confirm(),
        }
        if let Some(open) = &self.file {
            self.at_the_end.get_or_insert_with(|| RemovedAtEnd(open.path.clone()));
        }
    }

    /// Removes the copy: what it records is part of the state, or half of a record in it could hide what was sent later.
    pub(super) fn give_up(&mut self) {
        self.is_given_up = true;
        if let Some(open) = self.file.take() {
            forget(&open.path);
        }
    }

    fn unless_failed(&mut self, written: &io::Result<()>) {
        if let Err(error) = written {
            tracing::warn!(%error, "no copy of the journal is kept in the user's folder, so a journal that is lost cannot be brought back");
            self.give_up();
        }
    }

    fn begin(&mut self, copies: &Copies<'_>, unfinished: &str) -> io::Result<()> {
        let name = copies.name(self.run);
        let mut failed = io::Error::other("this user has no home");
        for folder in copies.folders {
            match OpenCopy::begin(folder, &name, &self.before, unfinished) {
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

impl OpenCopy {
    fn begin(folder: &Path, name: &Path, before: &[Arc<String>], unfinished: &str) -> io::Result<Self> {
        let path = user_folder::make(folder, ROOM).map_err(io::Error::other)?.join(name);
        let mut options = own_file::private();
        options.create(true).write(true).truncate(true);
        let mut file = own_file::open(&path, options)?;
        let before: String = before.iter().map(|line| line.as_str()).collect();
        if let Err(error) = file.write_all([&before, unfinished].concat().as_bytes()) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        reach(Point::CopyWritten);
        Ok(Self { file, path, length: before.len() as u64 })
    }

    fn write(&mut self, unfinished: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(unfinished)?;
        reach(Point::CopyWritten);
        Ok(())
    }

    fn confirm(&mut self) -> io::Result<()> {
        self.file.write_all(b"\n")?;
        reach(Point::CopyConfirmed);
        self.length = self.file.stream_position()?;
        Ok(())
    }
}

/// Removes a copy whose records are part of the state.
pub(super) fn forget(path: &Path) {
    // There may be no copy.
    let _ = fs::remove_file(path);
    reach(Point::CopyRemoved);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::Timestamp;

    fn records() -> [Record; 3] {
        let open = serde_json::json!({"record": "open", "at": "2026-11-23T10:00:00Z", "base": null, "environment": "e",
            "format": "certctl.journal/v1", "lineage": "l", "operation": "apply", "serial": 0, "url": "u",
            "write": WriteId::new(Uuid::from_u128(1))});
        let at = Timestamp::from_unix_seconds(0);
        let intent = |batch: &str| Record::Intent { at, batch: batch.to_owned(), rows: Vec::new() };
        [serde_json::from_value(open).unwrap(), intent("1-1"), intent("1-2")]
    }

    fn append(copy: &mut JournalCopy, copies: &Copies<'_>, record: &Record) {
        copy.append(copies, record, &Arc::new(record.to_line().unwrap()));
    }

    #[test]
    fn only_what_the_journal_has_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let copies = Copies::of(&folders, "s".to_owned());
        let [open, first, second] = records();
        let held = || copies.all().pop().map(|copy| copy.records);
        let mut copy = JournalCopy::default();
        append(&mut copy, &copies, &open);
        copy.confirm();
        assert_eq!(held(), None, "nothing was sent");
        append(&mut copy, &copies, &first);
        assert_eq!(held(), Some(vec![open.clone()]));
        copy.confirm();
        assert_eq!(held(), Some(vec![open.clone(), first.clone()]));
        append(&mut copy, &copies, &second);
        copy.retract();
        assert_eq!(held(), Some(vec![open.clone(), first.clone()]));
        append(&mut copy, &copies, &second);
        copy.confirm();
        assert_eq!(held(), Some(vec![open, first, second]));
    }

    #[test]
    fn a_run_without_a_journal_keeps_it_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let copies = Copies::of(&folders, "s".to_owned());
        let [open, first, second] = records();
        let forget = Record::Forget { key: crate::model::Key::new("a").unwrap() };
        let mut copy = JournalCopy::default();
        for record in [&open, &first] {
            append(&mut copy, &copies, record);
            copy.confirm();
        }
        for record in [&forget, &second] {
            append(&mut copy, &copies, record);
            copy.outlive_the_journal(record);
        }
        let held = copies.all().pop().map(|copy| copy.records);
        assert_eq!(held, Some(vec![open, first, forget]), "an intent whose journal is gone is not sent");
        drop(copy);
        assert_eq!(copies.all(), []);
    }

    /// A run without a session keeps its copy in another folder than one with a session.
    #[test]
    fn copies_in_every_folder_count() {
        let [one, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let folders = [one.path().to_owned(), other.path().to_owned()];
        let [open, first, _] = records();
        for folder in &folders {
            let folder = [folder.clone()];
            let copies = Copies::of(&folder, "s".to_owned());
            let mut copy = JournalCopy::default();
            for record in [&open, &first] {
                append(&mut copy, &copies, record);
                copy.confirm();
            }
        }
        let copies = Copies::of(&folders, "s".to_owned());
        assert_eq!(copies.all().len(), 2);
    }

    /// A checkpoint is first recorded in the journal of the other run.
    #[test]
    fn a_recovery_is_not_in_the_copy() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let copies = Copies::of(&folders, "s".to_owned());
        let [open, first, second] = records();
        let mut copy = JournalCopy::default();
        append(&mut copy, &copies, &Record::Forget { key: crate::model::Key::new("a").unwrap() });
        copy.confirm();
        for record in [&open, &first, &second] {
            append(&mut copy, &copies, record);
            copy.confirm();
        }
        let [found] = &copies.all()[..] else { panic!() };
        assert_eq!(found.records, [open, first, second]);
        assert!(copies.has(&found.path));
        copy.give_up();
        assert_eq!(copies.all(), []);
    }
}
