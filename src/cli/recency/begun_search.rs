//! A search through git's history that runs beside the reading of files: git needs a moment for thousands of commits.

use std::thread;

use super::is_sandbox_without_data;
use crate::cli::context::Context;
use crate::cli::user_folders;
use crate::config::ServerAddress;
use crate::state::{BegunLook, History, HistoryMemory, HistoryRequest, LookLimits};

/// A search that has begun on its own thread.
pub(in crate::cli) struct BegunSearch(Option<thread::JoinHandle<BegunLook>>);

impl BegunSearch {
    /// Begins the search, if there is anything to look for. Without a thread for it, it is made later.
    pub(in crate::cli) fn begin(context: &Context) -> Option<Self> {
        if is_sandbox_without_data(context) || context.store.file().is_none() {
            return None;
        }
        let (path, all_refs) = (context.store.path().to_owned(), looks_at_all_refs(context));
        let search = move || BegunLook::begin(&path, all_refs, history_memory(), LookLimits::default());
        thread::Builder::new().name("history".to_owned()).spawn(search).ok().map(|search| Self(Some(search)))
    }

    pub(super) fn finish(mut self, request: &HistoryRequest<'_>) -> Option<History> {
        self.0.take()?.join().ok().map(|begun| begun.finish(request))
    }
}

impl Drop for BegunSearch {
    /// Ends git, if the command has failed meanwhile.
    fn drop(&mut self) {
        drop(self.0.take().map(thread::JoinHandle::join));
    }
}

/// What earlier searches of this user found.
pub(super) fn history_memory() -> HistoryMemory {
    HistoryMemory::new(user_folders::cache_home())
}

/// The data of another branch's sandbox is on another machine.
pub(super) fn looks_at_all_refs(context: &Context) -> bool {
    matches!(context.environment.server, ServerAddress::Remote(_))
}
