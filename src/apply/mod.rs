//! Carrying a plan out: composing requests, reading responses, driving both, and recovery.

mod answers;
pub mod attribution;
pub mod batch;
mod breaker;
mod ending;
mod execute;
mod explain;
pub mod idle;
mod jobs;
mod left_behind;
mod made_anew;
mod outcome;
mod queue;
mod reconcile;
mod rest;
mod row;
mod run;
mod sending;
mod summary;
mod unrecorded;

pub use execute::{Executed, execute};
pub use left_behind::LeftBehind;
pub use made_anew::MadeAnew;
pub use outcome::{RowOutcome, RowReport, RunOutcome, RunReport, RunSummary};
pub use reconcile::{JobState, Reading, after_failed_job, reconcile};
pub use rest::Rest;
pub use row::OutgoingRow;
pub use run::{Nobody, Observer, Settings, WaitReason, World};
