//! A second lock outside of the state's folder: removing that folder, or files in it, does not let another run of
//! this user start while one is in progress.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::lock::{FileLock, probe};
use super::{Holder, LockError, Writer, real_path, user_folder};
use crate::crash::{Point, reach};
use crate::model::Digest;

/// The name of the folder for these locks.
const ROOM: &str = "locks";

/// The user's lock for one state, held until dropped.
#[derive(Debug)]
pub(super) struct UserLock(FileLock);

/// The result of asking for this lock.
#[derive(Debug)]
pub(super) enum Outside {
    /// The lock is held as long as this value lives.
    Held {
        /// Never read, only dropped.
        _lock: UserLock,
    },
    /// The lock is not available, with the reason. The lock in the state's folder has to suffice.
    Unavailable(String),
}

impl Drop for UserLock {
    fn drop(&mut self) {
        // Removes the file, so that the folder does not grow; a waiting run sees that the file is gone and creates a
        // new one.
        if self.0.is_ours() {
            let _ = fs::remove_file(self.0.path());
        }
        reach(Point::UserLockRemoved);
    }
}

/// Takes the lock with this name in the first usable folder of the user.
pub(super) fn take(
    folders: &[PathBuf],
    name: &str,
    holder: &Holder,
    wait: Duration,
) -> Result<Outside, LockError> {
    let mut reasons = Vec::new();
    for folder in folders {
        match user_folder::make(folder, ROOM) {
            Err(why) => reasons.push(why),
            Ok(_) => match FileLock::take(&at(folder, name), holder, wait) {
                Ok(lock) => return Ok(Outside::Held { _lock: UserLock(lock) }),
                Err(held @ LockError::Held { .. }) => return Err(held),
                Err(other) => reasons.push(other.to_string()),
            },
        }
    }
    if reasons.is_empty() {
        reasons.push("this user has no home".to_owned());
    }
    Ok(Outside::Unavailable(reasons.join("; ")))
}

/// The holder of the lock with this name, if there is one.
pub(super) fn writer(folders: &[PathBuf], name: &str) -> Writer {
    let found = folders.iter().map(|folder| probe(&at(folder, name)));
    found.into_iter().find(|writer| *writer != Writer::Absent).unwrap_or(Writer::Absent)
}

/// The name of a state's lock: the same for every path to the file, even if its folder is missing.
pub(super) fn name_for(state: &Path, url: &str) -> String {
    let mut text = real_path(state).into_os_string().into_encoded_bytes();
    text.push(0);
    text.extend_from_slice(url.as_bytes());
    let digest = Digest::of(&text);
    let hex = digest.as_str().rsplit(':').next().unwrap_or_default();
    format!("{}.lock", hex.get(..32).unwrap_or(hex))
}

fn at(folder: &Path, name: &str) -> PathBuf {
    user_folder::room(folder, ROOM).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_name_does_not_need_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("a/b/state.json");
        let before = name_for(&state, "u");
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        assert_eq!(name_for(&state, "u"), before);
        fs::write(&state, "").unwrap();
        assert_eq!(name_for(&state, "u"), before);
        assert_eq!(name_for(&folder.path().join("a/./c/../b/state.json"), "u"), before);
        assert_ne!(name_for(&state, "v"), before);
        assert_ne!(name_for(&folder.path().join("a/b/other.json"), "u"), before);
    }
}
