//! Carries out a plan: composes requests, sends them, reads the responses, and recovers from interruptions.
//!
//! [`Engine`] is the run as a pure state machine: it decides what is recorded and sent, in which order and when.
//! [`execute`] drives it over a ledger and a network. [`reconcile`] decides what one response means for each row, and
//! [`batch`] which rows go together. The command line calls them; this module never knows its flags, its exit codes
//! or where a state is kept.

pub mod attribution;
pub mod batch;
mod engine;
mod execute;
mod explain;
pub mod idle;
mod left_behind;
mod made_anew;
mod outcome;
mod reconcile;
mod rest;
mod row;
mod run;
mod summary;
mod unrecorded;

pub use engine::{Effect, Engine, Input, Moment, Notice, RequestId};
// Only tests name it.
#[cfg(feature = "internals")]
pub use engine::GRACE;
pub use execute::{Executed, execute};
pub use left_behind::LeftBehind;
pub use made_anew::MadeAnew;
pub use outcome::{RowOutcome, RowReport, RunOutcome, RunReport, RunSummary};
pub use reconcile::{JobState, Reading, after_failed_job, reconcile};
pub use rest::Rest;
pub use row::{OutgoingRow, planned_rows};
pub use run::{Observer, RunContext, Settings, WaitReason};
