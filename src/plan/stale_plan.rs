//! Checks that a saved plan still fits the state. Called by `apply` under the lock.

use std::path::Path;

use super::recheck::Mismatches;
use super::{Base, Plan};
use crate::model::{Advice, Help, Key, few};
use crate::state::{Document, StateIdentity};

/// Why a saved plan must not be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StalePlan {
    /// The plan is for another environment.
    #[error("this plan was made for the environment {planned:?}, and this run is for {actual:?}")]
    Environment {
        /// The environment of the plan.
        planned: String,
        /// The environment of the run.
        actual: String,
    },
    /// The plan is for another instance.
    #[error("this plan was made for {planned}, and the environment's url is {actual}")]
    Url {
        /// The URL in the plan.
        planned: String,
        /// The URL of the environment.
        actual: String,
    },
    /// The plan is based on another state with another lineage.
    #[error("this plan was made from another state (lineage {planned}, here {actual})")]
    Lineage {
        /// The lineage of the plan, in words.
        planned: String,
        /// The lineage of the state, in words.
        actual: String,
    },
    /// The state has changed since.
    #[error(
        "this plan is stale: it was made {}, and the state is at serial {actual} now (the serial goes up with every \
         write). {moved}",
        if *planned == 0 { "before there was a state".to_owned() } else { format!("from serial {planned}") }
    )]
    Serial {
        /// The serial of the plan.
        planned: u64,
        /// The serial of the state.
        actual: u64,
        /// The rows that changed, in words.
        moved: String,
    },
    /// A first apply began since, and was interrupted before it wrote a state.
    #[error(
        "this plan was made before anything was applied, and an apply has begun since that was interrupted. {moved}"
    )]
    Begun {
        /// The rows concerned, in words.
        moved: String,
    },
    /// The serial is the same but the version is not: two branches wrote one each and were merged.
    #[error(
        "this plan is stale: it was made from another version of the state, which also has the serial {serial} (two \
         branches may each have written one). {moved}"
    )]
    Digest {
        /// The serial of both versions.
        serial: u64,
        /// The rows that changed, in words.
        moved: String,
    },
    /// The plan does not say which version of the state it is based on.
    #[error(
        "this plan does not say what the state held that it was made from (state.digest): certctl did not write it. {moved}"
    )]
    NoDigest {
        /// The rows that changed, in words.
        moved: String,
    },
    /// The plan has orphans, or templates to be forgotten, that are still configured.
    #[error(
        "this plan says that the configuration no longer has {}, and it has: what the plan tells you to delete is in use",
        few(keys)
    )]
    Configured {
        /// The keys of those templates.
        keys: Vec<Key>,
    },
    /// The plan claims to be based on this state, but planning gives another result.
    #[error("this plan does not fit the state that it says it was made from. {moved}")]
    Rows {
        /// The rows that do not fit, in words.
        moved: String,
    },
}

impl StalePlan {
    /// Returns what to do about it; `file` is the path of the saved plan.
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

/// Checks that a saved plan is for this environment and state, and that planning would send the same now.
/// `trust_upsert` is the environment's setting.
pub fn check_applicable(
    plan: &Plan,
    identity: &StateIdentity,
    state: Option<&Document>,
    trust_upsert: bool,
) -> Result<(), StalePlan> {
    if plan.environment != identity.environment {
        let (planned, actual) = (plan.environment.clone(), identity.environment.clone());
        return Err(StalePlan::Environment { planned, actual });
    }
    if plan.url != identity.url {
        return Err(StalePlan::Url { planned: plan.url.clone(), actual: identity.url.clone() });
    }
    let lineage = state.map(|document| document.lineage.clone());
    // A plan made before there was any state is only older than the present one.
    if plan.base.lineage.is_some() && plan.base.lineage != lineage {
        let words =
            |lineage: &Option<String>| lineage.clone().unwrap_or_else(|| "none, no state yet".to_owned());
        return Err(StalePlan::Lineage { planned: words(&plan.base.lineage), actual: words(&lineage) });
    }
    let mismatches = Mismatches::of(plan, identity, state, trust_upsert);
    check_base(plan, state, &mismatches)?;
    if mismatches.is_empty() { Ok(()) } else { Err(StalePlan::Rows { moved: mismatches.sentences() }) }
}

/// Checks that the state is the one the plan is based on. Checkpointing an unfinished journal raises the serial but
/// changes no row, so the digest decides.
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

/// Checks that nothing is configured that the plan calls an orphan or is to be forgotten.
pub fn check_orphans(plan: &Plan, is_configured: impl Fn(&Key) -> bool) -> Result<(), StalePlan> {
    let keys: Vec<Key> = plan.not_configured().filter(|key| is_configured(key)).cloned().collect();
    if keys.is_empty() { Ok(()) } else { Err(StalePlan::Configured { keys }) }
}

#[cfg(test)]
mod tests;
