//! Background jobs: asked for until they end, or left for the next run.

use std::collections::BTreeMap;
use std::time::Duration;

use super::answers::retry_after;
use super::execute::{Run, Stop};
use super::explain::explain;
use super::queue::{Poll, Task};
use super::{JobState, after_failed_job};
use crate::api::retry::{Event, Reaction};
use crate::api::wire::BackgroundJob;
use crate::api::{Answer, HttpResponse, Transport, read_job};
use crate::model::Key;
use crate::plan::Action;
use crate::state::{Deed, RowResult, SettledRow, Store};

const FIRST_POLL: Duration = Duration::from_millis(250);
const LONGEST_POLL: Duration = Duration::from_secs(15);
/// A job may be known to one of the server's machines a moment later than to another.
const UNKNOWN_TIMES: u32 = 3;

impl<S: Store, T: Transport> Run<'_, S, T> {
    /// Asks for the jobs that earlier runs left.
    pub(super) fn poll_earlier_jobs(&mut self) {
        let mut rows: BTreeMap<(String, String), Vec<(Key, Deed)>> = BTreeMap::new();
        for entry in &self.plan.entries {
            let (Action::Pending { job, .. } | Action::InDoubt { job: Some(job), .. }) = &entry.action else {
                continue;
            };
            let row = self.ledger.document().templates.get(&entry.key);
            let Some(attempt) = row.and_then(|row| row.attempts.waiting()) else { continue };
            self.deeds.insert(entry.key.clone(), attempt.deed);
            let (request, waits) = ((job.clone(), attempt.batch.clone()), (entry.key.clone(), attempt.deed));
            rows.entry(request).or_default().push(waits);
        }
        for ((job, batch), rows) in rows {
            self.poll(job, batch, rows, Duration::ZERO);
        }
    }

    /// Asks for the jobs that a response began.
    pub(super) fn poll_new_jobs(&mut self, batch: &str, deed: Deed, settled: &[SettledRow]) {
        let mut rows: BTreeMap<String, Vec<(Key, Deed)>> = BTreeMap::new();
        for row in settled {
            if let RowResult::Pending { job } = &row.result {
                rows.entry(job.clone()).or_default().push((row.key.clone(), deed));
            }
        }
        for (job, rows) in rows {
            self.poll(job, batch.to_owned(), rows, FIRST_POLL);
        }
    }

    fn poll(&mut self, job: String, batch: String, rows: Vec<(Key, Deed)>, wait: Duration) {
        let now = self.now();
        let deadline = now + self.settings.job_timeout;
        self.queue.later(now + wait, Task::Poll(Poll { job, batch, rows, asked: 0, unknown: 0, deadline }));
    }

    /// What an answer says of a job's rows. Asking is harmless, so whatever it does not say is asked again.
    pub(super) fn polled(&mut self, mut poll: Poll, answer: &Answer) {
        let event = Event::of(answer);
        if event.rule().updates == Reaction::Stop {
            self.stop.get_or_insert(Stop::Server(explain(answer)));
            return;
        }
        if matches!(event, Event::RateLimited | Event::Unavailable)
            && let Some(wait) = retry_after(answer)
        {
            self.throttle.pause(self.now(), wait);
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
        if matches!(answer, Answer::Response(_)) {
            self.welcomed = true;
        }
        match ended.map(|job| (JobState::of(&job), job)) {
            None | Some((JobState::Unfinished, _)) => self.ask_later(poll),
            Some((JobState::Complete, _)) => self.settle_job(&poll, |_| RowResult::Applied { id: None }),
            Some((JobState::Failed, job)) => self.settle_job(&poll, |deed| after_failed_job(&job, deed)),
        }
    }

    fn settle_job(&mut self, poll: &Poll, result: impl Fn(Deed) -> RowResult) {
        let rows = poll.rows.iter().map(|(key, deed)| SettledRow { key: key.clone(), result: result(*deed) });
        self.record_outcome(&poll.batch, rows.collect(), Vec::new(), Vec::new());
    }

    fn ask_later(&mut self, poll: Poll) {
        let now = self.now();
        if now < poll.deadline {
            let wait = (FIRST_POLL * 2_u32.saturating_pow(poll.asked.min(6))).min(LONGEST_POLL);
            self.queue.later((now + wait).min(poll.deadline), Task::Poll(poll));
        }
    }
}

/// Whether an answer is about the job that was asked for: it may leave the id out, but not name another. UUIDs compare
/// without regard to case.
fn is_about(job: &BackgroundJob, asked: &str) -> bool {
    job.id.as_deref().is_none_or(|id| {
        id == asked || uuid::Uuid::try_parse(asked).is_ok() && id.eq_ignore_ascii_case(asked)
    })
}
