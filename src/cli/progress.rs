//! Shows how far a run is: a moving line on a terminal, and a note before each long wait elsewhere. Apply calls it with
//! each event; it never influences the run.

mod facts;

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::output::Output;
use super::resources;
use crate::apply::{Observer, WaitReason};
use crate::model::Key;
use crate::state::RecordedOutcome;
use facts::Facts;

/// Shows the rows with an outcome among all rows, on stderr.
pub(super) struct Progress<'o> {
    output: &'o Output,
    /// Shared with the thread that draws while nothing happens.
    facts: Arc<Mutex<Facts>>,
    drawing: Option<Drawing>,
}

/// The thread that draws, and the channel that ends it.
struct Drawing {
    end: Sender<()>,
    thread: JoinHandle<()>,
}

/// The interval of drawing. A shorter run draws nothing.
const TICK: Duration = Duration::from_millis(200);
/// Shorter waits are not worth a line in a log.
const LONG_WAIT: Duration = Duration::from_secs(10);

impl<'o> Progress<'o> {
    pub(super) fn new(output: &'o Output) -> Self {
        let facts = Arc::new(Mutex::new(Facts::new(Instant::now())));
        // The thread that draws cannot report that it failed to start.
        let drawing = if output.shows_progress() && resources::spare_thread().is_ok() {
            Drawing::start(output, Arc::clone(&facts))
        } else {
            None
        };
        Self { output, facts, drawing }
    }

    pub(super) fn end(self) {
        if let Some(Drawing { end, thread }) = self.drawing {
            drop(end);
            // The thread has no result.
            let _ = thread.join();
        }
        self.output.status_line().make_room(|_| {});
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        locked(&self.facts)
    }
}

impl Drawing {
    fn start(output: &Output, facts: Arc<Mutex<Facts>>) -> Option<Self> {
        let (end, ended) = channel();
        let line = output.status_line().clone();
        let draw = move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                line.draw(|columns| locked(&facts).line(Instant::now(), columns));
            }
        };
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(draw).ok()?;
        Some(Self { end, thread })
    }
}

fn locked(facts: &Mutex<Facts>) -> MutexGuard<'_, Facts> {
    facts.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Progress<'_> {
    fn begins(&mut self, rows: usize) {
        self.facts().begins(rows);
    }

    fn finished(&mut self, key: &Key, result: &RecordedOutcome) {
        self.facts().finished(key, result);
    }

    fn waits(&mut self, reason: WaitReason, wait: Duration) {
        let is_told = self.facts().waits(reason, Instant::now() + wait);
        if !is_told && wait >= LONG_WAIT && self.drawing.is_none() {
            let (finished, all) = self.facts().counts();
            let seconds = wait.as_secs();
            self.output
                .note(&format!("waiting {seconds} s: {reason}; {finished} of {all} templates are done"));
        }
    }

    fn stops(&mut self, requests: usize, at_most: Duration) {
        let answers = if requests == 1 {
            "the answer to 1 request"
        } else {
            &format!("the answers to {requests} requests")
        };
        let seconds = at_most.as_millis().div_ceil(1000);
        self.output.say(&format!(
            "Stopping: no new request is sent. Waiting for {answers}, for at most {seconds} seconds.\n\
             Ctrl-C again stops at once; what these requests sent is in doubt then."
        ));
    }

    fn waits_for_other_run(&mut self) {
        self.output.say(
            "another run is writing this state now; waiting for it to end, to record what this one sent (--lock-timeout)",
        );
    }
}
