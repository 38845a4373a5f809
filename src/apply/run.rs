//! What a run is made of, seen from outside: its settings, who watches it, and how it is stopped.

use std::time::Duration;

use crate::model::{Key, Timestamp};
use crate::state::RecordedOutcome;

/// How requests are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Rows a request.
    pub batch_size: usize,
    /// Requests in flight.
    pub concurrency: usize,
    /// Pace to begin with.
    pub requests_per_minute: u32,
    /// How long one background job is waited for.
    pub job_timeout: Duration,
    /// Whether a person ordered what is in doubt to be sent again, in this run.
    pub requested_by_user: bool,
    /// Makes waits between repetitions differ between machines; a test passes a constant.
    pub jitter_seed: u64,
}

/// Why a run does nothing for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The configured pace.
    Pace,
    /// The server's quota is used up.
    Quota,
    /// The server asked for a pause, or there is no connection.
    Pause,
    /// A request is to be sent again.
    Repetition,
    /// A background job of the server has not ended.
    Job,
}

impl std::fmt::Display for WaitReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pace => "keeping to requests_per_minute",
            Self::Quota => "the server's rate limit is used up",
            Self::Pause => "the server needs a pause",
            Self::Repetition => "a request is to be sent again",
            Self::Job => "the server's job has not ended",
        })
    }
}

/// Who watches a run: the progress bar, or a test.
pub trait Observer {
    /// So many rows will be submitted or waited for.
    fn begins(&mut self, rows: usize);
    /// A row's outcome is durable.
    fn settled(&mut self, key: &Key, result: &RecordedOutcome);
    /// Nothing happens for that long, and why.
    fn waits(&mut self, reason: WaitReason, wait: Duration);
    /// The run is interrupted: no new request is made, and those in flight are waited for.
    fn stops(&mut self, requests: usize, at_most: Duration);
    /// Another run writes the state now; its end is waited for, to record what this one sent.
    fn waits_for_other_run(&mut self);
}

/// Does nothing with what it is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoopObserver;

impl Observer for NoopObserver {
    fn begins(&mut self, _: usize) {}
    fn settled(&mut self, _: &Key, _: &RecordedOutcome) {}
    fn waits(&mut self, _: WaitReason, _: Duration) {}
    fn stops(&mut self, _: usize, _: Duration) {}
    fn waits_for_other_run(&mut self) {}
}

/// What a run needs beside ledger and network.
pub struct RunContext<'a> {
    /// The date and time.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Becomes true when the run is to end early.
    pub interrupted: tokio::sync::watch::Receiver<bool>,
}
