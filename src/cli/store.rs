//! Chooses the store that keeps an environment's state. The only module that knows the kind of store; the rest of the
//! command line uses [`StateStore`].

use std::path::Path;

use super::user_folders;
use crate::state::{FileStore, StateIdentity};

/// The store of a state that commands read and write.
pub(super) type StateStore = FileStore;

/// Returns the store of an environment; `environments` are all that the project has.
pub(super) fn of_environment(state: &Path, identity: StateIdentity, environments: Vec<String>) -> StateStore {
    FileStore::new(state, identity).locked_in(user_folders::all()).beside(environments)
}

/// Returns a store for reading a state, or for naming its files.
pub(super) fn to_look_at(state: &Path, identity: StateIdentity) -> StateStore {
    FileStore::new(state, identity)
}
