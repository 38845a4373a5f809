//! Drives a plan: records, sends, reads, records again, until nothing is left to do.
//!
//! One task owns the journal and the queue; requests in flight are futures that answer to it. So "recorded before it
//! is sent, recorded before it is told" is the order of the lines below and not a matter of locks.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use super::batch::Shape;
use super::breaker::Breaker;
use super::queue::{Batch, Queue, Task};
use super::sending::send;
use super::{MadeAnew, Observer, OutgoingRow, RunReport, Settings, WaitReason, World};
use crate::api::{Answer, Call, HoldReason, Throttle, Ticket, Transport};
use crate::crash::{Point, reach};
use crate::model::{Key, TemplateId, Timestamp};
use crate::plan::Plan;
use crate::state::{Deed, Document, IntentRow, Ledger, Record, RowResult, SettledRow, StateError, Store};

/// What a run leaves behind.
#[derive(Debug)]
pub struct Executed {
    /// What to tell.
    pub report: RunReport,
    /// The state as it was written, or why it could not be.
    pub state: Result<Document, StateError>,
}

/// Carries a plan out. The ledger is the proof that this process is the only writer; it is folded at the end.
pub async fn execute<S: Store, T: Transport>(
    plan: &Plan,
    ledger: Ledger<'_, S>,
    transport: &T,
    settings: Settings,
    world: &World<'_>,
    observer: &mut dyn Observer,
) -> Executed {
    let mut run = Run::new(plan, ledger, transport, settings, world, observer);
    run.prepare();
    run.drive().await;
    run.finish()
}

/// What a run can do at one moment.
enum Turn {
    /// Take the next task and send it.
    Send,
    /// Nothing before this time, measured from the run's beginning.
    WaitUntil(Duration),
    /// Nothing before an answer comes.
    AwaitAnswer,
    /// Nothing for longer than a run waits.
    GiveUp(Duration),
}

/// The longest that a run does nothing because the server says so: a pipeline that hangs for hours tells nobody why.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// Why a run ends before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The key was refused, or nobody can be reached.
    Server(String),
    /// The journal cannot be written.
    Journal(String),
    /// A person or a pipeline said so.
    Signal,
}

pub(super) struct Run<'a, S: Store, T: Transport> {
    pub(super) plan: &'a Plan,
    pub(super) ledger: Ledger<'a, S>,
    pub(super) transport: &'a T,
    pub(super) settings: Settings,
    pub(super) world: &'a World<'a>,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) queue: Queue,
    /// How many rows the plan submits.
    submitted: usize,
    pub(super) throttle: Throttle,
    pub(super) breaker: Breaker,
    pub(super) known_ids: HashSet<TemplateId>,
    pub(super) results: HashMap<Key, RowResult>,
    /// What rows that wait for a job of an earlier run were meant to do.
    pub(super) deeds: HashMap<Key, Deed>,
    /// Requests whose answer is awaited, by name.
    pub(super) flying: BTreeMap<String, Batch>,
    /// Outcomes that are known and could not be written.
    pub(super) unwritten: Vec<Record>,
    pub(super) warnings: Vec<String>,
    /// What the server made although it was only to be updated.
    pub(super) made_anew: MadeAnew,
    pub(super) began: Instant,
    pub(super) requests: u64,
    /// Whether the server has accepted the key: until then one request goes alone.
    pub(super) welcomed: bool,
    pub(super) stop: Option<Stop>,
}

impl<'a, S: Store, T: Transport> Run<'a, S, T> {
    fn new(
        plan: &'a Plan,
        ledger: Ledger<'a, S>,
        transport: &'a T,
        settings: Settings,
        world: &'a World<'a>,
        observer: &'a mut dyn Observer,
    ) -> Self {
        let rows = OutgoingRow::of_plan(plan);
        let shape = Shape { addressing: plan.addressing, size: settings.batch_size, separate_titles: false };
        let document = ledger.document();
        let known_ids =
            document.templates.values().filter_map(|row| Some(row.identity.as_ref()?.id.clone())).collect();
        let submitted = rows.len();
        let queue = Queue::new(rows, shape, (document.serial + 1).to_string());
        Self {
            submitted,
            plan,
            ledger,
            transport,
            settings,
            world,
            observer,
            queue,
            throttle: Throttle::new(settings.requests_per_minute),
            breaker: Breaker::default(),
            known_ids,
            results: HashMap::new(),
            deeds: HashMap::new(),
            flying: BTreeMap::new(),
            unwritten: Vec::new(),
            warnings: Vec::new(),
            made_anew: MadeAnew::default(),
            began: Instant::now(),
            requests: 0,
            welcomed: false,
            stop: None,
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// What changes in the state alone comes first, because rows are recorded under their new keys; then the jobs
    /// that earlier runs left.
    fn prepare(&mut self) {
        for (from, to) in self.plan.moves() {
            self.record(&Record::Move { from: from.clone(), to: to.clone() });
        }
        self.record_protection();
        self.poll_earlier_jobs();
        self.observer.begins(self.submitted + self.deeds.len());
    }

    pub(super) fn record_protection(&mut self) {
        for (key, protect) in &self.plan.protect {
            if self.ledger.document().templates.get(key).is_some_and(|row| row.protect != *protect) {
                self.record(&Record::Protect { key: key.clone(), protect: *protect });
            }
        }
    }

    async fn drive(&mut self) {
        let transport = self.transport;
        let mut in_flight = FuturesUnordered::new();
        let mut interrupted = self.world.interrupted.clone();
        let mut abandon_at: Option<Instant> = None;
        loop {
            let wake = loop {
                let now = self.now();
                match self.turn(now, in_flight.len()) {
                    Turn::Send => {
                        let Some(task) = self.queue.next(now) else { break None };
                        if let Some((task, call, ticket)) = self.prepare_task(task) {
                            let sending = send(transport, call, self.ledger.watch());
                            in_flight.push(async move { (task, ticket, sending.await) });
                        }
                    }
                    Turn::WaitUntil(at) => break Some(self.began + at),
                    Turn::AwaitAnswer => break None,
                    Turn::GiveUp(wait) => {
                        self.stop = Some(Stop::Server(self.too_long(wait)));
                        break None;
                    }
                }
            };
            if in_flight.is_empty() && (self.stop.is_some() || self.queue.is_empty()) {
                break;
            }
            self.tell_wait(wake, in_flight.len());
            tokio::select! {
                biased;
                Some((task, ticket, sent)) = in_flight.next() => match sent {
                    Ok(answer) => self.answered(task, ticket, answer),
                    Err(error) => self.withheld(task, &error),
                },
                Ok(_) = interrupted.wait_for(|stop| *stop), if abandon_at.is_none() => {
                    abandon_at = Some(Instant::now() + World::GRACE);
                    self.stop.get_or_insert(Stop::Signal);
                    if !in_flight.is_empty() {
                        self.observer.stops(in_flight.len(), World::GRACE);
                    }
                }
                () = sleep_until(abandon_at) => break,
                () = sleep_until(wake) => {}
            }
        }
    }

    /// What can be done now. It is one moment for the whole decision: were the clock read twice, a wait could end
    /// between the two readings, and nobody would wake for it.
    fn turn(&self, now: Duration, in_flight: usize) -> Turn {
        let allowed = if self.welcomed { self.settings.concurrency.max(1) } else { 1 };
        if self.stop.is_some() || in_flight >= allowed {
            return Turn::AwaitAnswer;
        }
        let due = if self.queue.has_ready(now) { Some(now) } else { self.queue.next_at() };
        match due.map(|due| due.max(self.throttle.ready_at(now))) {
            None => Turn::AwaitAnswer,
            Some(at) => match at.saturating_sub(now) {
                Duration::ZERO => Turn::Send,
                wait if in_flight == 0 && wait > LONGEST_WAIT => Turn::GiveUp(wait),
                _ => Turn::WaitUntil(at),
            },
        }
    }

    fn too_long(&self, wait: Duration) -> String {
        let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
        let until = (self.world.now)().unix_seconds().saturating_add(seconds);
        format!(
            "the server asks to be left alone for {} (Retry-After or X-RateLimit-Reset), and a run waits for at most \
             {}. The rest was not sent. Try again after {}, or ask the vendor about the rate limit if that cannot \
             be right",
            humantime::format_duration(Duration::from_secs(wait.as_secs())),
            humantime::format_duration(LONGEST_WAIT),
            Timestamp::from_unix_seconds(until)
        )
    }

    fn tell_wait(&mut self, wake: Option<Instant>, in_flight: usize) {
        let wait = wake.map(|wake| wake.saturating_duration_since(Instant::now())).unwrap_or_default();
        if in_flight == 0 && wait >= Duration::from_secs(2) {
            self.observer.waits(self.wait_reason(), wait);
        }
    }

    /// What the next task waits for: its own time, or that of every request.
    fn wait_reason(&self) -> WaitReason {
        let now = self.now();
        match self.queue.waits_for().filter(|(at, _)| *at >= self.throttle.ready_at(now)) {
            Some((_, Task::Poll(_))) if !self.queue.has_ready(now) => WaitReason::Job,
            Some((_, Task::Submit(_))) if !self.queue.has_ready(now) => WaitReason::Repetition,
            _ => match self.throttle.hold_reason(now) {
                HoldReason::Pace => WaitReason::Pace,
                HoldReason::Quota => WaitReason::Quota,
                HoldReason::Pause => WaitReason::Pause,
            },
        }
    }

    /// Everything that must be durable before the request's first byte.
    fn prepare_task(&mut self, task: Task) -> Option<(Task, Call, Ticket)> {
        let (task, call) = match task {
            Task::Submit(mut batch) => {
                if !batch.recorded {
                    let by_order = self.settings.by_order;
                    let intent =
                        |row: &OutgoingRow| IntentRow { ordered: by_order && row.again, ..row.intent() };
                    let rows = batch.rows.iter().map(intent).collect();
                    let at = (self.world.now)();
                    if !self.record(&Record::Intent { at, batch: batch.name.clone(), rows }) {
                        self.queue.later(Duration::ZERO, Task::Submit(batch));
                        return None;
                    }
                    batch.recorded = true;
                }
                batch.sent += 1;
                let call = batch.call(self.plan.addressing);
                self.flying.insert(batch.name.clone(), batch.clone());
                (Task::Submit(batch), call)
            }
            Task::Poll(mut poll) => {
                poll.asked += 1;
                let call = Call::Job(poll.job.clone());
                (Task::Poll(poll), call)
            }
        };
        reach(Point::RequestReady);
        self.requests += 1;
        let ticket = self.throttle.take(self.now());
        Some((task, call, ticket))
    }

    fn answered(&mut self, task: Task, ticket: Ticket, answer: Answer) {
        let now = self.now();
        match &answer {
            Answer::Response(response) => self.throttle.observe(now, ticket, &response.rate),
            Answer::NotSent { .. } | Answer::Untrusted { .. } => {
                // What was never sent is not counted as sent.
                self.requests = self.requests.saturating_sub(1);
                self.throttle.request_lost();
            }
            Answer::Lost { .. } => self.throttle.request_lost(),
        }
        match task {
            Task::Submit(batch) => {
                self.flying.remove(&batch.name);
                self.submitted(batch, answer);
            }
            Task::Poll(poll) => self.polled(poll, &answer),
        }
    }

    /// Makes an outcome durable, then tells it.
    pub(super) fn record_outcome(
        &mut self,
        batch: &str,
        rows: Vec<SettledRow>,
        candidate_ids: Vec<TemplateId>,
        warnings: Vec<String>,
    ) -> bool {
        for warning in &warnings {
            if !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
        let at = (self.world.now)();
        let record =
            Record::Outcome { at, batch: batch.to_owned(), candidate_ids, rows: rows.clone(), warnings };
        let recorded = self.record(&record);
        reach(Point::OutcomeRecorded);
        if !recorded {
            self.unwritten.push(record);
        }
        for row in rows {
            self.observer.settled(&row.key, &row.result);
            self.results.insert(row.key, row.result);
        }
        reach(Point::OutcomeReported);
        recorded
    }

    pub(super) fn record(&mut self, record: &Record) -> bool {
        match self.ledger.record(record) {
            Ok(()) => true,
            Err(error) => {
                self.stop = Some(Stop::Journal(error.to_string()));
                false
            }
        }
    }
}

pub(super) fn settle_all(batch: &Batch, result: &RowResult) -> Vec<SettledRow> {
    batch.rows.iter().map(|row| SettledRow { key: row.key.clone(), result: result.clone() }).collect()
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
