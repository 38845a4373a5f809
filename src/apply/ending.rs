//! The end of a run: what was sent is recorded, whatever else there is no time or room for.

use super::execute::{Executed, Run, settle_all};
use super::queue::Task;
use super::summary;
use super::unrecorded::Unrecorded;
use crate::api::Transport;
use crate::api::retry::Ending;
use crate::crash::{Point, reach};
use crate::state::{Record, RowResult, StateError, Store, Wait};

impl<S: Store, T: Transport> Run<'_, S, T> {
    /// Records what has no outcome yet, makes the journal part of the state, and says what there is to tell.
    pub(super) fn finish(mut self) -> Executed {
        self.regain();
        let unsent = self.queue.drain();
        for task in unsent {
            if let Task::Submit(batch) = task
                && batch.recorded
            {
                self.end(&batch, Ending::NotSent, "stopped before it could be sent again");
            }
        }
        for (name, batch) in std::mem::take(&mut self.flying) {
            let message = "the run was stopped before the answer came".to_owned();
            let rows = settle_all(&batch, &RowResult::InDoubt { message });
            self.record_outcome(&name, rows, Vec::new(), Vec::new());
        }
        self.record_protection();
        // There may be room again.
        let unwritten: Vec<Record> = std::mem::take(&mut self.unwritten);
        let unwritten = unwritten.into_iter().filter(|record| !self.record(record)).collect::<Vec<_>>();
        reach(Point::RunEnded);
        let Self {
            plan, mut ledger, results, deeds, mut warnings, made_anew, requests, stop, welcomed, ..
        } = self;
        warnings.extend(made_anew.warning());
        for record in &unwritten {
            ledger.remember(record);
        }
        let serial = ledger.document().serial;
        let state = ledger.fold();
        let unrecorded = match &state {
            // The state, or the version of it that was rescued, has what the journal could not take.
            Ok(_) => Unrecorded::default(),
            Err(StateError::Replaced { way, .. } | StateError::JournalGone { way, .. })
                if way.rescued.is_some() =>
            {
                Unrecorded::default()
            }
            Err(StateError::JournalGone { .. }) => Unrecorded::all(&results),
            Err(_) => Unrecorded::of(&unwritten),
        };
        let told = summary::Told {
            plan,
            results: &results,
            deeds: &deeds,
            unrecorded: &unrecorded,
            unfolded: state.as_ref().err().filter(|_| requests > 0),
            warnings,
            requests,
            stop: stop.as_ref(),
            welcomed,
            state_has_changed: state.as_ref().map_or(true, |state| state.serial != serial),
        };
        let report = told.report(state.as_ref().ok());
        Executed { report, state }
    }

    /// Where somebody removed the lock and another run took its place, the other one's end is waited for: what this run
    /// sent has to be recorded beside it.
    fn regain(&mut self) {
        if self.ledger.watch().look().is_err() && self.ledger.regain(Wait::No).is_err() {
            self.observer.notice(
                "another run is writing this state now; waiting for it to end, to record what this one sent (--lock-timeout)",
            );
            // If it takes longer, there are words for that.
            let _ = self.ledger.regain(Wait::AsForTheLock);
        }
    }
}
