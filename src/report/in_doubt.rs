//! What to do about a template of a plan that is in doubt: the same on every surface.

use crate::model::Advice;
use crate::plan::{Entry, Plan};

/// What is said of a template whose request another run waits for, before a command.
pub(super) const WAIT: &str = "wait until that run has ended, then look again";

/// What to do, in words that a command follows, and the command; `settle` says it where a person has to settle it.
pub(super) fn next_step<'a>(plan: &Plan, entry: &Entry, settle: &'a str) -> (&'a str, Advice) {
    if entry.action.is_being_sent() {
        return (WAIT, Advice::Plan);
    }
    (settle, Advice::Recover { keys: vec![plan.key_in_state(&entry.key).clone()] })
}
