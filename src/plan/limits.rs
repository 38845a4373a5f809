//! The limits that a plan may exceed only with a person's consent. Checked by `plan` and `apply`.

use super::action::help_to_keep;
use super::{Action, Entry, Plan, RenamedTo};
use crate::model::{Advice, Help, Key, RunOption};

/// The limits in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyLimits {
    /// The most rows that may be submitted or forgotten. `None` for [`SafetyLimits::DEFAULT_MAX_CHANGES`], which applies only if the
    /// state has templates, because the first apply submits all of them.
    pub max_changes: Option<u64>,
    /// The most templates that may be updated or forgotten, in percent of those in the state, if it has at least
    /// [`SafetyLimits::PERCENT_FROM`]. `None` for no limit.
    pub max_change_percent: Option<u8>,
}

impl SafetyLimits {
    /// The limit on rows if the configuration sets none.
    pub const DEFAULT_MAX_CHANGES: u64 = 500;
    /// The number of templates from which a percentage is meaningful.
    pub const PERCENT_FROM: usize = 10;
}

/// Why a plan is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The plan submits too many rows.
    #[error(
        "the plan submits{} {changes} templates, and max_changes allows {limit}",
        if *forgets { " or forgets" } else { "" }
    )]
    TooManyChanges {
        /// The number of rows in the plan, with those that the state is to forget.
        changes: u64,
        /// Whether some are to be forgotten.
        forgets: bool,
        /// The number of rows allowed.
        limit: u64,
    },
    /// The plan updates too large a part of the templates.
    #[error(
        "the plan updates{} {updates} of the {total} templates in the state, and max_change_percent allows {limit} %",
        if *forgets { " or forgets" } else { "" }
    )]
    TooLargeAPart {
        /// The number of rows in the plan, with those that the state is to forget.
        changes: u64,
        /// The number of updates in the plan, with those that the state is to forget.
        updates: usize,
        /// Whether some are to be forgotten.
        forgets: bool,
        /// The number of templates in the state.
        total: usize,
        /// The percentage allowed.
        limit: u8,
    },
    /// The plan would forget protected templates.
    #[error(
        "{} protected and no longer in the configuration: {}", if keys.len() == 1 { "this template is" } else {
        "these templates are" }, keys.join(", ")
    )]
    Protected {
        /// The keys of the protected templates.
        keys: Vec<String>,
    },
    /// A protected template appears to have been renamed.
    #[error("{from} is protected and no longer in the configuration, and looks renamed to {}", to.key)]
    ProtectedRenamed {
        /// The key in the state.
        from: Key,
        /// The template in the configuration.
        to: RenamedTo,
    },
}

impl Refusal {
    /// Returns what to do about it.
    pub fn help(&self) -> Help {
        match self {
            Self::TooManyChanges { changes, .. } | Self::TooLargeAPart { changes, .. } => Help::none()
                .run(
                    "If that is what you want",
                    Advice::Again { auto_approve: false, max_changes: Some(*changes) },
                )
                .run("Or take a part of it", Advice::AddOption(RunOption::Target)),
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
    /// Returns every limit that these numbers exceed: rows, updates among them, templates to be forgotten, and templates in the
    /// state. Forgetting a template counts like an update.
    pub(crate) fn exceeded(
        self,
        changes: u64,
        updates: usize,
        forgets: usize,
        state_size: usize,
    ) -> Vec<Refusal> {
        let (changes, updates) = (changes + forgets as u64, updates + forgets);
        let forgets = forgets > 0;
        let mut refusals = Vec::new();
        let default = (state_size > 0).then_some(Self::DEFAULT_MAX_CHANGES);
        if let Some(limit) = self.max_changes.or(default).filter(|limit| changes > *limit) {
            refusals.push(Refusal::TooManyChanges { changes, forgets, limit });
        }
        if let Some(limit) = self.max_change_percent
            && state_size >= Self::PERCENT_FROM
            && updates * 100 > usize::from(limit) * state_size
        {
            refusals.push(Refusal::TooLargeAPart { changes, updates, forgets, total: state_size, limit });
        }
        refusals
    }
}

/// Returns every reason to refuse the plan; `state_size` is the number of templates in the state.
pub fn check(plan: &Plan, state_size: usize, limits: SafetyLimits) -> Vec<Refusal> {
    let updates = plan.summary.update + plan.summary.replace;
    let mut refusals = limits.exceeded(plan.submissions() as u64, updates, plan.summary.forget, state_size);
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
