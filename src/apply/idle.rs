//! The report of a plan that sends nothing: there is nothing to do, or every row is frozen or held back.

use std::collections::{HashMap, HashSet};

use super::RunReport;
use super::summary::RunEnd;
use super::unrecorded::Unrecorded;
use crate::plan::{Action, Plan};
use crate::state::Document;

/// Whether carrying out the plan would neither send nor record anything.
pub fn is_idle(plan: &Plan) -> bool {
    !asks_server(plan) && plan.summary.r#move == 0 && plan.summary.forget == 0 && plan.protect.is_empty()
}

/// Whether carrying out the plan takes a request: rows to submit, or jobs to poll.
pub fn asks_server(plan: &Plan) -> bool {
    plan.entries.iter().any(|entry| match &entry.action {
        Action::Pending { .. } => true,
        Action::InDoubt { job, .. } => job.is_some(),
        action => action.submission().is_some_and(|submission| submission.held.is_none()),
    })
}

/// The report of such a plan. `state_has_changed` is true if recovering an interrupted run changed the state.
pub fn report(plan: &Plan, state: Option<&Document>, state_has_changed: bool) -> RunReport {
    RunEnd {
        plan,
        results: &HashMap::new(),
        waited: &HashMap::new(),
        found_there: &HashSet::new(),
        unrecorded: &Unrecorded::default(),
        checkpoint_error: None,
        warnings: Vec::new(),
        requests: 0,
        stop: None,
        authenticated: false,
        state_has_changed,
    }
    .report(state)
}
