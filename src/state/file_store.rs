//! A state in a folder: the file, with its backup, journal and lock beside it. The command line creates it; the
//! ledger and readers use it through [`Store`].

mod backup;
mod copies;
mod look_back;
mod moved;
mod paths;
mod ways;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::claim::{self, StateClaim};
use super::durable::{JOURNAL, RESCUE, STATE, Steps, make_folder, replace, sync_folder};
use super::journal_copy::JournalCopy;
use super::journal_file::JournalFile;
use super::lock::{FileLock, probe};
use super::own_file::{self, read};
use super::parallel_parse::{ReadDocument, read_in_pieces};
use super::real_path::resolve;
use super::temporary;
use super::user_lock::{self, Outside};
use super::{
    BlobId, Document, DocumentText, Holder, JournalFit, Location, Marks, MovedState, Outline, Record,
    Rescued, Snapshot, StateError, Store, Version, Wait, WayBack, Writer, parse_journal, parse_state,
};
use crate::crash::{Point, reach};
use crate::model::Digest;

/// The state of one environment in a folder.
#[derive(Clone, Debug)]
pub struct FileStore {
    path: PathBuf,
    claim: StateClaim,
    marks: Option<Marks>,
    /// See [`FileStore::locked_in`].
    user_folders: Vec<PathBuf>,
}

/// The locks, and the journal once it is open. The user's lock comes first: whoever waits for it finds the other one
/// free.
#[derive(Debug)]
pub struct FileGuard {
    journal: Option<JournalFile>,
    copy: JournalCopy,
    /// Whether a sync of the journal failed: the next record could be lost in the same way.
    disk_failed: bool,
    lock: FileLock,
    /// How long this run was to wait for the lock.
    patience: Duration,
    outside: Outside,
}

impl FileStore {
    /// The state at this path, which must have the identity that is claimed. A symbolic link is followed, so that the file it points
    /// to is replaced and not the link.
    pub fn new(path: &Path, claim: impl Into<StateClaim>) -> Self {
        Self { path: resolve(path), claim: claim.into(), marks: None, user_folders: Vec::new() }
    }

    /// Accepts the state of a renamed environment.
    #[must_use]
    pub fn taking_over(self) -> Self {
        Self { claim: self.claim.taking_over(), ..self }
    }

    /// Keeps a mark of every state that is written here.
    #[must_use]
    pub fn marked(self, marks: Option<Marks>) -> Self {
        Self { marks, ..self }
    }

    /// The marks of this state, if they are kept.
    pub fn marks(&self) -> Option<&Marks> {
        self.marks.as_ref()
    }

    /// Sets folders of the user, in order of preference, for a second lock outside of the state's folder.
    #[must_use]
    pub fn locked_in(self, user_folders: Vec<PathBuf>) -> Self {
        Self { user_folders, ..self }
    }

    /// The state file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The version of the state that is in place now.
    pub fn version(&self) -> Result<Version, StateError> {
        if_there(&self.path, own_file::digest(&self.path))
    }

    /// The environment that the state in place, or an interrupted first run, was written for, if it is another one on
    /// the same instance.
    pub fn renamed_from(&self) -> Option<String> {
        let identity = match read(&self.path) {
            Ok(text) => Outline::read(&text)?.identity,
            Err(_) => claim::identity_in(&parse_journal(&read(&self.journal_path()).ok()?).ok()?)?,
        };
        self.claim.renamed_from(identity)
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Makes sure that the journal still has its name and can be appended to. It may have been removed while this
    /// run, the only one with its content, was writing; or the disk failed.
    fn keep_journal(&self, guard: &mut FileGuard) -> Result<(), StateError> {
        let Some(journal) = &mut guard.journal else { return Ok(()) };
        let path = self.journal_path();
        if journal.pinned(&path).is_ok_and(|pinned| pinned.is_in_place()) {
            if !journal.can_be_synced() {
                let failed = failed("write the journal anew in place of", &path);
                let place = temporary::new_for(&self.path, self.folder()).map_err(&failed)?;
                *journal = journal.renew(&path, place, self.folder()).map_err(failed)?;
            }
            return Ok(());
        }
        let gone = |source| StateError::JournalGone {
            at: path.clone().into(),
            source,
            way: Box::new(self.way_back(None)),
        };
        if !guard.lock.is_ours() {
            make_folder(self.folder()).map_err(gone)?;
            guard.lock.take_again(Duration::ZERO).map_err(|error| gone(io::Error::other(error)))?;
        }
        let place = temporary::new_for(&self.path, self.folder()).map_err(gone)?;
        *journal = journal.put_back(&path, place, self.folder()).map_err(gone)?;
        Ok(())
    }

    fn replace(&self, path: &Path, new: &DocumentText<'_>, steps: Steps) -> Result<(), StateError> {
        let file = temporary::new_for(&self.path, self.folder());
        let write = |sink: &mut dyn Write| new.write_to(sink);
        file.and_then(|file| replace(path, file, self.folder(), write, steps)).map_err(failed("write", path))
    }

    /// Appends a line to the journal; durable when it returns.
    fn append_line(&self, guard: &mut FileGuard, path: &Path, line: &str) -> io::Result<()> {
        let journal = match &mut guard.journal {
            Some(journal) => journal,
            none => none.insert(JournalFile::open(path, self.folder())?),
        };
        let appended = journal.append(line.as_bytes());
        guard.disk_failed |= appended.is_err() && !journal.can_be_synced();
        appended
    }

    fn read_once(&self) -> Result<Snapshot, StateError> {
        let path = self.journal_path();
        let journal = match read_if_there(&path)? {
            Some(bytes) => parse_journal(&bytes).map_err(|damage| {
                let path = path.clone();
                if damage.is_newer {
                    StateError::NewerJournal { at: path.into(), damage }
                } else {
                    let copy = self.copy_of(&bytes).map(Location::from);
                    StateError::DamagedJournal { at: path.into(), damage, copy }
                }
            })?,
            None => Vec::new(),
        };
        let read = self.read_document()?;
        if let Some(identity) = claim::identity_in(&journal).filter(|_| read.is_none()) {
            self.claim.check_identity(&path.into(), "journal", &identity)?;
        }
        Ok(match read {
            Some(ReadDocument { document, digest, blob }) => {
                Snapshot { document: Some(document), version: Some(digest), blob, journal }
            }
            None => Snapshot { journal, ..Snapshot::default() },
        })
    }

    fn read_document(&self) -> Result<Option<ReadDocument>, StateError> {
        let read = if let Some(read) = read_in_pieces(&self.path, self.marks()) {
            read
        } else {
            let Some(bytes) = read_if_there(&self.path)? else { return Ok(None) };
            let document = parse_state(&self.path, &bytes)
                .map_err(|error| error.with_ways_back(self.marks(), self.backup()))?;
            let blob = BlobId::of(&self.path, &bytes);
            ReadDocument { document, digest: Digest::of(&bytes), blob }
        };
        let document = self.claim.check(&self.path.as_path().into(), read.document)?;
        Ok(Some(ReadDocument { document, ..read }))
    }
}

impl Store for FileStore {
    type Guard = FileGuard;

    fn read(&self) -> Result<Snapshot, StateError> {
        // The journal is read first: if a run writes a checkpoint between the two reads, the document is newer than
        // the journal, never older. Reading again then finds both in step.
        for _ in 0..3 {
            let snapshot = self.read_once()?;
            if !matches!(snapshot.fit(), JournalFit::Foreign { .. }) {
                return Ok(snapshot);
            }
        }
        self.read_once()
    }

    fn lock(&self, holder: &Holder, wait: Duration) -> Result<FileGuard, StateError> {
        // The user's lock comes first: without it, this process must not touch the folder, which may have been
        // removed while another run holds the lock.
        let began = Instant::now();
        let outside = user_lock::take(&self.user_folders, &self.user_lock_name(), holder, wait)?;
        make_folder(self.folder()).map_err(failed("create the folder", self.folder()))?;
        let lock = FileLock::take(&self.lock_path(), holder, wait.saturating_sub(began.elapsed()))?;
        // A folder that cannot be written to is better found now than at the end of the run.
        tempfile::tempfile_in(self.folder()).map_err(failed("write in the folder", self.folder()))?;
        Ok(FileGuard {
            journal: None,
            copy: JournalCopy::default(),
            disk_failed: false,
            lock,
            patience: wait,
            outside,
        })
    }

    fn remark(&self, guard: &FileGuard) -> Option<String> {
        match &guard.outside {
            Outside::Held { .. } => None,
            Outside::Unavailable(why) => Some(format!(
                "only the lock in the state's folder keeps other runs out, and none outside of it: {why}"
            )),
        }
    }

    fn writer(&self) -> Writer {
        match probe(&self.lock_path()) {
            Writer::Absent => user_lock::writer(&self.user_folders, &self.user_lock_name()),
            writer => writer,
        }
    }

    fn regain(&self, guard: &mut FileGuard, wait: Wait) -> Result<(), StateError> {
        // Without a journal there is nothing to record.
        if guard.journal.is_none() || guard.lock.is_ours() {
            return Ok(());
        }
        make_folder(self.folder()).map_err(failed("create the folder", self.folder()))?;
        let patience = if wait == Wait::No { Duration::ZERO } else { guard.patience };
        Ok(guard.lock.take_again(patience)?)
    }

    fn check(&self, guard: &FileGuard) -> Result<(), StateError> {
        guard.lock.check()?;
        let path = self.journal_path();
        match &guard.journal {
            Some(journal) if !journal.pinned(&path).is_ok_and(|pinned| pinned.is_in_place()) => {
                Err(StateError::JournalMoved { at: path.into() })
            }
            // A run that only polls jobs has recorded nothing so far.
            _ => Ok(()),
        }
    }

    fn append(&self, guard: &mut FileGuard, record: &Record) -> Result<(), StateError> {
        let path = self.journal_path();
        let io = |source| StateError::Io { action: "write the journal", at: path.clone().into(), source };
        let line = record.to_line().map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        // A record of a hundred thousand templates is large, and the copy keeps it as well.
        let line = Arc::new(line);
        // The outcome of a request is recorded in any case; but nothing is sent without the lock, or after the disk
        // failed.
        if matches!(record, Record::Open { .. } | Record::Intent { .. }) {
            guard.lock.check()?;
        }
        if guard.disk_failed && matches!(record, Record::Intent { .. } | Record::Retry { .. }) {
            return Err(io(io::Error::other("the disk failed when a record before was synced")));
        }
        guard.copy.append(&self.copies(), record, &line);
        if let Err(gone) = self.keep_journal(guard) {
            guard.copy.outlive_the_journal(record);
            return Err(gone);
        }
        match self.append_line(guard, &path, &line) {
            Ok(()) => {
                guard.copy.confirm();
                Ok(())
            }
            Err(error) => {
                guard.copy.retract();
                Err(io(error))
            }
        }
    }

    fn save(
        &self,
        guard: &mut FileGuard,
        expected: &Version,
        new: &DocumentText<'_>,
    ) -> Result<bool, StateError> {
        self.keep_journal(guard)?;
        let is_expected = self.version()? == *expected;
        if is_expected {
            reach(Point::SaveCompared);
        }
        if !is_expected || !self.back_up(expected)? {
            // The run's own version is kept beside it, so that one copy restores it.
            self.replace(&self.rescued_path(), new, RESCUE)?;
            return Ok(false);
        }
        self.replace(&self.path, new, STATE)?;
        Ok(true)
    }

    fn saved(&self, document: &Document) {
        let Some(marks) = &self.marks else { return };
        if let Err(error) = marks.raise(document) {
            tracing::info!(%error, "the mark was not raised");
        }
    }

    fn clear_journal(&self, guard: &mut FileGuard) -> Result<(), StateError> {
        guard.journal = None;
        reach(Point::JournalClosed);
        guard.copy.give_up();
        self.forget_copies();
        // Its records are part of the document, as is everything that an earlier run had to save beside it or left
        // half written. Files that cannot be removed do no harm.
        for left in temporary::left_over(&self.path, self.folder()).into_iter().chain([self.rescued_path()]) {
            let _ = fs::remove_file(left);
        }
        reach(Point::RescueRemoved);
        let path = self.journal_path();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("remove", &path)(error));
            }
            _ => reach(Point::JournalRemoved),
        }
        sync_folder(self.folder()).map_err(failed("sync", self.folder()))?;
        reach(Point::JournalGone);
        Ok(())
    }

    fn replace_journal(&self, _: &mut FileGuard, records: &[Record]) -> Result<(), StateError> {
        let line = |record: &Record| {
            record.to_line().map_err(|error| StateError::Unwritable { message: error.to_string() })
        };
        let text = records.iter().map(line).collect::<Result<String, StateError>>()?;
        let path = self.journal_path();
        let new = temporary::new_for(&self.path, self.folder());
        let put = |file| replace(&path, file, self.folder(), |sink| sink.write_all(text.as_bytes()), JOURNAL);
        new.and_then(put).map_err(failed("write", &path))
    }

    fn leave(&self, guard: &mut FileGuard, moved: &MovedState) -> Result<(), StateError> {
        self.check(guard)?;
        self.put_note(moved)
    }

    fn way_to_base(&self) -> WayBack {
        self.find_way_to_base()
    }

    fn rescue(&self, base: &Version, new: &DocumentText<'_>) -> Option<Rescued> {
        let written =
            make_folder(self.folder()).and_then(|()| temporary::rescue(&self.path, self.folder(), new));
        written.ok().map(|file| self.rescued_as(file, base.as_ref()))
    }
}

fn failed(action: &'static str, path: &Path) -> impl Fn(io::Error) -> StateError + use<> {
    let at = Location::from(path);
    move |source| StateError::Io { action, at: at.clone(), source }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    if_there(path, read(path))
}

/// What was read from this file, or `None` if there is none.
fn if_there<T>(path: &Path, read: io::Result<T>) -> Result<Option<T>, StateError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}
