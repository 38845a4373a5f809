//! What apply would do: pure functions from configuration and state to a [`Plan`], and from a plan to its limits.
//! Called by `cli` and by the reports.
//!
//! A plan reads no credentials and opens no connection, because nothing in this module can.

mod action;
mod build;
mod diff;
mod document;
mod fields;
mod forgotten;
mod holders;
mod limits;
mod lint;
mod pairs;
mod recheck;
mod renames;
mod revert;
mod ring;
mod scope;
mod size;
mod stale_plan;
mod warned;
mod wire;

pub use action::{Action, Entry, Held, RenamedTo, SourceLine, Submission};
pub use build::{Inputs, build, build_to_show};
pub use diff::{Change, Path, diff};
pub use document::{Base, FORMAT, Plan, SavedPlanError, Summary};
pub use limits::{Refusal, SafetyLimits, check};
pub use revert::{NotReverted, Revert, RevertInputs, revert};
pub use scope::{KnownKeys, Scope, ScopeError, Selection, Unmatched};
pub use size::check_recordable;
pub use stale_plan::{StalePlan, check_applicable, check_orphans};
pub use warned::{Warned, WarningKind};
