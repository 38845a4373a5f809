//! Carries out a plan as a pure state machine: events go in, effects come out, as plain data.
//!
//! The driver ([`super::execute`]) and the simulations in tests call [`Engine::next`], do what it says, and report
//! the result with [`Engine::on`]. The order that crash safety depends on is decided only here: a request is sent
//! after its intent is durable, an outcome is reported after it is durable, and nothing is sent while the ledger is
//! writing.
//!
//! It never reads a clock, writes a file, opens a connection or waits.

mod answers;
mod backoff;
mod breaker;
mod effect;
mod ending;
mod in_flight;
mod inputs;
mod jobs;
mod outbox;
mod pace;
mod queue;
mod tally;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use super::batch::BatchPolicy;
use super::{OutgoingRow, Settings};
use crate::model::{TemplateId, Timestamp};
use crate::plan::Plan;
use crate::state::{Document, IntentRow, Record};
use breaker::Breaker;
pub use effect::{Effect, Input, Moment, Notice, RequestId};
use ending::Phase;
use in_flight::{Flight, InFlight};
use outbox::{Outbox, Then, Write};
use pace::Pace;
use queue::{Batch, Queue, Task};
pub(super) use tally::Stop;
use tally::Tally;

/// The longest wait that a run accepts from the server: a pipeline that hangs for hours does not explain why.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
/// How long a run waits for requests in flight after an interruption: a cancelled pipeline step is killed 7.5 s after
/// its signal.
pub const GRACE: Duration = Duration::from_millis(5500);
/// Shorter waits are not reported.
const REPORTED_WAIT: Duration = Duration::from_secs(2);

/// A run of a plan.
#[derive(Debug)]
pub struct Engine<'p> {
    plan: &'p Plan,
    settings: Settings,
    /// Requests still to be sent.
    queue: Queue,
    /// Requests sent and not yet answered.
    in_flight: InFlight,
    /// Records to make durable, and what follows from each.
    outbox: Outbox,
    /// How fast requests may go.
    pace: Pace,
    breaker: Breaker,
    /// Ids that belong to other templates.
    known_ids: HashSet<TemplateId>,
    /// Notices to report now.
    notices: VecDeque<Notice>,
    /// Results to report at the end.
    tally: Tally,
    phase: Phase,
    /// When to give up requests in flight after an interruption, measured from the run's beginning.
    abandon_at: Option<Duration>,
}

/// What a run can do at one moment.
enum Turn {
    /// Take the next task and send it.
    Send,
    /// Wait until this time.
    WaitUntil(Duration),
    /// Wait for an answer.
    AwaitAnswer,
    /// Stop: the wait would be longer than a run accepts.
    GiveUp(Duration),
}

impl<'p> Engine<'p> {
    /// Starts a run of this plan on this document, which is what the ledger holds. Changes to the state alone come
    /// first, because rows are recorded under their new keys; then the jobs of earlier runs.
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
        for key in plan.forgets() {
            engine.outbox.record(Record::Forget { key: key.clone() }, Then::Nothing);
        }
        engine.protect();
        engine.notices.push_back(Notice::Begins { rows: submitted + engine.tally.waited.len() });
        for poll in polls {
            engine.queue.later(Duration::ZERO, Task::Poll(poll));
        }
        engine
    }

    /// Returns what to do now. The caller does it and asks again.
    pub fn next(&mut self, now: Moment) -> Effect {
        loop {
            if let Some(notice) = self.notices.pop_front() {
                return Effect::Notify(notice);
            }
            if self.outbox.is_writing() {
                // Nothing is sent meanwhile, so the journal is at rest whenever it is checked before a request.
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

    /// Takes an event into account.
    pub fn on(&mut self, now: Moment, input: Input) {
        match input {
            Input::Recorded(result) => self.recorded(now, result),
            Input::Answered(request, answer) => self.answered(now, request, answer),
            Input::Withheld(request, why) => self.withheld(now, request, &why),
            Input::Interrupted => self.interrupted(now),
            Input::Regained(is_ours) => self.regained(now, is_ours),
        }
    }

    /// The next effect while there is something to send; `None` if the state has to be examined again.
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

    /// Decides what can be done now. Time is read once for the whole decision: with two readings, a wait could end
    /// between them and never be noticed.
    fn turn(&self, now: Duration) -> Turn {
        if self.tally.stop.is_some() || !self.pace.allows_another(self.in_flight.len()) {
            return Turn::AwaitAnswer;
        }
        let due = if self.queue.has_ready(now) { Some(now) } else { self.queue.next_at() };
        match due.map(|due| due.max(self.pace.ready_at(now))) {
            None => Turn::AwaitAnswer,
            Some(at) => match at.saturating_sub(now) {
                Duration::ZERO => Turn::Send,
                wait if self.in_flight.is_empty() && wait > MAX_WAIT => Turn::GiveUp(wait),
                _ => Turn::WaitUntil(at),
            },
        }
    }

    fn wait(&self, now: Duration, wake: Option<Duration>) -> Effect {
        let wait = wake.unwrap_or_default().saturating_sub(now);
        let is_reported = self.in_flight.is_empty() && wait >= REPORTED_WAIT;
        let why = is_reported.then(|| self.pace.wait_reason(now, &self.queue));
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
                poll.polled += 1;
                Task::Poll(poll)
            }
        };
        let call = task.call(self.plan.addressing);
        self.tally.requests += 1;
        let ticket = self.pace.take(now.elapsed);
        Some(Effect::Send(self.in_flight.add(Flight { task, ticket }), call))
    }

    fn intent(&self, now: Moment, batch: &Batch) -> Record {
        let intent = |row: &OutgoingRow| IntentRow {
            requested_by_user: self.settings.requested_by_user && row.is_resend,
            ..row.intent()
        };
        let rows = batch.rows.iter().map(intent).collect();
        Record::Intent { at: now.clock, batch: batch.name.clone(), rows }
    }
}

fn too_long(wait: Duration, now: Timestamp) -> String {
    let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    let until = now.unix_seconds().saturating_add(seconds);
    format!(
        "the server asks to be left alone for {} (Retry-After or X-RateLimit-Reset), and a run waits for at most \
         {}. The rest was not sent. Try again after {}, or ask the vendor about the rate limit if that cannot \
         be right",
        humantime::format_duration(Duration::from_secs(wait.as_secs())),
        humantime::format_duration(MAX_WAIT),
        Timestamp::from_unix_seconds(until)
    )
}
