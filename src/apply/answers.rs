//! What is done about each answer to a submission: the retry table, carried out.

use std::time::Duration;

use backon::BackoffBuilder as _;

use super::execute::{Run, Stop, settle_all};
use super::explain::explain;
use super::queue::{Batch, Task};
use super::reconcile::MOST_SPARE_IDS;
use super::{Reading, reconcile};
use crate::api::retry::{Ending, Event, Reaction};
use crate::api::{Answer, HttpResponse, Transport, claimed_ids, read_bulk};
use crate::model::TemplateId;
use crate::state::{Deed, Record, RowResult, SettledRow, Store};

impl<S: Store, T: Transport> Run<'_, S, T> {
    pub(super) fn submitted(&mut self, mut batch: Batch, answer: Answer) {
        let event = Event::of(&answer);
        batch.doubtful |=
            matches!(event, Event::Lost | Event::ServerError | Event::Strange | Event::Contradictory);
        let rule = event.rule();
        let reaction = if batch.deed() == Deed::Create { rule.creates } else { rule.updates };
        let first = !self.welcomed;
        // One that contradicts itself may have refused the key as well.
        if !matches!(
            event,
            Event::NothingSent
                | Event::Untrusted
                | Event::Unauthorised
                | Event::MovedAway
                | Event::Contradictory
        ) {
            self.welcomed = true;
        }
        let why = explain(&answer);
        match reaction {
            Reaction::Read => self.read(&batch, answer),
            // What was in doubt before, and not taken now, is as little known as it was.
            Reaction::SendAgain(Ending::Failed) if batch.rows.iter().any(|row| row.again) => {
                self.send_again(batch, &answer, Ending::NotSent, &why);
            }
            Reaction::SendAgain(ending) => self.send_again(batch, &answer, ending, &why),
            Reaction::Halve if batch.rows.len() > 1 => {
                // The halves are what is told of; until then the rows are as they were, or as doubtful as they were.
                let rows = settle_all(&batch, &Self::result_of(&batch, Ending::NotSent, &why));
                if self.record_outcome(&batch.name, rows, Vec::new(), Vec::new()) {
                    self.queue.halve(batch);
                }
            }
            Reaction::Halve => self.end(&batch, Ending::Failed, &why),
            Reaction::End(ending) => {
                let ids = mentioned_ids(&answer, batch.rows.len());
                self.end_with(&batch, &Self::result_of(&batch, ending, &why), ids);
            }
            Reaction::Stop => {
                let rest = if first { "nothing was applied" } else { "the rest was not sent" };
                self.end(&batch, Ending::NotSent, &why);
                self.stop.get_or_insert(Stop::Server(format!("{why}; {rest}")));
            }
        }
    }

    fn read(&mut self, batch: &Batch, answer: Answer) {
        let Answer::Response(HttpResponse { status, body, .. }) = answer else { return };
        let read = body
            .map_err(|why| (why, Vec::new()))
            .and_then(|body| read_bulk(&body).map_err(|unreadable| (unreadable.to_string(), unreadable.ids)));
        let response = match read {
            Ok(response) => response,
            Err((why, mut ids)) => {
                ids.truncate(batch.rows.len() + MOST_SPARE_IDS);
                let message = format!("the server answered {status}, but {why}");
                return self.end_with(batch, &Self::result_of(batch, Ending::InDoubt, &message), ids);
            }
        };
        let mut reading = reconcile(&batch.rows, &response, &self.known_ids);
        if reading.ambiguous_titles {
            self.queue.separate_titles();
        }
        for settled in &mut reading.rows {
            match &mut settled.result {
                RowResult::Applied { id: Some((id, _)) } => drop(self.known_ids.insert(id.clone())),
                // A refusal says nothing about an earlier sending whose answer was lost.
                RowResult::Failed { perhaps_applied, .. } => *perhaps_applied |= batch.doubtful,
                _ => {}
            }
        }
        let Reading { rows, candidate_ids, warnings, made_anew, .. } = reading;
        self.made_anew.add(made_anew);
        self.record_outcome(&batch.name, rows.clone(), candidate_ids, warnings);
        self.guard(batch, &rows);
        self.poll_new_jobs(&batch.name, batch.deed(), &rows);
    }

    fn send_again(&mut self, batch: Batch, answer: &Answer, ending: Ending, why: &str) {
        let Some(backoff) = self.backoff(batch.sent) else {
            let word = if Event::of(answer) == Event::NothingSent { "tried" } else { "sent" };
            let why = format!("{why} ({word} {} times)", batch.sent);
            self.end(&batch, ending, &why);
            if let Some(stop) = self.nobody_will_fare_better(answer, &why) {
                self.stop.get_or_insert(Stop::Server(stop));
            }
            return;
        };
        let now = self.now();
        // Somebody who asks for no wait at all is not to be hammered either.
        let wait = retry_after(answer).unwrap_or_default().max(backoff);
        if matches!(Event::of(answer), Event::NothingSent | Event::RateLimited | Event::Unavailable) {
            // What was refused to one request would be refused to each.
            self.throttle.pause(now, wait);
        }
        let at = (self.world.now)();
        let retry =
            Record::Retry { at, attempt: batch.sent + 1, batch: batch.name.clone(), reason: why.to_owned() };
        if self.record(&retry) {
            self.queue.later(now + wait, Task::Submit(batch));
        } else {
            // The sending before cannot have been acted upon, or acting twice is harmless; but it cannot be recorded.
            self.end(&batch, ending, why);
        }
    }

    /// Why the run ends with a request that was sent often enough, where the reason holds for every other one too.
    fn nobody_will_fare_better(&self, answer: &Answer, why: &str) -> Option<String> {
        match Event::of(answer) {
            Event::NothingSent => Some(format!("cannot reach {}: {why}", self.plan.url)),
            Event::RateLimited => Some(format!(
                "{why}: the rate limit leaves no room, perhaps because something else uses the same API key. The rest was \
                 not sent"
            )),
            Event::Unavailable => Some(format!("{why}: the server is not available. The rest was not sent")),
            _ => None,
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

    pub(super) fn end(&mut self, batch: &Batch, ending: Ending, why: &str) {
        self.end_with(batch, &Self::result_of(batch, ending, why), Vec::new());
    }

    fn end_with(&mut self, batch: &Batch, result: &RowResult, candidate_ids: Vec<TemplateId>) {
        let rows = settle_all(batch, result);
        self.record_outcome(&batch.name, rows.clone(), candidate_ids, Vec::new());
        self.guard(batch, &rows);
    }

    /// Stops the run where sending on would only put more in doubt.
    fn guard(&mut self, batch: &Batch, rows: &[SettledRow]) {
        self.breaker.ended(batch.deed(), rows.iter().map(|row| &row.result));
        if !self.queue.is_empty()
            && let Some(why) = self.breaker.open()
        {
            self.stop.get_or_insert(Stop::Server(why));
        }
    }

    /// How the rows of a request end. What the last sending did not do, an earlier one whose answer was lost may have
    /// done: only updates are ever sent again after that.
    fn result_of(batch: &Batch, ending: Ending, why: &str) -> RowResult {
        let message = why.to_owned();
        match ending {
            Ending::Failed => RowResult::Failed { message, record: None, perhaps_applied: batch.doubtful },
            Ending::InDoubt => RowResult::InDoubt { message },
            Ending::NotSent if batch.doubtful => RowResult::InDoubt { message },
            Ending::NotSent => RowResult::NotSent,
        }
    }
}

/// The ids that an answer names whose status is no success: a person may recognise them.
fn mentioned_ids(answer: &Answer, rows: usize) -> Vec<TemplateId> {
    let Answer::Response(HttpResponse { body: Ok(body), .. }) = answer else { return Vec::new() };
    let mut ids = claimed_ids(body).unwrap_or_default();
    ids.truncate(rows + MOST_SPARE_IDS);
    ids
}

/// How long the server asks to be left alone.
pub(super) fn retry_after(answer: &Answer) -> Option<Duration> {
    match answer {
        Answer::Response(response) => response.rate.retry_after,
        _ => None,
    }
}
