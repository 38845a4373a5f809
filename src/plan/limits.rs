//! What a plan must not exceed without somebody saying so.

use super::action::help_to_keep;
use super::{Action, Entry, Plan, RenamedTo};
use crate::model::{Advice, Help, Key};

/// The limits in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyLimits {
    /// The most rows that may be submitted. Nothing: [`Limits::DEFAULT_MAX_CHANGES`], and only once the state holds
    /// something, because the first apply of an estate submits all of it.
    pub max_changes: Option<u64>,
    /// The most templates that may be updated, in percent of those in the state, when it holds at least
    /// [`Limits::PERCENT_FROM`]. Nothing: no such limit.
    pub max_change_percent: Option<u8>,
}

impl SafetyLimits {
    /// The limit on rows where the configuration names none.
    pub const DEFAULT_MAX_CHANGES: u64 = 500;
    /// From how many templates on a percentage says something.
    pub const PERCENT_FROM: usize = 10;
}

/// Why a plan is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too many rows.
    #[error("the plan submits {changes} templates, and max_changes allows {limit}")]
    TooManyChanges {
        /// Rows in the plan.
        changes: u64,
        /// Rows allowed.
        limit: u64,
    },
    /// Too large a part of the estate.
    #[error(
        "the plan updates {updates} of the {total} templates in the state, and max_change_percent allows {limit} %"
    )]
    TooLargeAPart {
        /// Rows in the plan.
        changes: u64,
        /// Updates in the plan.
        updates: usize,
        /// Templates in the state.
        total: usize,
        /// The percentage allowed.
        limit: u8,
    },
    /// Protected templates would be forgotten.
    #[error(
        "{} protected and no longer in the configuration: {}", if keys.len() == 1 { "this template is" } else {
        "these templates are" }, keys.join(", ")
    )]
    Protected {
        /// Their keys.
        keys: Vec<String>,
    },
    /// A protected template has another key now, as it seems.
    #[error("{from} is protected and no longer in the configuration, and looks renamed to {}", to.key)]
    ProtectedRenamed {
        /// The key in the state.
        from: Key,
        /// The key in the configuration.
        to: RenamedTo,
    },
}

impl Refusal {
    /// What to do about it.
    pub fn help(&self) -> Help {
        match self {
            Self::TooManyChanges { changes, .. } | Self::TooLargeAPart { changes, .. } => Help::none()
                .run(
                    "If that is what you want",
                    Advice::Again { auto_approve: false, max_changes: Some(*changes) },
                )
                .say("Or take parts of it with --target."),
            Self::Protected { keys } => {
                let it = if keys.len() == 1 { "it" } else { "them" };
                Help::none()
                    .run(
                        format!("To forget {it} all the same, put {it} back with `protect: false`, then"),
                        Advice::Apply,
                    )
                    .say(format!("After that the configuration can do without {it}."))
            }
            Self::ProtectedRenamed { from, to: RenamedTo { key, has_row: true } } => help_to_keep(from, key),
            Self::ProtectedRenamed { .. } => Help::none()
                .say("To keep it one template, write what the plan says under `moved:` into the YAML.")
                .run("To see that", Advice::Plan),
        }
    }
}

impl SafetyLimits {
    /// Every limit that so many rows exceed, of which so many are updates, with so many templates in the state.
    pub(crate) fn exceeded(self, changes: u64, updates: usize, state_size: usize) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let default = (state_size > 0).then_some(Self::DEFAULT_MAX_CHANGES);
        if let Some(limit) = self.max_changes.or(default).filter(|limit| changes > *limit) {
            refusals.push(Refusal::TooManyChanges { changes, limit });
        }
        if let Some(limit) = self.max_change_percent
            && state_size >= Self::PERCENT_FROM
            && updates * 100 > usize::from(limit) * state_size
        {
            refusals.push(Refusal::TooLargeAPart { changes, updates, total: state_size, limit });
        }
        refusals
    }
}

/// Every reason to refuse the plan; `state_size` is the number of templates in the state.
pub fn check(plan: &Plan, state_size: usize, limits: SafetyLimits) -> Vec<Refusal> {
    let updates = plan.summary.update + plan.summary.replace;
    let mut refusals = limits.exceeded(plan.submissions() as u64, updates, state_size);
    let mut keys = Vec::new();
    for Entry { key, action, .. } in &plan.entries {
        match action {
            Action::Orphan { protect: true, renamed_to: Some(to), .. } => {
                refusals.push(Refusal::ProtectedRenamed { from: key.clone(), to: to.clone() });
            }
            Action::Orphan { protect: true, renamed_to: None, .. } => keys.push(key.to_string()),
            _ => {}
        }
    }
    if !keys.is_empty() {
        refusals.push(Refusal::Protected { keys });
    }
    refusals
}
