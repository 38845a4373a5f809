//! A state in a folder: the file, its backup, its journal and its lock beside it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::journal_file::JournalFile;
use super::lock::{FileLock, probe};
use super::temporary;
use super::{
    Document, Holder, JournalFit, Marks, Owner, Record, Snapshot, StateError, Store, Version, Writer,
    parse_journal, parse_state,
};
use crate::crash::{Point, reach};
use crate::model::Digest;

/// The state of one environment in a folder.
#[derive(Clone, Debug)]
pub struct FileStore {
    path: PathBuf,
    owner: Owner,
    marks: Option<Marks>,
}

/// The lock, and the journal once it is open.
#[derive(Debug)]
pub struct FileGuard {
    lock: FileLock,
    journal: Option<JournalFile>,
}

impl FileStore {
    /// The state at this path, which must belong to this owner. A symbolic link is followed, so that the file it
    /// points to is replaced and not the link.
    pub fn new(path: &Path, owner: Owner) -> Self {
        Self { path: resolve(path), owner, marks: None }
    }

    /// Keeps the mark of every state that is put in place here.
    #[must_use]
    pub fn marked(self, marks: Option<Marks>) -> Self {
        Self { marks, ..self }
    }

    /// Where the marks of this state are kept, if they are.
    pub fn marks(&self) -> Option<&Marks> {
        self.marks.as_ref()
    }

    /// The state file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file beside the state, named after it.
    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = OsString::from(self.path.as_os_str());
        name.push(suffix);
        PathBuf::from(name)
    }

    fn journal_path(&self) -> PathBuf {
        self.beside(".journal")
    }

    fn lock_path(&self) -> PathBuf {
        self.beside(".lock")
    }

    fn rescued_path(&self) -> PathBuf {
        self.beside(".rescued")
    }

    /// The version that the run of this journal could not put in place, if it got that far.
    fn rescued(&self) -> Option<PathBuf> {
        let journal = parse_journal(&fs::read(self.journal_path()).ok()?).ok()?;
        let digest = Digest::of(&fs::read(self.rescued_path()).ok()?);
        let led_to =
            |record: &Record| matches!(record, Record::Fold { digest: led_to, .. } if *led_to == digest);
        journal.iter().any(led_to).then(|| self.rescued_path())
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// That the journal still has its name. Somebody may have removed it under this run, or the whole folder, and the
    /// run is the only one that still has the content.
    fn keep_journal(&self, guard: &mut FileGuard) -> Result<(), StateError> {
        let Some(journal) = &mut guard.journal else { return Ok(()) };
        let path = self.journal_path();
        let gone = |source| StateError::JournalGone { path: path.clone(), source };
        if journal.is_at_its_place(&path).unwrap_or(false) {
            return Ok(());
        }
        if !guard.lock.is_ours() {
            make_folder(self.folder()).map_err(gone)?;
            guard.lock.take_again().map_err(|error| gone(io::Error::other(error)))?;
        }
        let place = temporary::new_for(&self.path, self.folder()).map_err(gone)?;
        *journal = journal.put_back(&path, place, self.folder()).map_err(gone)?;
        Ok(())
    }

    fn replace(&self, path: &Path, bytes: &[u8], steps: Steps) -> Result<(), StateError> {
        let file = temporary::new_for(&self.path, self.folder());
        file.and_then(|file| replace(path, file, self.folder(), bytes, steps)).map_err(failed("write", path))
    }

    fn read_once(&self) -> Result<Snapshot, StateError> {
        let path = self.journal_path();
        let journal = match read_if_there(&path)? {
            Some(bytes) => {
                parse_journal(&bytes).map_err(|damage| StateError::DamagedJournal { path, damage })?
            }
            None => Vec::new(),
        };
        let (document, version) = self.read_document()?.unzip();
        Ok(Snapshot { document, version, journal })
    }

    fn read_document(&self) -> Result<Option<(Document, Digest)>, StateError> {
        let Some(bytes) = read_if_there(&self.path)? else { return Ok(None) };
        let digest = Digest::of(&bytes);
        let document = parse_state(&self.path, &bytes)?;
        let owner = Owner { environment: document.environment.clone(), url: document.url.clone() };
        if owner != self.owner {
            let describe = |owner: &Owner| format!("environment {:?} at {}", owner.environment, owner.url);
            return Err(StateError::Foreign {
                path: self.path.clone(),
                found: describe(&owner),
                expected: describe(&self.owner),
            });
        }
        Ok(Some((document, digest)))
    }
}

impl Store for FileStore {
    type Guard = FileGuard;

    fn read(&self) -> Result<Snapshot, StateError> {
        // The journal first: a run that folds between the two readings leaves a document that is newer than the
        // journal read, never one that is older. Reading again then finds the two in step.
        for _ in 0..3 {
            let snapshot = self.read_once()?;
            if !matches!(snapshot.fit(), JournalFit::Foreign { .. }) {
                return Ok(snapshot);
            }
        }
        self.read_once()
    }

    fn lock(&self, holder: &Holder, wait: Duration) -> Result<FileGuard, StateError> {
        make_folder(self.folder()).map_err(failed("create the folder", self.folder()))?;
        let lock = FileLock::take(&self.lock_path(), holder, wait)?;
        // What cannot be written at the end of a run is better found before it sends anything.
        tempfile::tempfile_in(self.folder()).map_err(failed("write in the folder", self.folder()))?;
        Ok(FileGuard { lock, journal: None })
    }

    fn writer(&self) -> Writer {
        probe(&self.lock_path())
    }

    fn append(&self, guard: &mut FileGuard, record: &Record) -> Result<(), StateError> {
        let path = self.journal_path();
        let io = |source| StateError::Io { action: "write the journal", path: path.clone(), source };
        let line = record.to_line().map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        if matches!(record, Record::Open { .. } | Record::Intent { .. }) {
            // What was sent is recorded in any case; but nothing is sent without the lock.
            guard.lock.check()?;
        }
        self.keep_journal(guard)?;
        let mut journal = match guard.journal.take() {
            Some(journal) => journal,
            None => JournalFile::open(&path, self.folder()).map_err(io)?,
        };
        journal.append(line.as_bytes()).map_err(io)?;
        // Only after a whole append: after half of one, the next append opens the journal anew and cuts the half off.
        guard.journal = Some(journal);
        Ok(())
    }

    fn save(&self, guard: &mut FileGuard, expected: &Version, text: &str) -> Result<bool, StateError> {
        self.keep_journal(guard)?;
        let stored = read_if_there(&self.path)?;
        if stored.as_deref().map(Digest::of) != *expected {
            // The run's own version is kept beside it, so that the way back is one copy.
            let rescued = self.rescued_path();
            self.replace(&rescued, text.as_bytes(), RESCUE)?;
            return Ok(false);
        }
        reach(Point::SaveCompared);
        if let Some(previous) = stored {
            let backup = self.beside(".backup");
            self.replace(&backup, &previous, BACKUP)?;
        }
        self.replace(&self.path, text.as_bytes(), STATE)?;
        Ok(true)
    }

    fn saved(&self, document: &Document, text: &str) {
        let Some(marks) = &self.marks else { return };
        if let Err(error) = marks.raise(document, text) {
            tracing::info!(%error, "the mark was not raised");
        }
    }

    fn clear_journal(&self, guard: &mut FileGuard) -> Result<(), StateError> {
        guard.journal = None;
        reach(Point::JournalClosed);
        // Its records are part of the document, and so is what an earlier run had to put there or left half written.
        // What cannot be removed harms nobody.
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

    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn replaced(&self, expected: u64, found: Option<u64>) -> StateError {
        StateError::Replaced {
            state: self.path.clone(),
            journal: self.journal_path(),
            expected,
            found: found.map_or_else(|| "no file".to_owned(), |serial| format!("serial {serial}")),
            rescued: self.rescued(),
        }
    }
}

fn failed(action: &'static str, path: &Path) -> impl Fn(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::Io { action, path: path.clone(), source }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// The points that [`replace`] passes: written, durable, renamed, renamed durably.
type Steps = [Point; 4];
const BACKUP: Steps = [Point::BackupWritten, Point::BackupSynced, Point::BackupRenamed, Point::BackupDurable];
const RESCUE: Steps = [Point::RescueWritten, Point::RescueSynced, Point::RescueRenamed, Point::RescueDurable];
const STATE: Steps = [Point::StateWritten, Point::StateSynced, Point::StateRenamed, Point::StateDurable];
/// Where the path leads to, symbolic links followed even if nothing is there yet: every way to one state must come
/// to one lock, and the link must stay a link.
fn resolve(path: &Path) -> PathBuf {
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match (fs::canonicalize(&path), fs::read_link(&path)) {
            (Ok(whole), _) => return whole,
            (Err(_), Ok(target)) => path = path.parent().map(|folder| folder.join(&target)).unwrap_or(target),
            (Err(_), Err(_)) => break,
        }
    }
    path
}

/// Puts a file in place whole or not at all: data synced before the rename, so that a power loss cannot leave a name
/// that points to nothing, and the folder synced after it, so that the name itself is durable (fsync(2), NOTES).
fn replace(
    path: &Path,
    mut file: NamedTempFile,
    folder: &Path,
    bytes: &[u8],
    steps: Steps,
) -> io::Result<()> {
    let [written, synced, renamed, durable] = steps;
    file.write_all(bytes)?;
    reach(written);
    file.as_file().sync_all()?;
    reach(synced);
    file.persist(path)?;
    reach(renamed);
    sync_folder(folder)?;
    reach(durable);
    Ok(())
}

/// Makes the folder and those above it that are missing. Each new name is durable: a power failure must not take away
/// the folder of a first run with the journal of what it sent.
fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    fs::create_dir_all(folder)?;
    reach(Point::FolderMade);
    for made in missing.into_iter().rev() {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty());
        sync_folder(above.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened for syncing, and the file system orders the rename itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
