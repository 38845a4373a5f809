//! What the ledger is to make durable, in order, and what follows from each record. The engine never acts on anything
//! that is still in here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::queue::Batch;
use crate::api::retry::Ending;
use crate::model::Key;
use crate::state::Record;

/// One thing to make durable.
#[derive(Debug)]
pub(super) enum Write {
    /// A record.
    Record(Arc<Record>),
    /// Which templates are protected.
    Protect(Arc<BTreeMap<Key, bool>>),
}

/// What follows once it is durable, or cannot be written.
#[derive(Debug)]
pub(super) enum Then {
    /// Nothing follows.
    Nothing,
    /// The request can be sent: this was its intent.
    Send(Batch),
    /// Its rows are reported, and the halves of the request are sent.
    Report {
        /// The request, if it is to be halved.
        halves: Option<Batch>,
    },
    /// The request is sent again.
    Repeat {
        /// The request.
        batch: Batch,
        /// When to send it, measured from the run's beginning.
        at: Duration,
        /// How its rows end if the repetition cannot be recorded.
        ending: Ending,
        /// The result of the attempt before.
        why: String,
    },
    /// An outcome that could not be written: if it fails again, it is kept for the report.
    KeepIfLost,
}

/// Records that wait to be written, in order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<(Write, Then)>,
    writing: Option<(Write, Then)>,
}

impl Outbox {
    /// Adds a record at the end.
    pub(super) fn record(&mut self, record: Record, then: Then) {
        self.write(Write::Record(Arc::new(record)), then);
    }

    /// Adds anything at the end.
    pub(super) fn write(&mut self, write: Write, then: Then) {
        self.waiting.push_back((write, then));
    }

    /// Whether the ledger is writing.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Whether a request is waiting for its intent to become durable.
    pub(super) fn holds_request(&self) -> bool {
        self.waiting.iter().chain(&self.writing).any(|(_, then)| matches!(then, Then::Send(_)))
    }

    /// Starts to write the next one, if there is one.
    pub(super) fn begin(&mut self) -> Option<Write> {
        let (write, then) = self.waiting.pop_front()?;
        let same = match &write {
            Write::Record(record) => Write::Record(Arc::clone(record)),
            Write::Protect(protect) => Write::Protect(Arc::clone(protect)),
        };
        self.writing = Some((write, then));
        Some(same)
    }

    /// Takes out the one that the ledger has finished.
    pub(super) fn end(&mut self) -> Option<(Write, Then)> {
        self.writing.take()
    }
}
