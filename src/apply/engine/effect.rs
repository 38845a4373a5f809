//! The effects and inputs of the engine, as plain data. The driver carries out effects and returns inputs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Answer, Call};
use crate::apply::WaitReason;
use crate::model::{Key, Timestamp};
use crate::state::{KeyedOutcome, Record, Wait};

/// A moment of a run, by the driver's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Time since the run's beginning; never goes back.
    pub elapsed: Duration,
    /// The date and time to record.
    pub clock: Timestamp,
}

/// Identifies a request within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// Something for the driver to do.
#[derive(Debug)]
pub enum Effect {
    /// Make this record durable; then report [`Input::Recorded`].
    Record(Arc<Record>),
    /// Record which templates are protected, where the document differs; then report [`Input::Recorded`].
    Protect(Arc<BTreeMap<Key, bool>>),
    /// Check that this process is still the only writer, and send this request right after. Then report
    /// [`Input::Answered`], or [`Input::Withheld`] if it is not.
    Send(RequestId, Call),
    /// Report this at once. No input follows.
    Notify(Notice),
    /// Do nothing until an input arrives or this time comes (measured from the run's beginning).
    Wait {
        /// The time; `None` to wait for an input only.
        until: Option<Duration>,
        /// The reason to report for a long wait.
        why: Option<WaitReason>,
    },
    /// Give up every request in flight, including those that have not left yet.
    Abandon,
    /// Lock the state again, if another run could have taken over; then report [`Input::Regained`].
    Regain(Wait),
    /// The last effect: checkpoint the journal, together with these records, which could not be written.
    Checkpoint(Vec<Arc<Record>>),
}

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// The last record is durable, or the reason that it is not.
    Recorded(Result<(), String>),
    /// A request was answered, or failed.
    Answered(RequestId, Answer),
    /// A request was not sent, because this process may not be the only writer; with the reason.
    Withheld(RequestId, String),
    /// A person or a pipeline interrupted the run.
    Interrupted,
    /// Whether this process is the only writer again.
    Regained(bool),
}

/// Something to report to whoever watches the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// The run begins.
    Begins {
        /// How many rows will be submitted or waited for.
        rows: usize,
    },
    /// These rows have an outcome, and it is durable.
    Outcomes(Vec<KeyedOutcome>),
    /// The run was interrupted: it makes no new requests, and waits for those in flight.
    Stops {
        /// How many requests are in flight.
        requests: usize,
        /// The longest time it waits for them.
        at_most: Duration,
    },
    /// Another run is writing the state; this run waits for it to end, to record what it sent.
    OtherRunWrites,
}
