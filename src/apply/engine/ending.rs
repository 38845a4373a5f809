//! The end of a run: whatever else fails, what was sent is recorded. The engine steps through it.

use std::sync::Arc;

use super::answers::{RequestOutcome, same_for_all};
use super::inputs::outcome_record;
use super::outbox::{Then, Write};
use super::queue::Task;
use super::tally::Stop;
use super::{Effect, Engine, GRACE, Moment, Notice};
use crate::api::retry::Ending;
use crate::apply::RunReport;
use crate::apply::summary::RunEnd;
use crate::apply::unrecorded::Unrecorded;
use crate::state::{Document, RecordedOutcome, StateError, Wait};

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Requests may still be sent.
    Running,
    /// Nothing more is sent, and requests in flight are given up.
    Abandoning,
    /// The lock is requested again, in case its file was removed.
    Regaining(Wait),
    /// Waits for the result of that request.
    AwaitingLock(Wait),
    /// Rows without an outcome get one.
    Concluding,
    /// Records that could not be written are tried again: there may be space now.
    Rewriting,
    /// Everything is recorded and reported.
    Closed,
}

impl Engine<'_> {
    /// Handles an interruption: nothing more is sent, and requests in flight get a short time to finish.
    pub(super) fn interrupted(&mut self, now: Moment) {
        if self.abandon_at.is_some() {
            return;
        }
        self.abandon_at = Some(now.elapsed + GRACE);
        self.tally.stop.get_or_insert(Stop::Signal);
        if !self.in_flight.is_empty() && self.phase == Phase::Running {
            self.notices.push_back(Notice::Stops { requests: self.in_flight.len(), at_most: GRACE });
        }
    }

    /// The next effect of the end; `None` if the state has to be examined again.
    pub(super) fn end_step(&mut self) -> Option<Effect> {
        match self.phase {
            Phase::Running => None,
            Phase::Abandoning => {
                self.phase = Phase::Regaining(Wait::No);
                (!self.in_flight.is_empty()).then_some(Effect::Abandon)
            }
            Phase::Regaining(wait) => {
                self.phase = Phase::AwaitingLock(wait);
                Some(Effect::Regain(wait))
            }
            Phase::AwaitingLock(_) | Phase::Closed => Some(Effect::Wait { until: None, why: None }),
            Phase::Concluding => {
                self.phase = Phase::Rewriting;
                self.protect();
                for record in std::mem::take(&mut self.tally.unwritten) {
                    self.outbox.write(Write::Record(record), Then::KeepIfLost);
                }
                None
            }
            Phase::Rewriting => {
                self.phase = Phase::Closed;
                Some(Effect::Checkpoint(self.tally.unwritten.clone()))
            }
        }
    }

    /// If the lock file was removed and another run took over, waits for that run to end, because what this run sent
    /// must be recorded beside it. The wait is limited.
    pub(super) fn regained(&mut self, now: Moment, is_ours: bool) {
        let Phase::AwaitingLock(wait) = self.phase else { return };
        if !is_ours && wait == Wait::No {
            self.notices.push_back(Notice::OtherRunWrites);
            self.phase = Phase::Regaining(Wait::AsForTheLock);
            return;
        }
        self.conclude_rest(now);
        self.phase = Phase::Concluding;
    }

    /// Gives an outcome to every recorded row that has none.
    fn conclude_rest(&mut self, now: Moment) {
        for task in self.queue.drain() {
            if let Task::Submit(batch) = task
                && batch.recorded
            {
                self.end(now, &batch, Ending::NotSent, "stopped before it could be sent again");
            }
        }
        for task in self.in_flight.abandon() {
            if let Task::Submit(batch) = task {
                let message = "the run was stopped before the answer came".to_owned();
                let rows = same_for_all(&batch, &RecordedOutcome::InDoubt { message });
                let record =
                    outcome_record(now, &batch.name, RequestOutcome { rows, ..RequestOutcome::default() });
                self.outbox.record(record, Then::Report { halves: None });
            }
        }
    }

    /// Records the plan's protection for the rows that the document has by then.
    pub(super) fn protect(&mut self) {
        if !self.plan.protect.is_empty() {
            self.outbox.write(Write::Protect(Arc::new(self.plan.protect.clone())), Then::Nothing);
        }
    }

    /// The report of the run, after the checkpoint succeeded or failed.
    pub fn report(self, state: &Result<Document, StateError>) -> RunReport {
        let mut tally = self.tally;
        tally.warnings.extend(tally.made_anew.warning());
        let unrecorded = match state {
            // The state, or its rescued version, has the records that the journal could not take.
            Ok(_) => Unrecorded::default(),
            Err(StateError::Replaced { way, .. } | StateError::JournalGone { way, .. })
                if way.rescued.is_some() =>
            {
                Unrecorded::default()
            }
            Err(StateError::JournalGone { .. }) => Unrecorded::all(&tally.results),
            Err(StateError::TakenOver { .. }) => Unrecorded::taken_over(&tally.results),
            Err(_) => Unrecorded::of(&tally.unwritten),
        };
        let end = RunEnd {
            plan: self.plan,
            results: &tally.results,
            waited: &tally.waited,
            found_there: &tally.found_there,
            unrecorded: &unrecorded,
            checkpoint_error: state.as_ref().err().filter(|_| tally.requests > 0),
            warnings: tally.warnings,
            requests: tally.requests,
            stop: tally.stop.as_ref(),
            authenticated: self.pace.is_authenticated(),
            state_has_changed: state.as_ref().map_or(true, |state| state.serial != tally.serial),
        };
        end.report(state.as_ref().ok())
    }
}
