//! The requests still to be sent, and when. The engine takes tasks from it; it never sends.

use std::collections::VecDeque;
use std::time::Duration;

use crate::api::Call;
use crate::apply::OutgoingRow;
use crate::apply::batch::{BatchPolicy, Rows, compose, halve};
use crate::model::{Addressing, Key};
use crate::state::Operation;

/// One request to make.
#[derive(Debug)]
pub(super) enum Task {
    /// Submit rows.
    Submit(Batch),
    /// Poll a job.
    Poll(Poll),
}

/// The rows of one request.
#[derive(Debug)]
pub(super) struct Batch {
    /// Its name, unique in the life of the state.
    pub(super) name: String,
    pub(super) rows: Rows,
    /// How often it was sent.
    pub(super) sent: u32,
    /// Whether its intent is in the journal.
    pub(super) recorded: bool,
    /// Whether an earlier attempt may have had an effect.
    pub(super) doubtful: bool,
}

/// A job that the run waits for.
#[derive(Debug)]
pub(super) struct Poll {
    /// The job's id.
    pub(super) job: String,
    /// The request that began it.
    pub(super) batch: String,
    /// Its rows and what they were meant to do.
    pub(super) rows: Vec<(Key, Operation)>,
    /// How often it was polled.
    pub(super) polled: u32,
    /// How often the server did not know it.
    pub(super) unknown: u32,
    /// When this run gives up on it, measured from the run's beginning.
    pub(super) deadline: Duration,
}

impl Task {
    /// Composes the request now: until then its rows share their attributes with the plan.
    pub(super) fn call(&self, addressing: Addressing) -> Call {
        match self {
            Self::Submit(batch) => {
                let by_id = addressing == Addressing::Id && batch.operation() == Operation::Update;
                Call::bulk(batch.rows.iter().map(OutgoingRow::payload).collect(), by_id)
            }
            Self::Poll(poll) => Call::Job(poll.job.clone()),
        }
    }
}

impl Batch {
    fn new(name: String, rows: Rows, doubtful: bool) -> Self {
        Self { name, rows, sent: 0, recorded: false, doubtful }
    }

    /// What its rows do on the server, the same for all of them.
    pub(super) fn operation(&self) -> Operation {
        let creates = self.rows.iter().any(|row| row.operation == Operation::Create);
        if creates { Operation::Create } else { Operation::Update }
    }
}

impl Poll {
    /// A job that has not been polled yet.
    pub(super) fn new(job: String, batch: String, rows: Vec<(Key, Operation)>, deadline: Duration) -> Self {
        Self { job, batch, rows, polled: 0, unknown: 0, deadline }
    }
}

/// The queue: rows in order, waits and jobs when their time comes.
#[derive(Debug)]
pub(super) struct Queue {
    ready: VecDeque<Task>,
    waiting: Vec<(Duration, Task)>,
    policy: BatchPolicy,
    prefix: String,
    named: u64,
}

impl Queue {
    /// A queue of requests named `PREFIX-1`, `PREFIX-2`, ….
    pub(super) fn new(rows: Rows, policy: BatchPolicy, prefix: String) -> Self {
        let mut queue = Self { ready: VecDeque::new(), waiting: Vec::new(), policy, prefix, named: 0 };
        queue.enqueue(rows);
        queue
    }

    fn enqueue(&mut self, rows: Rows) {
        for rows in compose(rows, self.policy) {
            self.named += 1;
            let name = format!("{}-{}", self.prefix, self.named);
            self.ready.push_back(Task::Submit(Batch::new(name, rows, false)));
        }
    }

    /// From now on, puts rows with the same title in separate requests, including those queued already.
    pub(super) fn separate_titles(&mut self) {
        if self.policy.separate_titles {
            return;
        }
        self.policy.separate_titles = true;
        let mut rows = Vec::new();
        for task in std::mem::take(&mut self.ready) {
            match task {
                // A recorded request must be sent as it was recorded.
                Task::Submit(batch) if !batch.recorded => rows.extend(batch.rows),
                other => self.ready.push_back(other),
            }
        }
        self.enqueue(rows);
    }

    /// Puts the halves of a refused request in front.
    pub(super) fn halve(&mut self, batch: Batch) {
        let doubtful = batch.doubtful;
        let (first, second) = halve(batch.rows);
        for (half, rows) in [(2, second), (1, first)] {
            let name = format!("{}.{half}", batch.name);
            self.ready.push_front(Task::Submit(Batch::new(name, rows, doubtful)));
        }
    }

    /// Puts a request back in front: its turn had come.
    pub(super) fn next_is(&mut self, batch: Batch) {
        self.ready.push_front(Task::Submit(batch));
    }

    /// Repeats a task at that time.
    pub(super) fn later(&mut self, at: Duration, task: Task) {
        self.waiting.push((at, task));
    }

    /// The next task that is due.
    pub(super) fn next(&mut self, now: Duration) -> Option<Task> {
        let due = self.waiting.iter().enumerate().filter(|(_, (at, _))| *at <= now);
        match due.min_by_key(|(_, (at, _))| *at).map(|(position, _)| position) {
            Some(position) => Some(self.waiting.swap_remove(position).1),
            None => self.ready.pop_front(),
        }
    }

    /// Whether a task is due.
    pub(super) fn has_ready(&self, now: Duration) -> bool {
        !self.ready.is_empty() || self.waiting.iter().any(|(at, _)| *at <= now)
    }

    /// When the next waiting task is due.
    pub(super) fn next_at(&self) -> Option<Duration> {
        self.waits_for().map(|(at, _)| at)
    }

    /// The waiting task that is due next, and when.
    pub(super) fn waits_for(&self) -> Option<(Duration, &Task)> {
        self.waiting.iter().map(|(at, task)| (*at, task)).min_by_key(|(at, _)| *at)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.waiting.is_empty()
    }

    /// Takes out every task that was not done.
    pub(super) fn drain(&mut self) -> Vec<Task> {
        let waiting = std::mem::take(&mut self.waiting).into_iter().map(|(_, task)| task);
        std::mem::take(&mut self.ready).into_iter().chain(waiting).collect()
    }
}
