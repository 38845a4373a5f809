//! The surroundings of a run: its settings, its observer, and how it is interrupted. The command line provides them.

use std::time::Duration;

use crate::model::{Key, Timestamp};
use crate::state::RecordedOutcome;

/// How a run makes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The maximum number of rows in a request.
    pub batch_size: usize,
    /// The maximum number of requests in flight.
    pub concurrency: usize,
    /// The pace at the beginning.
    pub requests_per_minute: u32,
    /// How long to wait for one background job.
    pub job_timeout: Duration,
    /// Whether a person asked for rows in doubt to be sent again in this run.
    pub requested_by_user: bool,
    /// Makes waits between repetitions differ between machines; tests pass a constant.
    pub jitter_seed: u64,
}

/// Why a run is waiting.
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

/// Watches a run: a progress bar, or a test.
pub trait Observer {
    /// The run begins; it will submit or wait for this many rows.
    fn begins(&mut self, rows: usize);
    /// A row's outcome is durable.
    fn finished(&mut self, key: &Key, result: &RecordedOutcome);
    /// Nothing is sent for this long, with the reason.
    fn waits(&mut self, reason: WaitReason, wait: Duration);
    /// The run was interrupted: it makes no new requests, and waits at most this long for those in flight.
    fn stops(&mut self, requests: usize, at_most: Duration);
    /// Another run is writing the state; this run waits for it to end, to record what it sent.
    fn waits_for_other_run(&mut self);
}

/// What a run needs besides a ledger and a network.
pub struct RunContext<'a> {
    /// Returns the date and time.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Becomes true when the run is to end early.
    pub interrupted: tokio::sync::watch::Receiver<bool>,
}
