//! A plan that sends nothing: nothing to do, or only what is frozen or held back.

use std::collections::HashMap;

use super::RunReport;
use super::summary::Told;
use super::unrecorded::Unrecorded;
use crate::plan::Plan;
use crate::state::Document;

/// Whether carrying the plan out would neither send nor record anything.
pub fn is_idle(plan: &Plan) -> bool {
    let sends = plan
        .entries
        .iter()
        .any(|entry| entry.action.submission().is_some_and(|submission| submission.held.is_none()));
    !sends && plan.summary.pending == 0 && plan.summary.r#move == 0 && plan.protect.is_empty()
}

/// What to tell of it.
pub fn report(plan: &Plan, state: Option<&Document>) -> RunReport {
    Told {
        plan,
        results: &HashMap::new(),
        deeds: &HashMap::new(),
        unrecorded: &Unrecorded::default(),
        unfolded: None,
        warnings: Vec::new(),
        requests: 0,
        stop: None,
        welcomed: false,
    }
    .report(state)
}
