//! The files beside a state.

use std::path::PathBuf;

use super::FileStore;
use crate::state::user_lock;

impl FileStore {
    /// The files that the state consists of or may have beside it, each with what it is.
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

    /// What the user's own lock for this state is called.
    pub(super) fn user_lock_name(&self) -> String {
        user_lock::name_for(&self.path, &self.claim.owner.url)
    }
}
