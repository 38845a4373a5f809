//! Allows one writer at a time.
//!
//! The lock is the operating system's lock on an open file, so it ends with its process however that ends. The
//! content of the file only tells people who holds it; the file itself stays, because removing it would let two
//! writers lock two different files of the same name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::own_file::{self, Pinned, is_intruder, private};
use super::{HeldLock, Location};
use crate::crash::{Point, has_no_locks, reach};
use crate::model::{Advice, Help, RunOption, Timestamp, io_words};

/// The minimum wait for the lock: a reader that checks for a writer also locks for a moment.
const MOMENT: Duration = Duration::from_millis(500);

/// The process that holds the lock, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The user's name.
    pub who: String,
    /// The machine's name.
    pub host: String,
    /// The process id on that machine.
    pub pid: u32,
    /// The command, such as `apply`.
    pub operation: String,
    /// The address of its run in a pipeline.
    #[serde(default, rename = "runUrl", skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
    /// When it took the lock.
    pub since: Timestamp,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { who, host, pid, operation, run_url, since } = self;
        let run = run_url.as_ref().map(|url| format!(", {url}")).unwrap_or_default();
        write!(f, "`certctl {operation}` of {who} on {host} (process {pid}{run}), since {since}")
    }
}

/// Why the lock could not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another run holds it.
    #[error(
        "another run holds the state: {}. Wait for it to end. If that process no longer \
         runs, the lock is gone with it and this run would have got it", holder_text(holder.as_ref())
    )]
    Held {
        /// The holder, if the lock file names it.
        holder: Option<Holder>,
    },
    /// Another run holds a shared state.
    #[error(
        "another run holds the state: {lock}. Wait for it to end. If that run no longer exists, {}", lock.end()
    )]
    Leased {
        /// Its lock.
        lock: Box<HeldLock>,
    },
    /// The file system cannot lock, or the file cannot be opened.
    #[error(
        "cannot lock {}: {}. certctl writes a state only under a lock of the operating system, because two \
         writers would create templates twice. Keep the state on a disk that has locks: a local one, not a network \
         share that is mounted without them",
        at,
        io_words(source)
    )]
    Unavailable {
        /// The lock file.
        at: Location,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The lock file cannot be created or written.
    #[error(
        "cannot write the lock file {at}: {}. Nothing was sent{}", io_words(source),
        // An intruder's own message says what to do.
        if is_intruder(source) { "" } else { LOOK_AT_THE_FOLDER }
    )]
    Unwritable {
        /// The lock file.
        at: Location,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The lock file was removed: another run may hold a new file of the same name.
    #[error(
        "the lock file {} was removed or replaced while this run held it, so another run may be writing the same \
         state",
        at
    )]
    Lost {
        /// The lock file.
        at: Location,
    },
}

impl LockError {
    /// Whether another run holds the state.
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Leased { .. })
    }

    /// The run that holds it, in words, if it is known.
    pub fn holder(&self) -> Option<String> {
        match self {
            Self::Held { holder } => holder.as_ref().map(ToString::to_string),
            Self::Leased { lock } => Some(lock.holder.to_string()),
            Self::Unavailable { .. } | Self::Unwritable { .. } | Self::Lost { .. } => None,
        }
    }

    /// Returns what to do about it.
    pub fn help(&self) -> Help {
        match self {
            Self::Held { .. } => wait_longer(),
            // A server may not name its lock.
            Self::Leased { lock } if lock.id.is_empty() => wait_longer(),
            Self::Leased { lock } => wait_longer().run(
                if lock.seconds_left.is_some() {
                    "If that run no longer exists, and to wait takes too long"
                } else {
                    "If that run no longer exists"
                },
                Advice::StateUnlock { id: lock.id.clone() },
            ),
            Self::Unavailable { .. } | Self::Unwritable { .. } | Self::Lost { .. } => Help::none(),
        }
    }
}

fn wait_longer() -> Help {
    Help::none().run("To let this run wait longer for its end", Advice::AddOption(RunOption::LockTimeout))
}

const LOOK_AT_THE_FOLDER: &str = ". certctl needs to write in the folder of the state: look at its permissions and at the \
                                   space on its disk";

fn holder_text(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "the lock file does not say which".to_owned(), ToString::to_string)
}

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct FileLock {
    file: File,
    pinned: Pinned,
    holder: Holder,
    /// Whether it was lost for a while, in which another run may have held it.
    was_lost: bool,
}

impl FileLock {
    /// Takes the lock, waiting at most `wait` for another run to end.
    pub(super) fn take(path: &Path, holder: &Holder, wait: Duration) -> Result<Self, LockError> {
        let unwritable = |source| LockError::Unwritable { at: path.into(), source };
        let began = Instant::now();
        loop {
            let mut options = private();
            options.read(true).write(true).create(true).truncate(false);
            let file = own_file::open(path, options).map_err(unwritable)?;
            reach(Point::LockOpened);
            match try_lock(&file) {
                Ok(()) => {
                    reach(Point::LockTaken);
                    let pinned = Pinned::of(&file, path).map_err(unwritable)?;
                    let mut lock = Self { file, pinned, holder: holder.clone(), was_lost: false };
                    // The file may have been removed while this process waited: its lock then excludes no one.
                    if lock.is_ours() {
                        lock.name().map_err(unwritable)?;
                        reach(Point::LockNamed);
                        return Ok(lock);
                    }
                }
                Err(TryLockError::WouldBlock) => {
                    if began.elapsed() >= wait.max(MOMENT) {
                        return Err(LockError::Held { holder: read_holder(path) });
                    }
                }
                Err(TryLockError::Error(source)) => {
                    return Err(LockError::Unavailable { at: path.into(), source });
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Checks that the file at the path is the one that was locked.
    pub(super) fn check(&self) -> Result<(), LockError> {
        self.look()()
    }

    /// The same check, for code that does not hold the lock itself.
    pub(super) fn look(&self) -> impl Fn() -> Result<(), LockError> + Send + Sync + 'static {
        let (pinned, was_lost) = (self.pinned.clone(), self.was_lost);
        move || {
            let path = pinned.path();
            if pinned.is_in_place() && !was_lost { Ok(()) } else { Err(LockError::Lost { at: path.into() }) }
        }
    }

    /// Takes the lock again after its file was removed, only to record what was sent.
    pub(super) fn take_again(&mut self, wait: Duration) -> Result<(), LockError> {
        let mut again = Self::take(self.path(), &self.holder, wait).map_err(|error| match error {
            LockError::Held { .. } => LockError::Lost { at: self.path().into() },
            other => other,
        })?;
        again.was_lost = true;
        *self = again;
        Ok(())
    }

    /// Whether the file at the path is still the locked one.
    pub(super) fn is_ours(&self) -> bool {
        self.pinned.is_in_place()
    }

    pub(super) fn path(&self) -> &Path {
        self.pinned.path()
    }

    fn name(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        reach(Point::LockEmptied);
        let text = serde_json::to_string(&self.holder)?;
        if let Some(beside) = name_beside(self.path()) {
            let mut options = private();
            options.write(true).create(true).truncate(true);
            return writeln!(own_file::open(&beside, options)?, "{text}");
        }
        self.file.rewind()?;
        writeln!(self.file, "{text}")
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Only a courtesy to people who look at the file.
        let _ = self.file.set_len(0);
        // Closing alone is not enough: a process that another thread is just starting has a copy of the handle, and
        // with it the lock, until it runs its own program.
        let _ = self.file.unlock();
        reach(Point::LockCleared);
    }
}

fn try_lock(file: &File) -> Result<(), TryLockError> {
    if has_no_locks() {
        return Err(TryLockError::Error(std::io::ErrorKind::Unsupported.into()));
    }
    file.try_lock()
}

/// The file that names the holder on systems where a locked file cannot be read.
fn name_beside(lock: &Path) -> Option<PathBuf> {
    cfg!(windows).then(|| lock.with_added_extension("holder"))
}

/// Opens one of certctl's own files for reading.
fn look_into(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    own_file::open(path, options)
}

/// The current holder of the lock at this path, if there is one and the file names it.
fn read_holder(path: &Path) -> Option<Holder> {
    let mut text = String::new();
    let path = name_beside(path).unwrap_or_else(|| path.to_owned());
    look_into(&path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Whether a state is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writer {
    /// No known run is writing it.
    Absent,
    /// The run of this holder is writing it.
    Known(Holder),
    /// A run that could not be identified is writing it.
    Unknown,
}

/// The run that holds the lock at this path now, if any.
pub(super) fn probe(path: &Path) -> Writer {
    let Ok(file) = look_into(path) else { return Writer::Absent };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read_holder(path).map_or(Writer::Unknown, Writer::Known),
        Ok(()) | Err(TryLockError::Error(_)) => Writer::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> Holder {
        let since = Timestamp::from_unix_seconds(0);
        Holder {
            who: "ann".to_owned(),
            host: "h".to_owned(),
            pid: 7,
            operation: "apply".to_owned(),
            run_url: None,
            since,
        }
    }

    /// The name of a killed run stays in the file.
    #[test]
    fn reading_a_dead_lock_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::fs::write(&path, serde_json::to_string(&holder()).unwrap()).unwrap();
        let reader = File::open(&path).unwrap();
        reader.lock_shared().unwrap();
        let writer = std::thread::spawn(move || FileLock::take(&path, &holder(), Duration::ZERO));
        std::thread::sleep(Duration::from_millis(50));
        reader.unlock().unwrap();
        assert!(writer.join().unwrap().is_ok());
    }

    #[test]
    fn a_copied_handle_does_not_keep_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = FileLock::take(&path, &holder(), Duration::ZERO).unwrap();
        // Like a process that is just being started.
        let copy = first.file.try_clone().unwrap();
        drop(first);
        assert!(FileLock::take(&path, &holder(), Duration::ZERO).is_ok());
        drop(copy);
    }

    #[cfg(unix)]
    #[test]
    fn a_removed_lock_file_is_a_lost_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = FileLock::take(&path, &holder(), Duration::ZERO).unwrap();
        assert!(first.check().is_ok());
        let waiting = {
            let path = path.clone();
            std::thread::spawn(move || FileLock::take(&path, &holder(), Duration::from_secs(60)))
        };
        std::fs::remove_file(&path).unwrap();
        let second = waiting.join().unwrap().unwrap();
        assert!(second.check().is_ok());
        assert!(matches!(first.check(), Err(LockError::Lost { .. })));
    }
}
