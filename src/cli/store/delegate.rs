//! Passes each call on to the store of the kind that it is.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::StateStore;
use crate::state::{
    Document, DocumentText, FileStore, Holder, HttpStore, MovedState, PlannedRow, Record, Rescued,
    SharedStore, Snapshot, StateError, Store, Version, Wait, WayBack, Writer,
};

/// What could not be kept beside a shared state: the command says so at its end.
static UNKEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Takes the warnings about versions that could not be kept.
pub(in crate::cli) fn unkept_versions() -> Vec<String> {
    std::mem::take(&mut *UNKEPT.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Proof that this process is the only writer, of either kind.
#[derive(Debug)]
pub(in crate::cli) enum StateGuard {
    File(Box<<FileStore as Store>::Guard>),
    Shared(Box<<SharedStore as Store>::Guard>),
    Http(Box<<HttpStore as Store>::Guard>),
}

/// Calls the store with its own guard. A guard is always that of its store.
macro_rules! each {
    ($self:ident, $guard:ident, $store:ident => $call:expr, $other:expr) => {
        match ($self, $guard) {
            (Self::File($store), StateGuard::File($guard)) => $call,
            (Self::Shared { store: $store, .. }, StateGuard::Shared($guard)) => $call,
            (Self::Http { store: $store, .. }, StateGuard::Http($guard)) => $call,
            _ => $other,
        }
    };
}

impl Store for StateStore {
    type Guard = StateGuard;

    fn read(&self) -> Result<Snapshot, StateError> {
        match self {
            Self::File(store) => store.read(),
            Self::Shared { store, .. } => store.read(),
            Self::Http { store, .. } => store.read(),
        }
    }

    fn lock(&self, holder: &Holder, wait: Duration) -> Result<StateGuard, StateError> {
        match self {
            Self::File(store) => store.lock(holder, wait).map(Box::new).map(StateGuard::File),
            Self::Shared { store, .. } => store.lock(holder, wait).map(Box::new).map(StateGuard::Shared),
            Self::Http { store, .. } => store.lock(holder, wait).map(Box::new).map(StateGuard::Http),
        }
    }

    fn remark(&self, guard: &StateGuard) -> Option<String> {
        each!(self, guard, store => store.remark(guard), None)
    }

    fn check(&self, guard: &StateGuard) -> Result<(), StateError> {
        each!(self, guard, store => store.check(guard), Err(StateError::Ended))
    }

    fn regain(&self, guard: &mut StateGuard, wait: Wait) -> Result<(), StateError> {
        each!(self, guard, store => store.regain(guard, wait), Err(StateError::Ended))
    }

    fn writer(&self) -> Writer {
        match self {
            Self::File(store) => store.writer(),
            Self::Shared { store, .. } => store.writer(),
            Self::Http { store, .. } => store.writer(),
        }
    }

    fn plans(&self, guard: &mut StateGuard, rows: &dyn Fn() -> Vec<PlannedRow>) -> Result<(), StateError> {
        each!(self, guard, store => store.plans(guard, rows), Err(StateError::Ended))
    }

    fn append(&self, guard: &mut StateGuard, record: &Record) -> Result<(), StateError> {
        each!(self, guard, store => store.append(guard, record), Err(StateError::Ended))
    }

    fn save(
        &self,
        guard: &mut StateGuard,
        expected: &Version,
        new: &DocumentText<'_>,
    ) -> Result<bool, StateError> {
        each!(self, guard, store => store.save(guard, expected, new), Err(StateError::Ended))
    }

    fn saved(&self, document: &Document) {
        match self {
            Self::File(store) => store.saved(document),
            Self::Shared { store, .. } => {
                store.saved(document);
                let mut unkept = UNKEPT.lock().unwrap_or_else(PoisonError::into_inner);
                unkept.extend(store.unkept());
            }
            Self::Http { store, .. } => store.saved(document),
        }
    }

    fn replace_journal(&self, guard: &mut StateGuard, records: &[Record]) -> Result<(), StateError> {
        each!(self, guard, store => store.replace_journal(guard, records), Err(StateError::Ended))
    }

    fn clear_journal(&self, guard: &mut StateGuard) -> Result<(), StateError> {
        each!(self, guard, store => store.clear_journal(guard), Err(StateError::Ended))
    }

    fn leave(&self, guard: &mut StateGuard, moved: &MovedState) -> Result<(), StateError> {
        each!(self, guard, store => store.leave(guard, moved), Err(StateError::Ended))
    }

    fn way_to_base(&self) -> WayBack {
        match self {
            Self::File(store) => store.way_to_base(),
            Self::Shared { store, .. } => store.way_to_base(),
            Self::Http { store, .. } => store.way_to_base(),
        }
    }

    fn rescue(&self, base: &Version, new: &DocumentText<'_>) -> Option<Rescued> {
        match self {
            Self::File(store) => store.rescue(base, new),
            Self::Shared { store, .. } => store.rescue(base, new),
            Self::Http { store, .. } => store.rescue(base, new),
        }
    }
}
