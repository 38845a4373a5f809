//! Asks git for what the advice about a state's error depends on. `cli` asks when it reports an error; the advice itself
//! asks nothing.

use std::path::Path;

use super::committed_merge::committed_merge;
use super::root_of;
use crate::state::{GitFacts, StateError, real_path};

/// Asks git about the file of a state. What the advice about this error does not need is not asked.
pub fn git_facts(error: &StateError) -> GitFacts {
    match error {
        StateError::Conflict { at, .. } => {
            GitFacts { committed_merge: at.file().and_then(committed_merge), ..GitFacts::default() }
        }
        StateError::Inconsistent { at, .. } => {
            GitFacts { is_in_repository: at.file().is_some_and(is_in_repository), ..GitFacts::default() }
        }
        _ => GitFacts::default(),
    }
}

fn is_in_repository(file: &Path) -> bool {
    root_of(&real_path(file)).is_some()
}
