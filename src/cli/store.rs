//! Where the state of an environment is kept. This is the one place that knows in what kind of store; everything else in the
//! command line goes by [`StateStore`].

use std::path::Path;

use super::user_folders;
use crate::state::{FileStore, StateIdentity};

/// A state that commands read and write.
pub(super) type StateStore = FileStore;

/// The state of an environment of the project, which has these environments.
pub(super) fn of_environment(state: &Path, owner: StateIdentity, environments: Vec<String>) -> StateStore {
    FileStore::new(state, owner).locked_in(user_folders::all()).beside(environments)
}

/// A state that is only looked at, or whose files are only named.
pub(super) fn to_look_at(state: &Path, owner: StateIdentity) -> StateStore {
    FileStore::new(state, owner)
}
