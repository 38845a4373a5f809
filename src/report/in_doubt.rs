//! What to do about a template of a plan that is in doubt: the same on every surface.

use crate::model::{Advice, Help};
use crate::plan::{Action, Entry, Plan};

/// What is said of a template whose request another run waits for, before a command.
pub(super) const WAIT: &str = "wait until that run has ended, then look again";

/// What to do, in words that begin with a small letter; `settle` says it where a person has to settle it.
pub(super) fn help(plan: &Plan, entry: &Entry, settle: &str) -> Help {
    if matches!(entry.action, Action::InDoubt { being_sent: true, .. }) {
        return Help::none().run(WAIT, Advice::Plan);
    }
    Help::none().run(settle, Advice::Recover { keys: vec![plan.key_in_state(&entry.key).clone()] })
}
