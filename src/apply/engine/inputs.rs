//! What each input changes in the engine: a durable record, an answer, a request that was not sent.

use super::answers::{self, AnswerConsequence, RequestOutcome, same_for_all};
use super::in_flight::Flight;
use super::jobs::{self, Polled};
use super::outbox::{Then, Write};
use super::queue::{Batch, Poll, Task};
use super::{Engine, Moment, Phase, RequestId, Stop};
use crate::api::Answer;
use crate::api::retry::Ending;
use crate::state::{KeyedOutcome, Operation, Record, RecordedOutcome};

impl Engine<'_> {
    /// The ledger wrote the last record, or failed to.
    pub(super) fn recorded(&mut self, now: Moment, result: Result<(), String>) {
        let Some((write, then)) = self.outbox.end() else { return };
        let is_durable = result.is_ok();
        if let Err(why) = result {
            self.tally.stop = Some(Stop::Journal(why));
        }
        match (then, write) {
            (Then::Send(batch), _) => self.queue.next_is(Batch { recorded: is_durable, ..batch }),
            (Then::Repeat { batch, at, .. }, _) if is_durable => self.queue.later(at, Task::Submit(batch)),
            // The attempt before cannot have had an effect, or repeating it is harmless; but the repetition cannot be
            // recorded.
            (Then::Repeat { batch, ending, why, .. }, _) => self.end(now, &batch, ending, &why),
            (Then::Report { halves }, Write::Record(record)) => {
                self.notices.extend(self.tally.add_outcome(&record));
                match halves {
                    Some(batch) if is_durable => self.queue.halve(batch),
                    _ => {}
                }
                if !is_durable {
                    self.tally.unwritten.push(record);
                }
            }
            (Then::KeepIfLost, Write::Record(record)) if !is_durable => self.tally.unwritten.push(record),
            (Then::Nothing | Then::Report { .. } | Then::KeepIfLost, _) => {}
        }
    }

    pub(super) fn answered(&mut self, now: Moment, request: RequestId, answer: Answer) {
        // A request that was given up stays in doubt, whatever its answer says.
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

    /// A request whose intent is durable was not sent: another run may be writing the state, so this run sends
    /// nothing more.
    pub(super) fn withheld(&mut self, now: Moment, request: RequestId, why: &str) {
        let Some(Flight { task, .. }) = self.in_flight.land(request) else { return };
        self.was_not_sent();
        self.pace.gone();
        self.tally.stop.get_or_insert(Stop::Journal(why.to_owned()));
        if let Task::Submit(batch) = task {
            self.end(now, &batch, Ending::NotSent, why);
        }
    }

    /// Takes back the count of a request that was never sent.
    fn was_not_sent(&mut self) {
        self.tally.requests = self.tally.requests.saturating_sub(1);
    }

    fn submitted(&mut self, now: Moment, mut batch: Batch, answer: Answer) {
        let context = answers::AnswerContext {
            known_ids: &self.known_ids,
            url: &self.plan.url,
            is_first: !self.pace.is_authenticated(),
            jitter_seed: self.settings.jitter_seed,
        };
        let decision = answers::decide(&mut batch, answer, &context);
        if decision.authenticates {
            self.pace.authenticated();
        }
        if let Some(wait) = decision.pause {
            self.pace.pause(now.elapsed, wait);
        }
        match decision.consequence {
            AnswerConsequence::Outcome(outcome) => self.record_outcome(now, &batch, outcome),
            AnswerConsequence::Halve(rows) => {
                // Only the halves are reported; until then the rows are as they were, or as doubtful as they were.
                let record =
                    outcome_record(now, &batch.name, RequestOutcome { rows, ..RequestOutcome::default() });
                self.outbox.record(record, Then::Report { halves: Some(batch) });
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

    /// Records the outcome of a request's rows, and acts on what follows from it.
    fn record_outcome(&mut self, now: Moment, batch: &Batch, mut outcome: RequestOutcome) {
        if outcome.ambiguous_titles {
            self.queue.separate_titles();
        }
        for row in &outcome.rows {
            if let RecordedOutcome::Applied { id: Some((id, _)) } = &row.result {
                self.known_ids.insert(id.clone());
            }
        }
        self.tally.found_there.extend(std::mem::take(&mut outcome.found_there));
        self.tally.made_anew.add(std::mem::take(&mut outcome.made_anew));
        self.tally.warn(&outcome.warnings);
        self.guard(batch.operation(), &outcome.rows);
        let waits = now.elapsed;
        for poll in jobs::begun(batch, &outcome.rows, waits + self.settings.job_timeout) {
            self.queue.later(waits + jobs::FIRST_POLL, Task::Poll(poll));
        }
        self.outbox.record(outcome_record(now, &batch.name, outcome), Then::Report { halves: None });
    }

    /// Ends the rows of a request in this way.
    pub(super) fn end(&mut self, now: Moment, batch: &Batch, ending: Ending, why: &str) {
        let rows = same_for_all(batch, &answers::result_of(batch, ending, why));
        self.record_outcome(now, batch, RequestOutcome { rows, ..RequestOutcome::default() });
    }

    /// Stops the run if sending more would put more rows in doubt.
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
            Polled::Ended(rows) => {
                let record =
                    outcome_record(now, &poll.batch, RequestOutcome { rows, ..RequestOutcome::default() });
                self.outbox.record(record, Then::Report { halves: None });
            }
        }
    }
}

/// The record of the outcome of a request's rows.
pub(super) fn outcome_record(now: Moment, batch: &str, request: RequestOutcome) -> Record {
    let RequestOutcome { rows, candidate_ids, warnings, .. } = request;
    Record::Outcome { at: now.clock, batch: batch.to_owned(), candidate_ids, rows, warnings }
}
