//! One writer at a time.
//!
//! The lock is the operating system's lock on an open file, so it ends with its owner however the owner ends. The
//! file's content only tells people who it is; the file itself stays, because removing it would let two writers
//! lock two different files of one name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::crash::{Point, reach};
use crate::model::Timestamp;

/// Who holds the lock, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The user's name.
    pub who: String,
    /// The machine's name.
    pub host: String,
    /// The process id on that machine.
    pub pid: u32,
    /// The command.
    pub operation: String,
    /// Since when.
    pub since: Timestamp,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { who, host, pid, operation, since } = self;
        write!(f, "`certctl {operation}` of {who} on {host} (process {pid}), since {since}")
    }
}

/// Why the lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error(
        "another run holds the state: {}. Wait for it to end, or give this run longer with --lock-timeout. If that \
         process no longer runs, the lock is gone with it and this run would have got it", holder_text(holder.as_ref())
    )]
    Held {
        /// Who, if the lock file says so.
        holder: Option<Holder>,
    },
    /// The file system cannot lock, or the file cannot be opened.
    #[error(
        "cannot lock {}: {source}. certctl writes a state only under a lock of the operating system; keep the state \
         on a disk that has them", path.display()
    )]
    Unavailable {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

fn holder_text(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "the lock file does not say which".to_owned(), ToString::to_string)
}

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct FileLock {
    file: File,
}

impl FileLock {
    /// Takes the lock, waiting at most that long for another run to end.
    pub(super) fn take(path: &Path, holder: &Holder, wait: Duration) -> Result<Self, LockError> {
        let unavailable = |source| LockError::Unavailable { path: path.to_owned(), source };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(unavailable)?;
        reach(Point::LockOpened);
        let deadline = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(TryLockError::WouldBlock) => return Err(LockError::Held { holder: read_holder(path) }),
                Err(TryLockError::Error(source)) => return Err(unavailable(source)),
            }
        }
        reach(Point::LockTaken);
        let mut lock = Self { file };
        lock.name(holder).map_err(unavailable)?;
        reach(Point::LockNamed);
        Ok(lock)
    }

    fn name(&mut self, holder: &Holder) -> std::io::Result<()> {
        self.file.set_len(0)?;
        reach(Point::LockEmptied);
        self.file.rewind()?;
        let text = serde_json::to_string(holder)?;
        writeln!(self.file, "{text}")
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Only a courtesy to people who look at the file; the lock itself ends with the file handle.
        let _ = self.file.set_len(0);
        reach(Point::LockCleared);
    }
}

/// Who holds the lock at this path now, if anybody does and the file says so.
fn read_holder(path: &Path) -> Option<Holder> {
    let mut text = String::new();
    File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Whether a state is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writer {
    /// By nobody, as far as can be seen.
    Nobody,
    /// By this run.
    Known(Holder),
    /// By a run that did not say which it is.
    Unknown,
}

/// Whether somebody holds the lock at this path now, and who.
pub(super) fn probe(path: &Path) -> Writer {
    let Ok(file) = File::open(path) else { return Writer::Nobody };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read_holder(path).map_or(Writer::Unknown, Writer::Known),
        Ok(()) | Err(TryLockError::Error(_)) => Writer::Nobody,
    }
}
