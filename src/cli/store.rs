//! Chooses the store that keeps an environment's state. The only module that knows the kind of store; the rest of the
//! command line uses [`StateStore`].

mod delegate;

pub(super) use delegate::unkept_versions;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::context::shown_path;
use super::sandbox::store_beside;
use super::user_folders;
use delegate::StateGuard;

use crate::config::{Environment, ServerAddress, StoreSettings};
use crate::model::StateAddress;
use crate::state::{
    Document, FileStore, HttpStore, LeaseTerms, LockState, LookLimits, LostJournal, Marks, PastState,
    Prunable, SharedStore, Snapshot, StateClaim, StateError, StateIdentity, Store as _, StoreLook, Unchecked,
    Unlocking, Version, real_path,
};

/// The store of a state that commands read and write.
#[derive(Clone, Debug)]
pub(super) enum StateStore {
    /// In a folder of this machine.
    File(FileStore),
    /// On storage that machines share.
    Shared {
        /// The store.
        store: Box<SharedStore>,
        /// The path that the state would have as a file: the sandbox keeps its data beside it.
        path: PathBuf,
    },
    /// On a server of Terraform's HTTP protocol.
    Http {
        /// The store.
        store: Box<HttpStore>,
        /// The path that the state would have as a file.
        path: PathBuf,
    },
}

/// Returns the store of an environment; `environments` are all that the project has.
pub(super) fn of_environment(
    environment: &Environment,
    identity: &StateIdentity,
    environments: Vec<String>,
) -> StateStore {
    let claim = StateClaim::from(identity.clone()).beside(environments);
    let Some(address) = &environment.shared_state else {
        let store = FileStore::new(&environment.state, claim);
        let marks = user_folders::state_home().map(|home| {
            let server = server(environment, identity, store.path());
            Marks::new(&home, &environment.name, server, store.path())
        });
        let store = store.locked_in(user_folders::all()).marked(marks);
        return StateStore::File(store);
    };
    let StoreSettings { lease, allow_unsafe_store } = environment.store;
    let terms = LeaseTerms { lease, allow_unsafe_store };
    let marks = user_folders::state_home().map(|home| {
        let server = server(environment, identity, &environment.state);
        Marks::of_shared(&home, &environment.name, server, address)
    });
    let path = environment.state.clone();
    match address.clone() {
        StateAddress::Object(address) => {
            let store = SharedStore::new(address, claim, terms).marked(marks);
            StateStore::Shared { store: Box::new(store), path }
        }
        StateAddress::Http(address) => {
            let store = HttpStore::new(address, claim).marked(marks);
            StateStore::Http { store: Box::new(store), path }
        }
    }
}

/// Returns a store for reading a state file, or for naming its files.
pub(super) fn to_look_at(state: &Path, identity: StateIdentity) -> StateStore {
    StateStore::File(FileStore::new(state, identity))
}

/// Identifies the server for marks of its states.
fn server(environment: &Environment, identity: &StateIdentity, path: &Path) -> String {
    match environment.server {
        ServerAddress::Remote(_) => identity.url.clone(),
        // Each sandbox is a server of its own.
        ServerAddress::Sandbox => format!("sandbox {}", real_path(&store_beside(path)).display()),
    }
}

impl StateStore {
    /// The state file; of a shared state, the path that it would have as a file.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::File(store) => store.path(),
            Self::Shared { path, .. } | Self::Http { path, .. } => path,
        }
    }

    /// The state file, if it is one: then git may have its history.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(store) => Some(store.path()),
            Self::Shared { .. } | Self::Http { .. } => None,
        }
    }

    /// The address of the state, if it is on shared storage.
    pub(super) fn address(&self) -> Option<StateAddress> {
        match self {
            Self::File(_) => None,
            Self::Shared { store, .. } => Some(StateAddress::Object(store.address().clone())),
            Self::Http { store, .. } => Some(StateAddress::Http(store.address().clone())),
        }
    }

    /// Where the state is, for people.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(store) => shown_path(store.path()),
            Self::Shared { store, .. } => store.address().to_string(),
            Self::Http { store, .. } => store.address().to_string(),
        }
    }

    /// One look at the store of a shared state, which may try it out by writing; `None` for a file.
    pub(super) fn look(&self, tries_out: bool) -> Option<Result<StoreLook, StateError>> {
        match self {
            Self::File(_) => None,
            Self::Shared { store, .. } if tries_out => Some(store.try_out()),
            Self::Shared { store, .. } => Some(store.look()),
            Self::Http { store, .. } => Some(store.look()),
        }
    }

    /// What every plan must say about the store.
    pub(super) fn notice(&self) -> Option<String> {
        match self {
            Self::Shared { store, .. } if store.allows_unsafe_store() => Some(format!(
                "allow_unsafe_store = true: the store of {} need not compare and swap. If two runs write at the same time, \
                 one can overwrite what the other one recorded, and templates can be created twice",
                store.address()
            )),
            _ => None,
        }
    }

    /// The text of a shared state that is in place now; empty if there is none.
    pub(super) fn shared_text(&self) -> Result<Vec<u8>, StateError> {
        match self {
            Self::File(_) => Ok(Vec::new()),
            Self::Shared { store, .. } => Ok(store.text()?.unwrap_or_default()),
            Self::Http { store, .. } => Ok(store.text()?.unwrap_or_default()),
        }
    }

    /// The marks of this state, if they are kept.
    pub(super) fn marks(&self) -> Option<&Marks> {
        match self {
            Self::File(store) => store.marks(),
            Self::Shared { store, .. } => store.marks(),
            Self::Http { store, .. } => store.marks(),
        }
    }

    /// Keeps no mark of what is written here.
    pub(super) fn unmarked(self) -> Self {
        match self {
            Self::File(store) => Self::File(store.marked(None)),
            Self::Shared { store, path } => Self::Shared { store: Box::new(store.marked(None)), path },
            Self::Http { store, path } => Self::Http { store: Box::new(store.marked(None)), path },
        }
    }

    /// The version of the state that is in place now.
    pub(super) fn version(&self) -> Result<Version, StateError> {
        match self {
            Self::File(store) => store.version(),
            Self::Shared { store, .. } => store.version(),
            Self::Http { store, .. } => store.version(),
        }
    }

    /// The environment that the state in place was written for, if it was renamed since.
    pub(super) fn renamed_from(&self) -> Option<String> {
        match self {
            Self::File(store) => store.renamed_from(),
            Self::Shared { store, .. } => store.renamed_from(),
            Self::Http { store, .. } => store.renamed_from(),
        }
    }

    /// Accepts the state of a renamed environment.
    pub(super) fn taking_over(self) -> Self {
        match self {
            Self::File(store) => Self::File(store.taking_over()),
            Self::Shared { store, path } => Self::Shared { store: Box::new(store.taking_over()), path },
            Self::Http { store, path } => Self::Http { store: Box::new(store.taking_over()), path },
        }
    }

    /// Takes a shared state that is damaged, or has this lineage, for a lost one.
    pub(super) fn replacing(self, lineage: Option<String>) -> Self {
        match self {
            Self::File(store) => Self::File(store),
            Self::Shared { store, path } => Self::Shared { store: Box::new(store.replacing(lineage)), path },
            http @ Self::Http { .. } => http,
        }
    }

    /// The number of the newest version that is kept beside a shared state.
    pub(super) fn newest_kept(&self) -> Option<u64> {
        match self {
            Self::File(_) | Self::Http { .. } => None,
            Self::Shared { store, .. } => Some(store.newest_version()?.0),
        }
    }

    /// The files of a state, whether they exist or not, each with a description.
    pub(super) fn files(&self) -> Vec<(PathBuf, &'static str)> {
        match self {
            Self::File(store) => store.files(),
            Self::Shared { .. } | Self::Http { .. } => Vec::new(),
        }
    }

    /// Earlier versions of the state, the newest first, as far as they are at hand.
    pub(super) fn earlier(&self, limits: LookLimits) -> Vec<Document> {
        match self {
            Self::File(store) => store.earlier(limits),
            Self::Shared { store, .. } => {
                let in_place = store.read().ok().and_then(|snapshot| snapshot.document);
                in_place.map(|in_place| store.earlier(&in_place, limits)).unwrap_or_default()
            }
            Self::Http { .. } => Vec::new(),
        }
    }

    /// Shows the earlier versions of a state with this lineage, or with any, until `see` breaks; one may be shown more than once. The
    /// result says why some are not known.
    pub(super) fn look_back(
        &self,
        lineage: Option<&str>,
        limits: LookLimits,
        see: &mut dyn FnMut(PastState) -> ControlFlow<()>,
    ) -> Option<Unchecked> {
        match self {
            Self::File(store) => store.look_back(lineage, limits, see),
            Self::Shared { store, .. } => store.look_back(lineage, limits, see),
            Self::Http { .. } => self.without_versions().map(Unchecked::Store),
        }
    }

    /// Why no earlier version of the state can be had, if that is so.
    pub(super) fn without_versions(&self) -> Option<String> {
        matches!(self, Self::Http { .. }).then(|| {
            format!(
                "{} is on a server of Terraform's HTTP protocol, which has no versions: certctl can read the newest state \
                 alone. A server that keeps versions of its own, such as GitLab, offers them for download",
                self.shown()
            )
        })
    }

    /// The lock as it is now; `None` for a state in a file, whose lock is that of its process.
    pub(super) fn lock_state(&self) -> Result<Option<LockState>, StateError> {
        match self {
            Self::File(_) => Ok(None),
            Self::Shared { store, .. } => store.lock_state().map(Some),
            Self::Http { store, .. } => store.lock_state().map(Some),
        }
    }

    /// Releases the lock of the run with this id, which then sends nothing more.
    pub(super) fn unlock(&self, id: &str) -> Result<Unlocking, StateError> {
        match self {
            Self::File(_) => Ok(Unlocking::NotHeld(LockState::Free)),
            Self::Shared { store, .. } => store.unlock(id),
            Self::Http { store, .. } => store.unlock(id),
        }
    }

    /// Removes the note of a state of this lineage that was moved away from here, so that it can be moved back.
    pub(super) fn remove_note(&self, lineage: &str) -> Result<(), StateError> {
        match self {
            Self::File(store) => store.remove_note(lineage),
            Self::Shared { store, .. } => store.remove_note(lineage),
            Self::Http { store, .. } => store.remove_note(lineage),
        }
    }

    /// What can be removed beside a shared state that this process holds, if the newest `keep` versions stay; `None` for
    /// a state in a file.
    pub(super) fn prunable(
        &self,
        guard: &StateGuard,
        document: Option<&Document>,
        keep: usize,
    ) -> Result<Option<Prunable>, StateError> {
        match (self, guard) {
            (Self::Shared { store, .. }, StateGuard::Shared(guard)) => {
                store.prunable(guard, document, keep).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Removes it.
    pub(super) fn prune(&self, prunable: &Prunable) -> Result<(), StateError> {
        match self {
            Self::File(_) | Self::Http { .. } => Ok(()),
            Self::Shared { store, .. } => store.prune(prunable),
        }
    }

    /// Journals of interrupted runs that were removed or damaged. A shared store tells by itself.
    pub(super) fn lost_journals(&self, snapshot: &Snapshot, in_place: Option<&Document>) -> Vec<LostJournal> {
        match self {
            Self::File(store) => store.lost_journals(snapshot, in_place),
            Self::Shared { .. } | Self::Http { .. } => Vec::new(),
        }
    }
}
