//! Whether a saved plan still fits the state it is to be applied to.

use std::path::Path;

use super::recheck::Mismatches;
use super::{Base, Plan};
use crate::model::{Advice, Help, Key, few};
use crate::state::{Document, StateIdentity};

/// Why a saved plan must not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StalePlan {
    /// Made for another environment.
    #[error("this plan was made for the environment {planned:?}, and this run is for {actual:?}")]
    Environment {
        /// The plan's.
        planned: String,
        /// The run's.
        actual: String,
    },
    /// Made for another instance.
    #[error("this plan was made for {planned}, and the environment's url is {actual}")]
    Url {
        /// The plan's.
        planned: String,
        /// The run's.
        actual: String,
    },
    /// Made from another state altogether.
    #[error("this plan was made from another state (lineage {planned}, here {actual})")]
    Lineage {
        /// The plan's, in words.
        planned: String,
        /// The state's, in words.
        actual: String,
    },
    /// The state has moved on.
    #[error(
        "this plan is stale: it was made {}, and the state is at serial {actual} now (the serial goes up with every \
         write). {moved}",
        if *planned == 0 { "before there was a state".to_owned() } else { format!("from serial {planned}") }
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
        "this plan was made before anything was applied, and an apply has begun since that was interrupted. {moved}"
    )]
    Begun {
        /// Which rows are concerned, in words.
        moved: String,
    },
    /// Same serial, another version: two branches that each wrote one, and were merged.
    #[error(
        "this plan is stale: it was made from another version of the state, which also has the serial {serial} (two \
         branches may each have written one). {moved}"
    )]
    Digest {
        /// The serial of both.
        serial: u64,
        /// Which rows moved, in words.
        moved: String,
    },
    /// It does not say which templates it was made from.
    #[error(
        "this plan does not say what the state held that it was made from (state.digest): certctl did not write it. {moved}"
    )]
    NoDigest {
        /// Which rows moved, in words.
        moved: String,
    },
    /// It says that templates are no longer configured, and they are.
    #[error(
        "this plan says that the configuration no longer has {}, and it has: what the plan tells you to delete is in use",
        few(keys)
    )]
    Configured {
        /// The templates.
        keys: Vec<Key>,
    },
    /// The plan says that it was made from this state, and is not what planning would make of it.
    #[error("this plan does not fit the state that it says it was made from. {moved}")]
    Rows {
        /// Which rows do not fit, in words.
        moved: String,
    },
}

impl StalePlan {
    /// What to do about it; `file` is the plan's.
    pub fn help(&self, plan: &Plan, file: &Path) -> Help {
        match self {
            Self::Environment { planned, .. } => Help::none().run(
                "To apply it there",
                Advice::ApplyPlan { file: file.to_owned(), environment: Some(planned.clone()) },
            ),
            _ => plan.make_again(file),
        }
    }
}

/// That a saved plan is for this owner and this state, and that planning would send the same on it. `trust_upsert` is
/// the environment's.
pub fn check_applicable(
    plan: &Plan,
    owner: &StateIdentity,
    state: Option<&Document>,
    trust_upsert: bool,
) -> Result<(), StalePlan> {
    if plan.environment != owner.environment {
        let (planned, actual) = (plan.environment.clone(), owner.environment.clone());
        return Err(StalePlan::Environment { planned, actual });
    }
    if plan.url != owner.url {
        return Err(StalePlan::Url { planned: plan.url.clone(), actual: owner.url.clone() });
    }
    let lineage = state.map(|document| document.lineage.clone());
    // A plan that was made before there was any state is merely older than the state that is there now.
    if plan.base.lineage.is_some() && plan.base.lineage != lineage {
        let words =
            |lineage: &Option<String>| lineage.clone().unwrap_or_else(|| "none, no state yet".to_owned());
        return Err(StalePlan::Lineage { planned: words(&plan.base.lineage), actual: words(&lineage) });
    }
    let mismatches = Mismatches::of(plan, owner, state, trust_upsert);
    check_base(plan, state, &mismatches)?;
    if mismatches.is_empty() { Ok(()) } else { Err(StalePlan::Rows { moved: mismatches.sentences() }) }
}

/// That the state is the one that the plan was made from. Making an unfinished journal part of it raises the serial and
/// moves no row, so the digest decides.
fn check_base(plan: &Plan, state: Option<&Document>, mismatches: &Mismatches) -> Result<(), StalePlan> {
    let serial = state.map_or(0, |document| document.serial);
    let is_begun = plan.base.lineage.is_none() && state.is_some();
    let moved = || mismatches.sentences();
    match &plan.base.digest {
        Some(_) if plan.base.digest == Base::digest_of(state) => Ok(()),
        _ if plan.base.serial != serial => {
            Err(StalePlan::Serial { planned: plan.base.serial, actual: serial, moved: moved() })
        }
        _ if is_begun => Err(StalePlan::Begun { moved: moved() }),
        Some(_) => Err(StalePlan::Digest { serial, moved: moved() }),
        None => Err(StalePlan::NoDigest { moved: moved() }),
    }
}

/// Makes sure that the configuration has none of the templates which a saved plan says that it has no longer.
pub fn check_orphans(plan: &Plan, is_configured: impl Fn(&Key) -> bool) -> Result<(), StalePlan> {
    let keys: Vec<Key> = plan.orphans().filter(|key| is_configured(key)).cloned().collect();
    if keys.is_empty() { Ok(()) } else { Err(StalePlan::Configured { keys }) }
}

#[cfg(test)]
mod tests;
