//! Carrying a plan out: composing requests, reading responses, driving both, and recovery.

mod outcome;

pub use outcome::{Exit, RowOutcome, RowReport, RunReport, RunSummary};
