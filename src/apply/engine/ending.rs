//! The end of a run: what was sent is recorded, whatever else there is no time or room for.

use std::sync::Arc;

use super::answers::{Settled, settle_all};
use super::inputs::outcome;
use super::outbox::{Then, Write};
use super::queue::Task;
use super::tally::Stop;
use super::{Effect, Engine, GRACE, Moment, Notice};
use crate::api::retry::Ending;
use crate::apply::RunReport;
use crate::apply::summary::Told;
use crate::apply::unrecorded::Unrecorded;
use crate::state::{Document, RecordedOutcome, StateError, Wait};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// There may be something to send.
    Running,
    /// Nothing is sent any more, and what is in flight is given up.
    Abandoning,
    /// The lock is asked for, in case somebody removed it.
    Regaining(Wait),
    /// The answer to that is awaited.
    AwaitingLock(Wait),
    /// What has no outcome yet gets one.
    Settling,
    /// What could not be written is tried once more: there may be room again.
    Rewriting,
    /// Everything is said.
    Closed,
}

impl Engine<'_> {
    /// A person or a pipeline wants the run to end: nothing more is sent, and what is in flight is waited for a little.
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

    /// The next effect of the end; nothing where it has to be looked at once more.
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
            Phase::Settling => {
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

    /// Where somebody removed the lock and another run took its place, the other one's end is waited for: what this run
    /// sent has to be recorded beside it. If it takes longer, there are words for that.
    pub(super) fn regained(&mut self, now: Moment, is_ours: bool) {
        let Phase::AwaitingLock(wait) = self.phase else { return };
        if !is_ours && wait == Wait::No {
            self.notices.push_back(Notice::OtherRunWrites);
            self.phase = Phase::Regaining(Wait::AsForTheLock);
            return;
        }
        self.settle_rest(now);
        self.phase = Phase::Settling;
    }

    /// What was recorded and has no outcome gets one.
    fn settle_rest(&mut self, now: Moment) {
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
                let rows = settle_all(&batch, &RecordedOutcome::InDoubt { message });
                let record = outcome(now, &batch.name, Settled { rows, ..Settled::default() });
                self.outbox.record(record, Then::Tell { halves: None });
            }
        }
    }

    /// Has the plan's protection recorded, as far as the document has the rows by then.
    pub(super) fn protect(&mut self) {
        if !self.plan.protect.is_empty() {
            self.outbox.write(Write::Protect(Arc::new(self.plan.protect.clone())), Then::Nothing);
        }
    }

    /// What there is to tell, once the journal is part of the state, or why it could not be made so.
    pub fn report(self, state: &Result<Document, StateError>) -> RunReport {
        let mut tally = self.tally;
        tally.warnings.extend(tally.made_anew.warning());
        let unrecorded = match state {
            // The state, or the version of it that was rescued, has what the journal could not take.
            Ok(_) => Unrecorded::default(),
            Err(StateError::Replaced { way, .. } | StateError::JournalGone { way, .. })
                if way.rescued.is_some() =>
            {
                Unrecorded::default()
            }
            Err(StateError::JournalGone { .. }) => Unrecorded::all(&tally.results),
            Err(_) => Unrecorded::of(&tally.unwritten),
        };
        let told = Told {
            plan: self.plan,
            results: &tally.results,
            waited: &tally.waited,
            unrecorded: &unrecorded,
            unfolded: state.as_ref().err().filter(|_| tally.requests > 0),
            warnings: tally.warnings,
            requests: tally.requests,
            stop: tally.stop.as_ref(),
            authenticated: self.pace.is_authenticated(),
            state_has_changed: state.as_ref().map_or(true, |state| state.serial != tally.serial),
        };
        told.report(state.as_ref().ok())
    }
}
