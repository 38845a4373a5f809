//! Whether a saved plan still fits the state it is to be applied to.

use super::{Action, Plan};
use crate::model::Key;
use crate::state::{Document, Owner};

/// Why a saved plan must not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Made for another environment.
    #[error(
        "this plan was made for the environment {planned:?}, and this run is for {actual:?}. Choose it with --env {planned}"
    )]
    Environment {
        /// The plan's.
        planned: String,
        /// The run's.
        actual: String,
    },
    /// Made for another instance.
    #[error("this plan was made for {planned}, and the environment's url is {actual}. Make the plan again")]
    Url {
        /// The plan's.
        planned: String,
        /// The run's.
        actual: String,
    },
    /// Made from another state altogether.
    #[error(
        "this plan was made from another state (lineage {planned}, here {actual}). Make the plan again from the state \
         that is here"
    )]
    Lineage {
        /// The plan's, in words.
        planned: String,
        /// The state's, in words.
        actual: String,
    },
    /// The state has moved on.
    #[error(
        "this plan is stale: it was made from serial {planned} of the state, which is at {actual} now. {moved} Make the plan again"
    )]
    Serial {
        /// The plan's.
        planned: u64,
        /// The state's.
        actual: u64,
        /// Which rows moved, in words.
        moved: String,
    },
    /// Same serial, other content: two states with one history.
    #[error("this plan is stale although the serials agree: {moved} Make the plan again")]
    Rows {
        /// Which rows moved, in words.
        moved: String,
    },
}

/// That a saved plan is for this owner and this state.
pub fn fits(plan: &Plan, owner: &Owner, state: Option<&Document>) -> Result<(), Misfit> {
    if plan.environment != owner.environment {
        let (planned, actual) = (plan.environment.clone(), owner.environment.clone());
        return Err(Misfit::Environment { planned, actual });
    }
    if plan.url != owner.url {
        return Err(Misfit::Url { planned: plan.url.clone(), actual: owner.url.clone() });
    }
    let lineage = state.map(|document| document.lineage.clone());
    let moved = moved_rows(plan, state);
    // A plan that was made before there was any state is merely older than the state that is there now.
    if plan.base.lineage.is_some() && plan.base.lineage != lineage {
        let words =
            |lineage: &Option<String>| lineage.clone().unwrap_or_else(|| "none, no state yet".to_owned());
        return Err(Misfit::Lineage { planned: words(&plan.base.lineage), actual: words(&lineage) });
    }
    let serial = state.map_or(0, |document| document.serial);
    if plan.base.serial != serial || plan.base.lineage != lineage {
        return Err(Misfit::Serial { planned: plan.base.serial, actual: serial, moved: sentence(&moved) });
    }
    if moved.is_empty() { Ok(()) } else { Err(Misfit::Rows { moved: sentence(&moved) }) }
}

/// The rows whose state is not the one that the plan was made from.
fn moved_rows(plan: &Plan, state: Option<&Document>) -> Vec<String> {
    let row_of = |key: &Key| state.and_then(|document| document.templates.get(key));
    let renamed = |key: &Key| {
        plan.entries.iter().find_map(|entry| match &entry.action {
            Action::Move { from } if entry.key == *key => Some(from),
            _ => None,
        })
    };
    // Renames are few; looking for one only where there are any keeps this linear.
    let has_moves = plan.summary.r#move > 0;
    plan.entries
        .iter()
        .filter(|entry| {
            let row = row_of(&entry.key)
                .or_else(|| has_moves.then(|| renamed(&entry.key).and_then(row_of)).flatten());
            let known = row.and_then(|row| row.known.as_ref()).map(|known| &known.attributes);
            match &entry.action {
                Action::Create(submission) | Action::Update(submission) => {
                    known != submission.before.as_ref()
                }
                Action::Orphan { before, .. } => row.is_none() || known != before.as_ref(),
                Action::Pending { .. } | Action::InDoubt { .. } | Action::Move { .. } => row.is_none(),
            }
        })
        .map(|entry| entry.key.to_string())
        .collect()
}

fn sentence(moved: &[String]) -> String {
    const SHOWN: usize = 10;
    match moved.len() {
        0 => "None of the plan's templates has changed since.".to_owned(),
        1..=SHOWN => format!("Changed since: {}.", moved.join(", ")),
        more => format!("Changed since: {} and {} more.", moved[..SHOWN].join(", "), more - SHOWN),
    }
}
