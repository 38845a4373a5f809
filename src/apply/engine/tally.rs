//! What a run reports at its end: results, warnings, records that could not be written, and why it stopped.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Notice;
use crate::apply::MadeAnew;
use crate::model::Key;
use crate::state::{Operation, Record, RecordedOutcome};

/// Why a run ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::apply) enum Stop {
    /// The server refused the key, or cannot be reached.
    Server(String),
    /// The journal cannot be written.
    Journal(String),
    /// A person or a pipeline interrupted it.
    Signal,
}

/// What is known so far.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) results: HashMap<Key, RecordedOutcome>,
    /// What rows that wait for a job of an earlier run were meant to do.
    pub(super) waited: HashMap<Key, Operation>,
    pub(super) warnings: Vec<String>,
    /// Templates that the server created although they were to be updated.
    pub(super) made_anew: MadeAnew,
    /// Rows that were to be created and that the server says it updated.
    pub(super) found_there: HashSet<Key>,
    /// Requests sent, counting every attempt and poll.
    pub(super) requests: u64,
    /// Known outcomes that could not be written.
    pub(super) unwritten: Vec<Arc<Record>>,
    pub(super) stop: Option<Stop>,
    /// The serial of the document that the run began with.
    pub(super) serial: u64,
}

impl Tally {
    pub(super) fn new(waited: HashMap<Key, Operation>, serial: u64) -> Self {
        Self {
            results: HashMap::new(),
            waited,
            warnings: Vec::new(),
            made_anew: MadeAnew::default(),
            found_there: HashSet::new(),
            requests: 0,
            unwritten: Vec::new(),
            stop: None,
            serial,
        }
    }

    /// Adds the rows of an outcome, and returns the notice that reports them.
    pub(super) fn add_outcome(&mut self, record: &Record) -> Option<Notice> {
        let Record::Outcome { rows, .. } = record else { return None };
        self.results.extend(rows.iter().map(|row| (row.key.clone(), row.result.clone())));
        Some(Notice::Outcomes(rows.clone()))
    }

    /// Keeps each warning once.
    pub(super) fn warn(&mut self, warnings: &[String]) {
        for warning in warnings {
            if !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
    }
}
