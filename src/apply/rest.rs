//! What a run did not send, and what another run needs to be allowed to send it. The run's report contains it.

use std::collections::HashMap;

use super::{RowOutcome, RowReport};
use crate::model::Key;
use crate::plan::{Action, Plan, SafetyLimits, Submission};
use crate::state::{Document, RowStatus};

/// What is left of a plan when a run ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// Rows that were held back; another run holds them back too.
    pub held: usize,
    /// Rows that another run sent in the meantime.
    pub sent_meanwhile: usize,
    /// The value that `--max-changes` needs if the safety limits would refuse the rest.
    pub max_changes: Option<u64>,
    /// Rows that another run sends, or may send once they are resolved.
    changes: u64,
    /// Those of them that change what the server holds.
    updates: usize,
    /// The number of templates in the state now.
    state_size: usize,
}

impl Rest {
    pub(super) fn of(plan: &Plan, results: &[RowReport], state: Option<&Document>) -> Self {
        let state_size = state.map_or(0, |state| state.templates.len());
        let outcomes: HashMap<&Key, RowOutcome> = results.iter().map(|row| (&row.key, row.outcome)).collect();
        let mut rest = Self { state_size, ..Self::default() };
        for entry in &plan.entries {
            let Some(submission) = entry.action.submission() else { continue };
            match outcomes.get(&entry.key) {
                Some(RowOutcome::NotSent) if submission.held.is_some() => rest.held += 1,
                Some(RowOutcome::NotSent) if is_done(&entry.key, submission, state) => {
                    rest.sent_meanwhile += 1;
                }
                Some(RowOutcome::NotSent | RowOutcome::Failed | RowOutcome::InDoubt) => {
                    rest.changes += 1;
                    rest.updates += usize::from(matches!(entry.action, Action::Update(_)));
                }
                _ => {}
            }
        }
        rest
    }

    /// Adds what these safety limits require of another run.
    #[must_use]
    pub fn within(self, limits: SafetyLimits) -> Self {
        let is_refused = !limits.exceeded(self.changes, self.updates, 0, self.state_size).is_empty();
        Self { max_changes: is_refused.then_some(self.changes), ..self }
    }
}

/// Whether the state at the end says that the server holds what this row was to send: another run, which did not see
/// this run's lock, sent it.
pub(super) fn is_done(key: &Key, submission: &Submission, state: Option<&Document>) -> bool {
    let row = state.and_then(|state| state.templates.get(key));
    row.is_some_and(|row| {
        row.status() == RowStatus::Applied
            && row.confirmed.as_ref().is_some_and(|known| known.attributes == submission.after)
            && row.unknown.iter().all(|name| !submission.after.has(name))
    })
}
