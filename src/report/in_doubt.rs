//! The advice about a template in doubt, in the same words in every report.

use crate::model::{Advice, Help};
use crate::plan::{Action, Entry, Plan};

/// The advice if another run is waiting for the response, before a command.
pub(super) const WAIT: &str = "wait until that run has ended, then look again";

/// The advice, beginning with a lower-case letter; `settle` introduces the command for cases that a person must
/// settle.
pub(super) fn help(plan: &Plan, entry: &Entry, settle: &str) -> Help {
    if matches!(entry.action, Action::InDoubt { being_sent: true, .. }) {
        return Help::none().run(WAIT, Advice::Plan);
    }
    Help::none().run(settle, Advice::Recover { keys: vec![plan.key_in_state(&entry.key).clone()] })
}
