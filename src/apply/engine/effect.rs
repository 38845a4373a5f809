//! What goes in and out of the engine: all of it plain data.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Answer, Call};
use crate::apply::WaitReason;
use crate::model::{Key, Timestamp};
use crate::state::{KeyedOutcome, Record, Wait};

/// A moment of a run, as the driver's clocks have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since the run's beginning; never goes back.
    pub elapsed: Duration,
    /// The date and time, for what is recorded.
    pub clock: Timestamp,
}

/// Names a request within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// What is to be done.
#[derive(Debug)]
pub enum Effect {
    /// Make this record durable; then [`Input::Recorded`].
    Record(Arc<Record>),
    /// Record which templates are protected, where the document says otherwise; then [`Input::Recorded`].
    Protect(Arc<BTreeMap<Key, bool>>),
    /// Check that this process still is the only writer, and send this request right after; then [`Input::Answered`], or
    /// [`Input::Withheld`] where it is not.
    Send(RequestId, Call),
    /// Tell this at once. Nothing comes of it.
    Tell(Notice),
    /// Do nothing before something happens, or this time has come (since the run's beginning).
    Wait {
        /// The time.
        until: Option<Duration>,
        /// What to tell of a wait that is long.
        why: Option<WaitReason>,
    },
    /// Give up every request in flight, also one that has not left yet.
    Abandon,
    /// Become the only writer again, where another run could take this one's place; then [`Input::Regained`].
    Regain(Wait),
    /// The last one: make the journal part of the state, and with it these records, which could not be written.
    Checkpoint(Vec<Arc<Record>>),
}

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// What was to be recorded is durable, or why it is not.
    Recorded(Result<(), String>),
    /// What became of a request.
    Answered(RequestId, Answer),
    /// A request did not leave, because this process may not be the only writer, and why.
    Withheld(RequestId, String),
    /// A person or a pipeline wants the run to end.
    Interrupted,
    /// Whether this process is the only writer again.
    Regained(bool),
}

/// Something to tell whoever watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// So many rows will be submitted or waited for.
    Begins {
        /// How many.
        rows: usize,
    },
    /// These rows have an outcome, and it is durable.
    Settled(Vec<KeyedOutcome>),
    /// The run was interrupted: no new request is made, and those in flight are waited for.
    Stops {
        /// How many are in flight.
        requests: usize,
        /// How long they are waited for.
        at_most: Duration,
    },
    /// Another run writes the state; its end is waited for, to record what this one sent.
    OtherRunWrites,
}
