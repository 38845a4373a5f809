//! Carries a plan out, as a state machine: what happened goes in, what is to be done comes out, as plain data.
//!
//! The driver ([`super::execute`]) and the simulations in tests call [`Engine::next`] and do what it says, and tell what
//! came of it with [`Engine::on`]. So the order that everything depends on is decided here and nowhere else: a request
//! is not sent before its intent is durable, an outcome is not told before it is durable, and nothing at all is sent
//! while the ledger is writing.
//!
//! It never reads a clock, writes a file or opens a connection, and never waits.

mod answers;
mod backoff;
mod breaker;
mod effect;
mod ending;
mod in_flight;
mod jobs;
mod outbox;
mod pace;
mod queue;
mod tally;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use super::batch::BatchPolicy;
use super::{OutgoingRow, Settings};
use crate::api::Answer;
use crate::api::retry::Ending;
use crate::model::{TemplateId, Timestamp};
use crate::plan::Plan;
use crate::state::{Document, IntentRow, Operation, Record, RowResult, SettledRow};
use answers::{Consequence, Settled, settle_all};
use breaker::Breaker;
pub use effect::{Effect, Input, Moment, Notice, RequestId};
use ending::Phase;
use in_flight::{Flight, InFlight};
use jobs::Polled;
use outbox::{Outbox, Then, Write};
use pace::Pace;
use queue::{Batch, Poll, Queue, Task};
pub(super) use tally::Stop;
use tally::Tally;

/// The longest that a run does nothing because the server says so: a pipeline that hangs for hours tells nobody why.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How long requests in flight are waited for after an interruption: a cancelled pipeline step is killed 7.5 s after its
/// signal.
pub const GRACE: Duration = Duration::from_millis(5500);
/// Shorter waits are not worth a word.
const TOLD_WAIT: Duration = Duration::from_secs(2);

/// A run of a plan.
#[derive(Debug)]
pub struct Engine<'p> {
    plan: &'p Plan,
    settings: Settings,
    /// What is still to be sent.
    queue: Queue,
    /// What was sent and is not answered.
    in_flight: InFlight,
    /// What is to be made durable, and what follows once it is.
    outbox: Outbox,
    /// How fast requests may go.
    pace: Pace,
    breaker: Breaker,
    /// The ids that are another template's.
    known_ids: HashSet<TemplateId>,
    /// What is to be told now.
    notices: VecDeque<Notice>,
    /// What is to be told at the end.
    tally: Tally,
    phase: Phase,
    /// When requests in flight are given up, after an interruption.
    abandon_at: Option<Duration>,
}

/// What a run can do at one moment.
enum Turn {
    /// Take the next task and send it.
    Send,
    /// Nothing before this time.
    WaitUntil(Duration),
    /// Nothing before an answer comes.
    AwaitAnswer,
    /// Nothing for longer than a run waits.
    GiveUp(Duration),
}

impl<'p> Engine<'p> {
    /// A run of this plan on this document, which the ledger has at the beginning. What changes in the state alone comes
    /// first, because rows are recorded under their new keys; then the jobs that earlier runs left.
    pub fn new(plan: &'p Plan, document: &Document, settings: Settings) -> Self {
        let rows = OutgoingRow::of_plan(plan);
        let submitted = rows.len();
        let policy =
            BatchPolicy { addressing: plan.addressing, size: settings.batch_size, separate_titles: false };
        let identities = document.templates.values().filter_map(|row| row.identity.as_ref());
        let (polls, waited) = jobs::left_by_earlier_runs(plan, document, settings.job_timeout);
        let mut engine = Self {
            plan,
            settings,
            queue: Queue::new(rows, policy, (document.serial + 1).to_string()),
            in_flight: InFlight::default(),
            outbox: Outbox::default(),
            pace: Pace::new(settings.requests_per_minute, settings.concurrency),
            breaker: Breaker::default(),
            known_ids: identities.map(|identity| identity.id.clone()).collect(),
            notices: VecDeque::new(),
            tally: Tally::new(waited, document.serial),
            phase: Phase::Running,
            abandon_at: None,
        };
        for (from, to) in plan.moves() {
            engine.outbox.record(Record::Move { from: from.clone(), to: to.clone() }, Then::Nothing);
        }
        engine.protect();
        engine.notices.push_back(Notice::Begins { rows: submitted + engine.tally.waited.len() });
        for poll in polls {
            engine.queue.later(Duration::ZERO, Task::Poll(poll));
        }
        engine
    }

    /// What is to be done now. The caller does it, and asks again.
    pub fn next(&mut self, now: Moment) -> Effect {
        loop {
            if let Some(notice) = self.notices.pop_front() {
                return Effect::Tell(notice);
            }
            if self.outbox.is_writing() {
                // Nothing is sent meanwhile, so whoever looks at the journal right before a request finds it at rest.
                return Effect::Wait { until: None, why: None };
            }
            if let Some(write) = self.outbox.begin() {
                return match write {
                    Write::Record(record) => Effect::Record(record),
                    Write::Protect(protect) => Effect::Protect(protect),
                };
            }
            let effect = if self.phase == Phase::Running { self.run(now) } else { self.end_step() };
            if let Some(effect) = effect {
                return effect;
            }
        }
    }

    /// Something happened.
    pub fn on(&mut self, now: Moment, input: Input) {
        match input {
            Input::Recorded(result) => self.recorded(now, result),
            Input::Answered(request, answer) => self.answered(now, request, answer),
            Input::Withheld(request, why) => self.withheld(now, request, &why),
            Input::Interrupted => self.interrupted(now),
            Input::Regained(is_ours) => self.regained(now, is_ours),
        }
    }

    /// The next effect while there is something to send; nothing where it has to be looked at once more.
    fn run(&mut self, now: Moment) -> Option<Effect> {
        let is_done = self.in_flight.is_empty() && (self.tally.stop.is_some() || self.queue.is_empty());
        if is_done || self.abandon_at.is_some_and(|at| at <= now.elapsed) {
            self.phase = Phase::Abandoning;
            return None;
        }
        match self.turn(now.elapsed) {
            Turn::Send => self.take_next(now),
            Turn::WaitUntil(at) => Some(self.wait(now.elapsed, Some(at))),
            Turn::AwaitAnswer => Some(self.wait(now.elapsed, None)),
            Turn::GiveUp(wait) => {
                self.tally.stop = Some(Stop::Server(too_long(wait, now.clock)));
                None
            }
        }
    }

    /// What can be done now. It is one moment for the whole decision: were the clock read twice, a wait could end
    /// between the two readings, and nobody would wake for it.
    fn turn(&self, now: Duration) -> Turn {
        if self.tally.stop.is_some() || !self.pace.allows_another(self.in_flight.len()) {
            return Turn::AwaitAnswer;
        }
        let due = if self.queue.has_ready(now) { Some(now) } else { self.queue.next_at() };
        match due.map(|due| due.max(self.pace.ready_at(now))) {
            None => Turn::AwaitAnswer,
            Some(at) => match at.saturating_sub(now) {
                Duration::ZERO => Turn::Send,
                wait if self.in_flight.is_empty() && wait > LONGEST_WAIT => Turn::GiveUp(wait),
                _ => Turn::WaitUntil(at),
            },
        }
    }

    fn wait(&self, now: Duration, wake: Option<Duration>) -> Effect {
        let wait = wake.unwrap_or_default().saturating_sub(now);
        let is_told = self.in_flight.is_empty() && wait >= TOLD_WAIT;
        let why = is_told.then(|| self.pace.wait_reason(now, &self.queue));
        let until = wake.into_iter().chain(self.abandon_at).min();
        Effect::Wait { until, why }
    }

    /// Sends the next task, or has its intent recorded first.
    fn take_next(&mut self, now: Moment) -> Option<Effect> {
        let task = match self.queue.next(now.elapsed)? {
            Task::Submit(batch) if !batch.recorded => {
                self.outbox.record(self.intent(now, &batch), Then::Send(batch));
                return None;
            }
            Task::Submit(mut batch) => {
                batch.sent += 1;
                Task::Submit(batch)
            }
            Task::Poll(mut poll) => {
                poll.asked += 1;
                Task::Poll(poll)
            }
        };
        let call = task.call(self.plan.addressing);
        self.tally.requests += 1;
        let ticket = self.pace.take(now.elapsed);
        Some(Effect::Send(self.in_flight.add(Flight { task, ticket }), call))
    }

    fn intent(&self, now: Moment, batch: &Batch) -> Record {
        let requested = self.settings.requested_by_user;
        let intent = |row: &OutgoingRow| IntentRow { ordered: requested && row.is_resend, ..row.intent() };
        let rows = batch.rows.iter().map(intent).collect();
        Record::Intent { at: now.clock, batch: batch.name.clone(), rows }
    }

    /// The ledger has written what it was given last, or could not.
    fn recorded(&mut self, now: Moment, result: Result<(), String>) {
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

    fn answered(&mut self, now: Moment, request: RequestId, answer: Answer) {
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
    fn withheld(&mut self, now: Moment, request: RequestId, why: &str) {
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
            Consequence::Settle(settled) => self.settle(now, &batch, settled),
            Consequence::Halve(rows) => {
                // The halves are what is told of; until then the rows are as they were, or as doubtful as they were.
                let record = outcome(now, &batch.name, Settled { rows, ..Settled::default() });
                self.outbox.record(record, Then::Tell { halves: Some(batch) });
            }
            Consequence::Repeat { wait, ending, why } => {
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
            if let RowResult::Applied { id: Some((id, _)) } = &row.result {
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
    fn end(&mut self, now: Moment, batch: &Batch, ending: Ending, why: &str) {
        let rows = settle_all(batch, &answers::result_of(batch, ending, why));
        self.settle(now, batch, Settled { rows, ..Settled::default() });
    }

    /// Stops the run where sending on would only put more in doubt.
    fn guard(&mut self, operation: Operation, rows: &[SettledRow]) {
        self.breaker.ended(operation, rows.iter().map(|row| &row.result));
        if !self.queue.is_empty()
            && let Some(why) = self.breaker.open()
        {
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

fn outcome(now: Moment, batch: &str, settled: Settled) -> Record {
    let Settled { rows, candidate_ids, warnings, .. } = settled;
    Record::Outcome { at: now.clock, batch: batch.to_owned(), candidate_ids, rows, warnings }
}

fn too_long(wait: Duration, now: Timestamp) -> String {
    let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    let until = now.unix_seconds().saturating_add(seconds);
    format!(
        "the server asks to be left alone for {} (Retry-After or X-RateLimit-Reset), and a run waits for at most \
         {}. The rest was not sent. Try again after {}, or ask the vendor about the rate limit if that cannot \
         be right",
        humantime::format_duration(Duration::from_secs(wait.as_secs())),
        humantime::format_duration(LONGEST_WAIT),
        Timestamp::from_unix_seconds(until)
    )
}
