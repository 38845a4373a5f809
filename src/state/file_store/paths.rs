//! The paths of the files beside a state.

use std::path::PathBuf;

use super::FileStore;
use crate::state::{Location, user_lock};

impl FileStore {
    /// The files of a state, whether they exist or not, each with a description.
    pub fn files(&self) -> Vec<(PathBuf, &'static str)> {
        vec![
            (self.path.clone(), "the state"),
            (self.journal_path(), "the state's journal"),
            (self.lock_path(), "the state's lock"),
            (self.backup_path(), "the state's backup"),
            (self.rescued_path(), "a state that was rescued"),
        ]
    }

    /// A file beside the state, named after it.
    pub(super) fn sibling(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }

    pub(super) fn journal_path(&self) -> PathBuf {
        self.sibling(".journal")
    }

    pub(super) fn lock_path(&self) -> PathBuf {
        self.sibling(".lock")
    }

    pub(super) fn rescued_path(&self) -> PathBuf {
        self.sibling(".rescued")
    }

    pub(super) fn backup_path(&self) -> PathBuf {
        self.sibling(".backup")
    }

    /// The backup, if it exists.
    pub(super) fn backup(&self) -> Option<Location> {
        let backup = self.backup_path();
        backup.exists().then(|| backup.into())
    }

    /// The name of the user's lock for this state.
    pub(super) fn user_lock_name(&self) -> String {
        user_lock::name_for(&self.path, &self.claim.identity.url)
    }
}
