//! Chooses the store that keeps an environment's state. The only module that knows the kind of store; the rest of the
//! command line uses [`StateStore`].

use std::path::Path;

use super::sandbox::store_beside;
use super::user_folders;
use crate::config::{Environment, ServerAddress};
use crate::state::{FileStore, Marks, StateIdentity, real_path};

/// The store of a state that commands read and write.
pub(super) type StateStore = FileStore;

/// Returns the store of an environment; `environments` are all that the project has.
pub(super) fn of_environment(
    environment: &Environment,
    identity: &StateIdentity,
    environments: Vec<String>,
) -> StateStore {
    let store = FileStore::new(&environment.state, identity.clone());
    let marks = marks(environment, identity, &store);
    store.locked_in(user_folders::all()).beside(environments).marked(marks)
}

/// Returns a store for reading a state, or for naming its files.
pub(super) fn to_look_at(state: &Path, identity: StateIdentity) -> StateStore {
    FileStore::new(state, identity)
}

/// Returns the marks of an environment's state on this machine, or `None` if the user has no home directory.
fn marks(environment: &Environment, identity: &StateIdentity, store: &StateStore) -> Option<Marks> {
    let home = user_folders::state_home()?;
    let server = match environment.server {
        ServerAddress::Remote(_) => identity.url.clone(),
        // Each sandbox is a server of its own.
        ServerAddress::Sandbox => format!("sandbox {}", real_path(&store_beside(store.path())).display()),
    };
    Some(Marks::new(&home, &environment.name, server, store.path()))
}
