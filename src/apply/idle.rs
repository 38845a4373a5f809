//! A plan that sends nothing: nothing to do, or only what is frozen or held back.

use std::collections::HashMap;

use super::RunReport;
use super::summary::Told;
use super::unrecorded::Unrecorded;
use crate::plan::{Action, Plan};
use crate::state::Document;

/// Whether carrying the plan out would neither send nor record anything.
pub fn is_idle(plan: &Plan) -> bool {
    !asks_server(plan) && plan.summary.r#move == 0 && plan.protect.is_empty()
}

/// Whether carrying the plan out takes a request: rows to submit, or jobs to ask for.
pub fn asks_server(plan: &Plan) -> bool {
    plan.entries.iter().any(|entry| match &entry.action {
        Action::Pending { .. } => true,
        Action::InDoubt { job, .. } => job.is_some(),
        action => action.submission().is_some_and(|submission| submission.held.is_none()),
    })
}

/// What to tell of it; an interrupted run may have become part of the state.
pub fn report(plan: &Plan, state: Option<&Document>, state_has_changed: bool) -> RunReport {
    Told {
        plan,
        results: &HashMap::new(),
        waited: &HashMap::new(),
        unrecorded: &Unrecorded::default(),
        unfolded: None,
        warnings: Vec::new(),
        requests: 0,
        stop: None,
        authenticated: false,
        state_has_changed,
    }
    .report(state)
}
