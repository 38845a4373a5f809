//! Drives a plan: records, sends, reads, records again, until nothing is left to do.
//!
//! One task owns the journal and the queue; requests in flight are futures that answer to it. So "recorded before it
//! is sent, recorded before it is told" is the order of the lines below and not a matter of locks.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use backon::BackoffBuilder as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use super::batch::Shape;
use super::queue::{Batch, Poll, Queue, Task};
use super::{
    JobState, Observer, OutgoingRow, RunReport, Settings, World, after_failed_job, reconcile, summary,
};
use crate::api::retry::{Ending, Event, Reaction};
use crate::api::{Answer, Response, Throttle, Transport, error_message, read_bulk, read_job};
use crate::model::{Key, TemplateId};
use crate::plan::{Action, Plan};
use crate::state::{Deed, Document, Ledger, Record, RowResult, SettledRow, StateError, Store};

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

struct Run<'a, S: Store, T: Transport> {
    plan: &'a Plan,
    ledger: Ledger<'a, S>,
    transport: &'a T,
    settings: Settings,
    world: &'a World<'a>,
    observer: &'a mut dyn Observer,
    queue: Queue,
    throttle: Throttle,
    known_ids: HashSet<TemplateId>,
    results: HashMap<Key, RowResult>,
    /// What rows that wait for a job of an earlier run were meant to do.
    deeds: HashMap<Key, Deed>,
    /// Requests whose answer is awaited, by name.
    flying: BTreeMap<String, Batch>,
    warnings: Vec<String>,
    began: Instant,
    requests: u64,
    /// Whether the server has accepted the key: until then one request goes alone.
    welcomed: bool,
    stop: Option<Stop>,
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
        observer.begins(rows.len());
        let shape = Shape { addressing: plan.addressing, size: settings.batch_size, separate_titles: false };
        let document = ledger.document();
        let known_ids =
            document.templates.values().filter_map(|row| Some(row.identity.as_ref()?.id.clone())).collect();
        let queue = Queue::new(rows, shape, (document.serial + 1).to_string());
        Self {
            plan,
            ledger,
            transport,
            settings,
            world,
            observer,
            queue,
            throttle: Throttle::new(settings.requests_per_minute),
            known_ids,
            results: HashMap::new(),
            deeds: HashMap::new(),
            flying: BTreeMap::new(),
            warnings: Vec::new(),
            began: Instant::now(),
            requests: 0,
            welcomed: false,
            stop: None,
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// What changes in the state alone comes first, because rows are recorded under their new keys; then the jobs
    /// that earlier runs left.
    fn prepare(&mut self) {
        for entry in &self.plan.entries {
            if let Action::Move { from } = &entry.action {
                self.record(&Record::Move { from: from.clone(), to: entry.key.clone() });
            }
        }
        self.record_protection();
        let mut jobs: BTreeMap<String, Poll> = BTreeMap::new();
        for entry in &self.plan.entries {
            let Action::Pending { job, .. } = &entry.action else { continue };
            let Some(row) = self.ledger.document().templates.get(&entry.key) else { continue };
            let (Some(attempt), Some(deed)) = (row.attempt(), row.deed()) else { continue };
            let poll = jobs.entry(job.clone()).or_insert_with(|| Poll {
                job: job.clone(),
                batch: attempt.batch.clone(),
                rows: Vec::new(),
                asked: 0,
                unknown: 0,
                deadline: self.settings.job_timeout,
            });
            poll.rows.push((entry.key.clone(), deed));
            self.deeds.insert(entry.key.clone(), deed);
        }
        for poll in jobs.into_values() {
            self.queue.later(Duration::ZERO, Task::Poll(poll));
        }
    }

    fn record_protection(&mut self) {
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
            while self.may_send(in_flight.len()) {
                let Some(task) = self.queue.next(self.now()) else { break };
                if let Some((task, call)) = self.prepare_task(task) {
                    in_flight.push(async move { (task, transport.send(call).await) });
                }
            }
            if in_flight.is_empty() && (self.stop.is_some() || self.queue.is_empty()) {
                break;
            }
            let wake = self.wakes_at(in_flight.len());
            tokio::select! {
                biased;
                Some((task, answer)) = in_flight.next() => self.answered(task, answer),
                Ok(_) = interrupted.wait_for(|stop| *stop), if abandon_at.is_none() => {
                    abandon_at = Some(Instant::now() + World::GRACE);
                    self.stop.get_or_insert(Stop::Signal);
                    if !in_flight.is_empty() {
                        self.observer.notice("stopping: no new request; waiting for those in flight");
                    }
                }
                () = sleep_until(abandon_at) => break,
                () = sleep_until(wake) => {}
            }
        }
    }

    fn may_send(&self, in_flight: usize) -> bool {
        let now = self.now();
        let allowed = if self.welcomed { self.settings.concurrency.max(1) } else { 1 };
        self.stop.is_none()
            && in_flight < allowed
            && self.queue.has_ready(now)
            && self.throttle.ready_at(now) <= now
    }

    /// When something can be done that cannot be done now.
    fn wakes_at(&mut self, in_flight: usize) -> Option<Instant> {
        let now = self.now();
        if self.stop.is_some() {
            return None;
        }
        let throttled = self.throttle.ready_at(now);
        let at = if self.queue.has_ready(now) {
            // Otherwise it is an answer that has to come first.
            (throttled > now).then_some(throttled)?
        } else {
            self.queue.next_at()?.max(throttled)
        };
        let wait = at.saturating_sub(now);
        if in_flight == 0 && wait >= Duration::from_secs(2) {
            self.observer.waits("waiting as the server asks", wait);
        }
        Some(self.began + at)
    }

    /// Everything that must be durable before the request's first byte.
    fn prepare_task(&mut self, task: Task) -> Option<(Task, crate::api::Call)> {
        let (task, call) = match task {
            Task::Submit(mut batch) => {
                if !batch.recorded {
                    let rows = batch.rows.iter().map(OutgoingRow::intent).collect();
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
                let call = crate::api::Call::Job(poll.job.clone());
                (Task::Poll(poll), call)
            }
        };
        self.requests += 1;
        self.throttle.take(self.now());
        Some((task, call))
    }

    fn answered(&mut self, task: Task, answer: Answer) {
        let now = self.now();
        match &answer {
            Answer::Response(response) => self.throttle.observe(now, &response.rate),
            Answer::NotSent { .. } => {
                // What was never sent is not counted as sent.
                self.requests = self.requests.saturating_sub(1);
                self.throttle.gone();
            }
            Answer::Lost { .. } => self.throttle.gone(),
        }
        match task {
            Task::Submit(batch) => {
                self.flying.remove(&batch.name);
                self.submitted(batch, answer);
            }
            Task::Poll(poll) => self.polled(poll, &answer),
        }
    }

    fn submitted(&mut self, batch: Batch, answer: Answer) {
        let event = Event::of(&answer);
        let rule = event.rule();
        let reaction = if batch.deed() == Deed::Create { rule.creates } else { rule.updates };
        let first = !self.welcomed;
        if !matches!(event, Event::NothingSent | Event::Unauthorised | Event::MovedAway) {
            self.welcomed = true;
        }
        let why = explain(&answer);
        match reaction {
            Reaction::Read => self.read(&batch, answer),
            Reaction::SendAgain(ending) => self.send_again(batch, &answer, ending, &why),
            Reaction::Halve if batch.rows.len() > 1 => {
                let rows = settle_all(&batch, &RowResult::NotSent);
                if self.record_outcome(&batch.name, rows, Vec::new(), Vec::new()) {
                    self.queue.halve(batch);
                }
            }
            Reaction::Halve => self.end(&batch, Ending::Failed, &why),
            Reaction::End(ending) => self.end(&batch, ending, &why),
            Reaction::Stop => {
                let rest = if first { "nothing was applied" } else { "the rest was not sent" };
                self.end(&batch, Ending::NotSent, &why);
                self.stop.get_or_insert(Stop::Server(format!("{why}; {rest}")));
            }
        }
    }

    fn read(&mut self, batch: &Batch, answer: Answer) {
        let Answer::Response(Response { status, body, .. }) = answer else { return };
        let response = match body.and_then(|body| read_bulk(&body).map_err(|error| error.to_string())) {
            Ok(response) => response,
            Err(why) => {
                let message = format!("the server answered {status}, but {why}");
                return self.end(batch, Ending::InDoubt, &message);
            }
        };
        let reading = reconcile(&batch.rows, &response, &self.known_ids);
        if reading.ambiguous_titles {
            self.queue.separate_titles();
        }
        let deadline = self.now() + self.settings.job_timeout;
        let mut jobs: BTreeMap<String, Poll> = BTreeMap::new();
        for (row, settled) in batch.rows.iter().zip(&reading.rows) {
            match &settled.result {
                RowResult::Applied { id: Some((id, _)) } => drop(self.known_ids.insert(id.clone())),
                RowResult::Pending { job } => {
                    let poll = jobs.entry(job.clone()).or_insert_with(|| Poll {
                        job: job.clone(),
                        batch: batch.name.clone(),
                        rows: Vec::new(),
                        asked: 0,
                        unknown: 0,
                        deadline,
                    });
                    poll.rows.push((row.key.clone(), row.deed));
                }
                _ => {}
            }
        }
        self.record_outcome(&batch.name, reading.rows, reading.candidate_ids, reading.warnings);
        let first_poll = self.now() + FIRST_POLL;
        for poll in jobs.into_values() {
            self.queue.later(first_poll, Task::Poll(poll));
        }
    }

    fn send_again(&mut self, batch: Batch, answer: &Answer, ending: Ending, why: &str) {
        let Some(backoff) = self.backoff(batch.sent) else {
            self.end(&batch, ending, &format!("{why} (sent {} times)", batch.sent));
            if ending == Ending::NotSent {
                self.stop.get_or_insert(Stop::Server(format!("cannot reach {}: {why}", self.plan.url)));
            }
            return;
        };
        let now = self.now();
        let asked_for = match answer {
            Answer::Response(response) => response.rate.retry_after,
            _ => None,
        };
        if let Some(wait) = asked_for {
            self.throttle.pause(now, wait);
        }
        let at = (self.world.now)();
        let retry =
            Record::Retry { at, attempt: batch.sent + 1, batch: batch.name.clone(), reason: why.to_owned() };
        if self.record(&retry) {
            self.queue.later(now + asked_for.unwrap_or(backoff), Task::Submit(batch));
        } else {
            // The sending before cannot have been acted upon, or acting twice is harmless; but it cannot be recorded.
            self.end(&batch, ending, why);
        }
    }

    /// How long to wait before a request is sent once more; nothing when it was sent often enough.
    fn backoff(&self, sent: u32) -> Option<Duration> {
        let builder = backon::ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(400))
            .with_max_delay(Duration::from_secs(30))
            .with_max_times(4)
            .with_jitter()
            .with_jitter_seed(self.settings.jitter_seed);
        builder.build().nth(usize::try_from(sent).ok()?.checked_sub(1)?)
    }

    fn end(&mut self, batch: &Batch, ending: Ending, why: &str) {
        let message = why.to_owned();
        let result = match ending {
            Ending::Failed => RowResult::Failed { message, record: None, perhaps_applied: false },
            Ending::InDoubt => RowResult::InDoubt { message },
            Ending::NotSent => RowResult::NotSent,
        };
        self.record_outcome(&batch.name, settle_all(batch, &result), Vec::new(), Vec::new());
    }

    fn polled(&mut self, mut poll: Poll, answer: &Answer) {
        let outcome = match answer {
            Answer::Response(Response { status: 200..=299, body: Ok(body), .. }) => match read_job(body) {
                Ok(job) => match JobState::of(&job) {
                    JobState::Unfinished => None,
                    JobState::Complete => Some(vec![RowResult::Applied { id: None }; poll.rows.len()]),
                    JobState::Failed => {
                        Some(poll.rows.iter().map(|(_, deed)| after_failed_job(&job, *deed)).collect())
                    }
                },
                Err(_) => None,
            },
            Answer::Response(Response { status: 401 | 403, .. }) => {
                self.stop.get_or_insert(Stop::Server(explain(answer)));
                return;
            }
            Answer::Response(Response { status: 404, .. }) => {
                poll.unknown += 1;
                // A job may be known to one of the server's machines a moment later than to another.
                (poll.unknown >= 3).then(|| {
                    let job = crate::api::wire::BackgroundJob {
                        status: Some("forgotten by the server".to_owned()),
                        ..Default::default()
                    };
                    poll.rows.iter().map(|(_, deed)| after_failed_job(&job, *deed)).collect()
                })
            }
            _ => None,
        };
        if matches!(answer, Answer::Response(_)) {
            self.welcomed = true;
        }
        let now = self.now();
        if let Some(results) = outcome {
            let rows = poll.rows.iter().zip(results);
            let rows = rows.map(|((key, _), result)| SettledRow { key: key.clone(), result }).collect();
            self.record_outcome(&poll.batch, rows, Vec::new(), Vec::new());
        } else if now < poll.deadline {
            let wait = FIRST_POLL * 2_u32.saturating_pow(poll.asked.min(6));
            self.queue.later((now + wait.min(LONGEST_POLL)).min(poll.deadline), Task::Poll(poll));
        }
    }

    /// Makes an outcome durable, then tells it.
    fn record_outcome(
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
        for row in rows {
            self.observer.settled(&row.key, &row.result);
            self.results.insert(row.key, row.result);
        }
        recorded
    }

    fn record(&mut self, record: &Record) -> bool {
        match self.ledger.record(record) {
            Ok(()) => true,
            Err(error) => {
                self.stop = Some(Stop::Journal(error.to_string()));
                false
            }
        }
    }

    fn finish(mut self) -> Executed {
        let unsent = self.queue.drain();
        for task in unsent {
            if let Task::Submit(batch) = task
                && batch.recorded
            {
                // Waiting for another sending: the last one was answered, and did nothing.
                let result = if batch.deed() == Deed::Create {
                    RowResult::NotSent
                } else {
                    RowResult::InDoubt { message: "stopped before it could be sent again".to_owned() }
                };
                self.record_outcome(&batch.name, settle_all(&batch, &result), Vec::new(), Vec::new());
            }
        }
        for (name, batch) in std::mem::take(&mut self.flying) {
            let message = "the run was stopped before the answer came".to_owned();
            let rows = settle_all(&batch, &RowResult::InDoubt { message });
            self.record_outcome(&name, rows, Vec::new(), Vec::new());
        }
        self.record_protection();
        let Self { plan, ledger, results, deeds, warnings, requests, stop, welcomed, .. } = self;
        let state = ledger.fold();
        let stop = stop.as_ref();
        let told =
            summary::Told { plan, results: &results, deeds: &deeds, warnings, requests, stop, welcomed };
        let report = told.report(state.as_ref().ok());
        Executed { report, state }
    }
}

const FIRST_POLL: Duration = Duration::from_millis(250);
const LONGEST_POLL: Duration = Duration::from_secs(15);

fn settle_all(batch: &Batch, result: &RowResult) -> Vec<SettledRow> {
    batch.rows.iter().map(|row| SettledRow { key: row.key.clone(), result: result.clone() }).collect()
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// What happened, in words for the person who reads the result.
fn explain(answer: &Answer) -> String {
    match answer {
        Answer::NotSent { reason } => format!("no connection: {reason}"),
        Answer::Lost { reason } => format!("sent, but no answer came: {reason}"),
        Answer::Response(Response { status, location, body, .. }) => {
            let said = body.as_ref().ok().and_then(|body| error_message(body));
            let said = said.map(|said| format!(": {said}")).unwrap_or_default();
            match status {
                401 => format!(
                    "the server refused the API key (401){said}. Check the key and the environment it belongs to"
                ),
                403 => format!(
                    "the API key may not edit certificate templates (403){said}. Give its user the role that may"
                ),
                301 | 307 | 308 => format!(
                    "the server says that its address is another one ({status}): {}. Correct `url` in certctl.toml",
                    location.as_deref().unwrap_or("it does not say which")
                ),
                404 => {
                    format!("the server does not know the address (404){said}. Check `url` in certctl.toml")
                }
                _ => format!("the server answered {status}{said}"),
            }
        }
    }
}
