//! What is done about each answer to a submission: the retry table, applied. Pure: it decides, and the engine acts.

use std::collections::HashSet;
use std::time::Duration;

use super::backoff::backoff;
use super::queue::Batch;
use crate::api::retry::{Ending, Event, Reaction};
use crate::api::{Answer, HttpResponse, claimed_ids, read_bulk};
use crate::apply::explain::explain;
use crate::apply::reconcile::MOST_SPARE_IDS;
use crate::apply::{MadeAnew, Reading, reconcile};
use crate::model::TemplateId;
use crate::state::{KeyedOutcome, Operation, RecordedOutcome};

/// What has to be known beside the answer.
pub(super) struct Asked<'a> {
    /// The ids that are another template's.
    pub(super) known_ids: &'a HashSet<TemplateId>,
    /// The server's address, for words.
    pub(super) url: &'a str,
    /// Whether the server has accepted nothing so far.
    pub(super) is_first: bool,
    pub(super) jitter_seed: u64,
}

/// What follows from an answer.
pub(super) struct Decision {
    pub(super) consequence: AnswerConsequence,
    /// How long nothing at all is to be sent.
    pub(super) pause: Option<Duration>,
    /// Why nothing is to be sent any more.
    pub(super) stop: Option<String>,
    /// Whether it shows that the server has accepted the key.
    pub(super) authenticates: bool,
}

/// What becomes of the request.
pub(super) enum AnswerConsequence {
    /// Its rows have an outcome.
    Settle(Settled),
    /// Its halves are sent; until then the rows are as said.
    Halve(Vec<KeyedOutcome>),
    /// It is sent once more after a wait; where that cannot be recorded, its rows end as said.
    Repeat { wait: Duration, ending: Ending, why: String },
}

/// The outcome of a request.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) rows: Vec<KeyedOutcome>,
    pub(super) candidate_ids: Vec<TemplateId>,
    pub(super) warnings: Vec<String>,
    pub(super) made_anew: MadeAnew,
    /// See [`Reading::ambiguous_titles`].
    pub(super) ambiguous_titles: bool,
}

/// Decides by the table what follows from an answer to this request.
pub(super) fn decide(batch: &mut Batch, answer: Answer, asked: &Asked<'_>) -> Decision {
    let event = Event::of(&answer);
    batch.doubtful |=
        matches!(event, Event::Lost | Event::ServerError | Event::Strange | Event::Contradictory);
    // One that contradicts itself may have refused the key as well.
    let authenticates = !matches!(
        event,
        Event::NothingSent | Event::Untrusted | Event::Unauthorised | Event::MovedAway | Event::Contradictory
    );
    let rule = event.rule();
    let reaction = if batch.operation() == Operation::Create { rule.creates } else { rule.updates };
    let why = explain(&answer);
    let decision = match reaction {
        Reaction::Read => Decision::of(AnswerConsequence::Settle(read(batch, answer, asked))),
        Reaction::SendAgain(ending) => send_again(batch, &answer, ending, why, asked),
        Reaction::Halve if batch.rows.len() > 1 => {
            let unsent = result_of(batch, Ending::NotSent, &why);
            Decision::of(AnswerConsequence::Halve(settle_all(batch, &unsent)))
        }
        Reaction::Halve => end(batch, Ending::Failed, &why),
        Reaction::End(ending) => {
            let candidate_ids = mentioned_ids(&answer, batch.rows.len());
            let rows = settle_all(batch, &result_of(batch, ending, &why));
            Decision::of(AnswerConsequence::Settle(Settled { rows, candidate_ids, ..Settled::default() }))
        }
        Reaction::Stop => {
            let rest = if asked.is_first { "nothing was applied" } else { "the rest was not sent" };
            Decision { stop: Some(format!("{why}; {rest}")), ..end(batch, Ending::NotSent, &why) }
        }
    };
    Decision { authenticates, ..decision }
}

impl Decision {
    fn of(consequence: AnswerConsequence) -> Self {
        Self { consequence, pause: None, stop: None, authenticates: false }
    }
}

fn end(batch: &Batch, ending: Ending, why: &str) -> Decision {
    let rows = settle_all(batch, &result_of(batch, ending, why));
    Decision::of(AnswerConsequence::Settle(Settled { rows, ..Settled::default() }))
}

/// The request is sent once more; where that has been done often enough, its rows end as the table says.
fn send_again(batch: &Batch, answer: &Answer, ending: Ending, why: String, asked: &Asked<'_>) -> Decision {
    let event = Event::of(answer);
    // What was in doubt before, and not taken now, is as little known as it was.
    let is_resend = batch.rows.iter().any(|row| row.is_resend);
    let ending = if ending == Ending::Failed && is_resend { Ending::NotSent } else { ending };
    let Some(wait) = wait_before(batch, answer, asked.jitter_seed) else {
        let word = if event == Event::NothingSent { "tried" } else { "sent" };
        let why = format!("{why} ({word} {} times)", batch.sent);
        return Decision {
            stop: no_other_would_fare_better(event, &why, asked.url),
            ..end(batch, ending, &why)
        };
    };
    let pause = would_be_refused_to_each(event).then_some(wait);
    Decision { pause, ..Decision::of(AnswerConsequence::Repeat { wait, ending, why }) }
}

/// What the body of a success says of the rows.
fn read(batch: &Batch, answer: Answer, asked: &Asked<'_>) -> Settled {
    let Answer::Response(HttpResponse { status, body, .. }) = answer else { return Settled::default() };
    let read = body
        .map_err(|why| (why, Vec::new()))
        .and_then(|body| read_bulk(&body).map_err(|unreadable| (unreadable.to_string(), unreadable.ids)));
    let response = match read {
        Ok(response) => response,
        Err((why, mut candidate_ids)) => {
            candidate_ids.truncate(batch.rows.len() + MOST_SPARE_IDS);
            let message = format!("the server answered {status}, but {why}");
            let rows = settle_all(batch, &result_of(batch, Ending::InDoubt, &message));
            return Settled { rows, candidate_ids, ..Settled::default() };
        }
    };
    let Reading { mut rows, candidate_ids, warnings, made_anew, ambiguous_titles } =
        reconcile(&batch.rows, &response, asked.known_ids);
    for row in &mut rows {
        // A refusal says nothing about an earlier sending whose answer was lost.
        if let RecordedOutcome::Failed { perhaps_applied, .. } = &mut row.result {
            *perhaps_applied |= batch.doubtful;
        }
    }
    Settled { rows, candidate_ids, warnings, made_anew, ambiguous_titles }
}

/// How long to wait before the request is sent once more; nothing when it was sent often enough. Somebody who asks for
/// no wait at all is not to be hammered either.
fn wait_before(batch: &Batch, answer: &Answer, jitter_seed: u64) -> Option<Duration> {
    Some(retry_after(answer).unwrap_or_default().max(backoff(batch.sent, jitter_seed)?))
}

/// Whether what was refused to one request would be refused to each.
fn would_be_refused_to_each(event: Event) -> bool {
    matches!(event, Event::NothingSent | Event::RateLimited | Event::Unavailable)
}

/// Why the run ends with a request that was sent often enough, where the reason holds for every other one too.
fn no_other_would_fare_better(event: Event, why: &str, url: &str) -> Option<String> {
    match event {
        Event::NothingSent => Some(format!("cannot reach {url}: {why}")),
        Event::RateLimited => Some(format!(
            "{why}: the rate limit leaves no room, perhaps because something else uses the same API key. The rest was \
             not sent"
        )),
        Event::Unavailable => Some(format!("{why}: the server is not available. The rest was not sent")),
        _ => None,
    }
}

/// How the rows of a request end. What the last sending did not do, an earlier one whose answer was lost may have
/// done: only updates are ever sent again after that.
pub(super) fn result_of(batch: &Batch, ending: Ending, why: &str) -> RecordedOutcome {
    let message = why.to_owned();
    match ending {
        Ending::Failed => RecordedOutcome::Failed { message, record: None, perhaps_applied: batch.doubtful },
        Ending::InDoubt => RecordedOutcome::InDoubt { message },
        Ending::NotSent if batch.doubtful => RecordedOutcome::InDoubt { message },
        Ending::NotSent => RecordedOutcome::NotSent,
    }
}

/// The same result for every row of a request.
pub(super) fn settle_all(batch: &Batch, result: &RecordedOutcome) -> Vec<KeyedOutcome> {
    batch.rows.iter().map(|row| KeyedOutcome { key: row.key.clone(), result: result.clone() }).collect()
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
