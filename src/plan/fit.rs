//! Whether a saved plan still fits the state it is to be applied to.

use super::{Action, Plan};
use crate::model::Key;
use crate::state::{Document, Owner, Status};

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
    /// A first apply has begun since, and was cut off before it wrote a state.
    #[error(
        "this plan was made before anything was applied, and an apply has begun since that was interrupted. {moved} Make \
         the plan again"
    )]
    Begun {
        /// Which rows are concerned, in words.
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
    let changed = || [sentence(&moved), in_doubt_sentence(plan, state)].concat();
    // A plan that was made before there was any state is merely older than the state that is there now.
    if plan.base.lineage.is_some() && plan.base.lineage != lineage {
        let words =
            |lineage: &Option<String>| lineage.clone().unwrap_or_else(|| "none, no state yet".to_owned());
        return Err(Misfit::Lineage { planned: words(&plan.base.lineage), actual: words(&lineage) });
    }
    let serial = state.map_or(0, |document| document.serial);
    if plan.base.serial != serial {
        return Err(Misfit::Serial { planned: plan.base.serial, actual: serial, moved: changed() });
    }
    if plan.base.lineage != lineage {
        return Err(Misfit::Begun { moved: changed() });
    }
    if moved.is_empty() { Ok(()) } else { Err(Misfit::Rows { moved: changed() }) }
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
    if moved.is_empty() {
        return "None of the plan's templates is known to have changed since.".to_owned();
    }
    format!("Changed since: {}.", some_of(moved))
}

/// The rows that the plan would send and that are in doubt by now.
fn in_doubt_sentence(plan: &Plan, state: Option<&Document>) -> String {
    let is_in_doubt = |key: &Key| {
        let row = state.and_then(|document| document.templates.get(key));
        row.is_some_and(|row| row.status() == Status::InDoubt)
    };
    let sends =
        plan.entries.iter().filter(|entry| matches!(entry.action, Action::Create(_) | Action::Update(_)));
    let doubtful: Vec<String> =
        sends.filter(|entry| is_in_doubt(&entry.key)).map(|entry| entry.key.to_string()).collect();
    if doubtful.is_empty() {
        return String::new();
    }
    format!(" In doubt now: {} (see certctl recover).", some_of(&doubtful))
}

fn some_of(keys: &[String]) -> String {
    const SHOWN: usize = 10;
    match keys.len() {
        0..=SHOWN => keys.join(", "),
        more => format!("{} and {} more", keys[..SHOWN].join(", "), more - SHOWN),
    }
}
