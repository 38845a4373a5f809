//! What the ledger is to make durable, one after the other, and what follows from each. The engine acts on nothing that
//! is still in here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::queue::Batch;
use crate::api::retry::Ending;
use crate::model::Key;
use crate::state::Record;

/// One thing that is to be made durable.
#[derive(Debug)]
pub(super) enum Write {
    /// A record.
    Record(Arc<Record>),
    /// Which templates are protected.
    Protect(Arc<BTreeMap<Key, bool>>),
}

/// What follows once it is durable, or cannot be.
#[derive(Debug)]
pub(super) enum Then {
    /// Nothing.
    Nothing,
    /// The request whose intent it is can be sent.
    Send(Batch),
    /// Its rows are told, and the halves of the request are sent.
    Tell {
        /// The request, where it is to be halved.
        halves: Option<Batch>,
    },
    /// The request is sent once more.
    Repeat {
        /// The request.
        batch: Batch,
        /// When, since the run's beginning.
        at: Duration,
        /// How its rows end where that cannot be recorded.
        ending: Ending,
        /// What became of the sending before.
        why: String,
    },
    /// An outcome that could not be written before is kept to be told where it still cannot.
    KeepIfLost,
}

/// What waits to be written, in its order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<(Write, Then)>,
    writing: Option<(Write, Then)>,
}

impl Outbox {
    /// Has a record written behind all others.
    pub(super) fn record(&mut self, record: Record, then: Then) {
        self.write(Write::Record(Arc::new(record)), then);
    }

    /// The same for anything.
    pub(super) fn write(&mut self, write: Write, then: Then) {
        self.waiting.push_back((write, then));
    }

    /// Whether the ledger is at work.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Whether there is a request in here that is sent once its intent is durable.
    pub(super) fn holds_request(&self) -> bool {
        self.waiting.iter().chain(&self.writing).any(|(_, then)| matches!(then, Then::Send(_)))
    }

    /// Begins to write the next one, if there is one.
    pub(super) fn begin(&mut self) -> Option<Write> {
        let (write, then) = self.waiting.pop_front()?;
        let same = match &write {
            Write::Record(record) => Write::Record(Arc::clone(record)),
            Write::Protect(protect) => Write::Protect(Arc::clone(protect)),
        };
        self.writing = Some((write, then));
        Some(same)
    }

    /// The ledger is done with it.
    pub(super) fn end(&mut self) -> Option<(Write, Then)> {
        self.writing.take()
    }
}
