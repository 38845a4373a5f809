//! What each input changes: a record that is durable, an answer, a request that did not leave.

use super::answers::{self, AnswerConsequence, Settled, settle_all};
use super::in_flight::Flight;
use super::jobs::{self, Polled};
use super::outbox::{Then, Write};
use super::queue::{Batch, Poll, Task};
use super::{Engine, Moment, Phase, RequestId, Stop};
use crate::api::Answer;
use crate::api::retry::Ending;
use crate::state::{KeyedOutcome, Operation, Record, RecordedOutcome};

impl Engine<'_> {
    /// The ledger has written what it was given last, or could not.
    pub(super) fn recorded(&mut self, now: Moment, result: Result<(), String>) {
        let Some((write, then)) = self.outbox.end() else { return };
        let is_durable = result.is_ok();
        if let Err(why) = result {
            self.tally.stop = Some(Stop::Journal(why));
        }
        match (then, write) {
            (Then::Send(batch), _) => self.queue.next_is(Batch { recorded: is_durable, ..batch }),
            (Then::Repeat { batch, at, .. }, _) if is_durable => self.queue.later(at, Task::Submit(batch)),
            // The sending before cannot have been acted upon, or acting twice is harmless; but it cannot be recorded.
            (Then::Repeat { batch, ending, why, .. }, _) => self.end(now, &batch, ending, &why),
            (Then::Tell { halves }, Write::Record(record)) => {
                self.notices.extend(self.tally.settle(&record));
                match halves {
                    Some(batch) if is_durable => self.queue.halve(batch),
                    _ => {}
                }
                if !is_durable {
                    self.tally.unwritten.push(record);
                }
            }
            (Then::KeepIfLost, Write::Record(record)) if !is_durable => self.tally.unwritten.push(record),
            (Then::Nothing | Then::Tell { .. } | Then::KeepIfLost, _) => {}
        }
    }

    pub(super) fn answered(&mut self, now: Moment, request: RequestId, answer: Answer) {
        // What was given up is in doubt, whatever comes of it now.
        if self.phase != Phase::Running {
            return;
        }
        let Some(Flight { task, ticket }) = self.in_flight.land(request) else { return };
        self.pace.landed(now.elapsed, ticket, &answer);
        if matches!(answer, Answer::NotSent { .. } | Answer::Untrusted { .. }) {
            self.was_not_sent();
        }
        match task {
            Task::Submit(batch) => self.submitted(now, batch, answer),
            Task::Poll(poll) => self.polled(now, poll, &answer),
        }
    }

    /// A request whose intent is durable did not leave: another run may be writing the state, so nothing else leaves
    /// either.
    pub(super) fn withheld(&mut self, now: Moment, request: RequestId, why: &str) {
        let Some(Flight { task, .. }) = self.in_flight.land(request) else { return };
        self.was_not_sent();
        self.pace.gone();
        self.tally.stop.get_or_insert(Stop::Journal(why.to_owned()));
        if let Task::Submit(batch) = task {
            self.end(now, &batch, Ending::NotSent, why);
        }
    }

    /// What was never sent is not counted as sent.
    fn was_not_sent(&mut self) {
        self.tally.requests = self.tally.requests.saturating_sub(1);
    }

    fn submitted(&mut self, now: Moment, mut batch: Batch, answer: Answer) {
        let asked = answers::Asked {
            known_ids: &self.known_ids,
            url: &self.plan.url,
            is_first: !self.pace.is_authenticated(),
            jitter_seed: self.settings.jitter_seed,
        };
        let decision = answers::decide(&mut batch, answer, &asked);
        if decision.authenticates {
            self.pace.authenticated();
        }
        if let Some(wait) = decision.pause {
            self.pace.pause(now.elapsed, wait);
        }
        match decision.consequence {
            AnswerConsequence::Settle(settled) => self.settle(now, &batch, settled),
            AnswerConsequence::Halve(rows) => {
                // The halves are what is told of; until then the rows are as they were, or as doubtful as they were.
                let record = outcome(now, &batch.name, Settled { rows, ..Settled::default() });
                self.outbox.record(record, Then::Tell { halves: Some(batch) });
            }
            AnswerConsequence::Repeat { wait, ending, why } => {
                let (batch_name, attempt, reason) = (batch.name.clone(), batch.sent + 1, why.clone());
                let retry = Record::Retry { at: now.clock, attempt, batch: batch_name, reason };
                self.outbox.record(retry, Then::Repeat { batch, at: now.elapsed + wait, ending, why });
            }
        }
        if let Some(why) = decision.stop {
            self.tally.stop.get_or_insert(Stop::Server(why));
        }
    }

    /// The rows of a request have an outcome: it is recorded, and what follows from it is taken into account.
    fn settle(&mut self, now: Moment, batch: &Batch, mut settled: Settled) {
        if settled.ambiguous_titles {
            self.queue.separate_titles();
        }
        for row in &settled.rows {
            if let RecordedOutcome::Applied { id: Some((id, _)) } = &row.result {
                self.known_ids.insert(id.clone());
            }
        }
        self.tally.made_anew.add(std::mem::take(&mut settled.made_anew));
        self.tally.warn(&settled.warnings);
        self.guard(batch.operation(), &settled.rows);
        let waits = now.elapsed;
        for poll in jobs::begun(batch, &settled.rows, waits + self.settings.job_timeout) {
            self.queue.later(waits + jobs::FIRST_POLL, Task::Poll(poll));
        }
        self.outbox.record(outcome(now, &batch.name, settled), Then::Tell { halves: None });
    }

    /// The rows of a request end like this.
    pub(super) fn end(&mut self, now: Moment, batch: &Batch, ending: Ending, why: &str) {
        let rows = settle_all(batch, &answers::result_of(batch, ending, why));
        self.settle(now, batch, Settled { rows, ..Settled::default() });
    }

    /// Stops the run where sending on would only put more in doubt.
    fn guard(&mut self, operation: Operation, rows: &[KeyedOutcome]) {
        self.breaker.ended(operation, rows.iter().map(|row| &row.result));
        let is_more_to_send = !self.queue.is_empty() || self.outbox.holds_request();
        if is_more_to_send && let Some(why) = self.breaker.open() {
            self.tally.stop.get_or_insert(Stop::Server(why));
        }
    }

    fn polled(&mut self, now: Moment, mut poll: Poll, answer: &Answer) {
        if matches!(answer, Answer::Response(_)) && !jobs::is_refused(answer) {
            self.pace.authenticated();
        }
        if let Some(wait) = jobs::pause(answer) {
            self.pace.pause(now.elapsed, wait);
        }
        match jobs::read(&mut poll, answer) {
            Polled::Stop(why) => {
                self.tally.stop.get_or_insert(Stop::Server(why));
            }
            Polled::Unfinished => {
                if let Some(at) = jobs::next_poll(&poll, now.elapsed) {
                    self.queue.later(at, Task::Poll(poll));
                }
            }
            Polled::Settled(rows) => {
                let record = outcome(now, &poll.batch, Settled { rows, ..Settled::default() });
                self.outbox.record(record, Then::Tell { halves: None });
            }
        }
    }
}

/// The record that says what came of a request's rows.
pub(super) fn outcome(now: Moment, batch: &str, settled: Settled) -> Record {
    let Settled { rows, candidate_ids, warnings, .. } = settled;
    Record::Outcome { at: now.clock, batch: batch.to_owned(), candidate_ids, rows, warnings }
}
