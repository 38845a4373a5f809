//! Background jobs: polled until they end, or left for the next run. It reads and decides; the engine acts.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::answers::retry_after;
use super::queue::{Batch, Poll};
use crate::api::retry::{Event, Reaction};
use crate::api::wire::BackgroundJob;
use crate::api::{Answer, HttpResponse, read_job};
use crate::apply::explain::explain;
use crate::apply::{JobState, after_failed_job};
use crate::model::Key;
use crate::plan::{Action, Plan};
use crate::state::{Document, KeyedOutcome, Operation, RecordedOutcome};

/// How long after its beginning a job is polled first.
pub(super) const FIRST_POLL: Duration = Duration::from_millis(250);
const MAX_POLL_INTERVAL: Duration = Duration::from_secs(15);
/// One of the server's machines may know a job a moment later than another.
const UNKNOWN_TIMES: u32 = 3;

/// The result of polling a job.
pub(super) enum Polled {
    /// The job has ended, with these outcomes.
    Ended(Vec<KeyedOutcome>),
    /// Nothing new is known. Polling is harmless, so the job is polled again.
    Unfinished,
    /// The run must stop sending, with the reason.
    Stop(String),
}

/// The jobs of earlier runs, and what their rows were meant to do. The document has its rows under the keys from
/// before the plan.
pub(super) fn left_by_earlier_runs(
    plan: &Plan,
    document: &Document,
    timeout: Duration,
) -> (Vec<Poll>, HashMap<Key, Operation>) {
    let mut operations = HashMap::new();
    let mut rows: BTreeMap<(String, String), Vec<(Key, Operation)>> = BTreeMap::new();
    for entry in &plan.entries {
        let (Action::Pending { job, .. } | Action::InDoubt { job: Some(job), .. }) = &entry.action else {
            continue;
        };
        let row = document.templates.get(plan.key_in_state(&entry.key));
        let Some(attempt) = row.and_then(|row| row.attempts.waiting()) else { continue };
        operations.insert(entry.key.clone(), attempt.operation);
        let (request, waits) = ((job.clone(), attempt.batch.clone()), (entry.key.clone(), attempt.operation));
        rows.entry(request).or_default().push(waits);
    }
    let polls = rows.into_iter().map(|((job, batch), rows)| Poll::new(job, batch, rows, timeout));
    (polls.collect(), operations)
}

/// The jobs that a response to this request began.
pub(super) fn begun(batch: &Batch, outcomes: &[KeyedOutcome], deadline: Duration) -> Vec<Poll> {
    let operation = batch.operation();
    let mut rows: BTreeMap<&str, Vec<(Key, Operation)>> = BTreeMap::new();
    for row in outcomes {
        if let RecordedOutcome::Pending { job } = &row.result {
            rows.entry(job).or_default().push((row.key.clone(), operation));
        }
    }
    let polls =
        rows.into_iter().map(|(job, rows)| Poll::new(job.to_owned(), batch.name.clone(), rows, deadline));
    polls.collect()
}

/// Whether the server refuses every request.
pub(super) fn is_refused(answer: &Answer) -> bool {
    Event::of(answer).rule().updates == Reaction::Stop
}

/// How long to send nothing at all.
pub(super) fn pause(answer: &Answer) -> Option<Duration> {
    let event = Event::of(answer);
    retry_after(answer).filter(|_| matches!(event, Event::RateLimited | Event::Unavailable))
}

/// Reads what an answer says about a job's rows.
pub(super) fn read(poll: &mut Poll, answer: &Answer) -> Polled {
    if is_refused(answer) {
        return Polled::Stop(explain(answer));
    }
    let ended = match answer {
        Answer::Response(HttpResponse { status: 200..=299, body: Ok(body), .. }) => {
            read_job(body).ok().filter(|job| is_about(job, &poll.job))
        }
        Answer::Response(HttpResponse { status: 404, .. }) => {
            poll.unknown += 1;
            let forgotten = Some("forgotten by the server".to_owned());
            (poll.unknown >= UNKNOWN_TIMES)
                .then(|| BackgroundJob { status: forgotten, ..BackgroundJob::default() })
        }
        _ => None,
    };
    match ended.map(|job| (JobState::of(&job), job)) {
        None | Some((JobState::Unfinished, _)) => Polled::Unfinished,
        Some((JobState::Complete, _)) => all_ended(poll, |_| RecordedOutcome::Applied { id: None }),
        Some((JobState::Failed, job)) => all_ended(poll, |operation| after_failed_job(&job, operation)),
    }
}

fn all_ended(poll: &Poll, result: impl Fn(Operation) -> RecordedOutcome) -> Polled {
    let row =
        |(key, operation): &(Key, Operation)| KeyedOutcome { key: key.clone(), result: result(*operation) };
    Polled::Ended(poll.rows.iter().map(row).collect())
}

/// When to poll again; `None` if the job would be waited for too long.
pub(super) fn next_poll(poll: &Poll, now: Duration) -> Option<Duration> {
    let wait = (FIRST_POLL * 2_u32.saturating_pow(poll.polled.min(6))).min(MAX_POLL_INTERVAL);
    (now < poll.deadline).then(|| (now + wait).min(poll.deadline))
}

/// Whether an answer is about the job that was polled: it may omit the id, but not name another. UUIDs are compared
/// without regard to case.
fn is_about(job: &BackgroundJob, asked: &str) -> bool {
    job.id.as_deref().is_none_or(|id| {
        id == asked || uuid::Uuid::try_parse(asked).is_ok() && id.eq_ignore_ascii_case(asked)
    })
}
