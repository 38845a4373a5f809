//! Decides what to do about each answer to a submission, by the retry table. The engine acts on the decision; nothing
//! here sends or records anything.

use std::collections::HashSet;
use std::time::Duration;

use super::backoff::backoff;
use super::queue::Batch;
use crate::api::retry::{Ending, Event, Reaction};
use crate::api::{Answer, HttpResponse, claimed_ids, read_bulk};
use crate::apply::explain::explain;
use crate::apply::reconcile::MAX_SPARE_IDS;
use crate::apply::{MadeAnew, Reading, reconcile};
use crate::model::{Key, TemplateId};
use crate::state::{KeyedOutcome, Operation, RecordedOutcome};

/// What a decision needs besides the answer.
pub(super) struct AnswerContext<'a> {
    /// Ids that belong to other templates.
    pub(super) known_ids: &'a HashSet<TemplateId>,
    /// The server's address, for messages.
    pub(super) url: &'a str,
    /// Whether the server has accepted nothing so far.
    pub(super) is_first: bool,
    pub(super) jitter_seed: u64,
}

/// What follows from an answer.
pub(super) struct Decision {
    pub(super) consequence: AnswerConsequence,
    /// How long to send nothing at all.
    pub(super) pause: Option<Duration>,
    /// Why the run must stop sending.
    pub(super) stop: Option<String>,
    /// Whether the answer shows that the server accepted the key.
    pub(super) authenticates: bool,
}

/// What happens to the request.
pub(super) enum AnswerConsequence {
    /// Its rows have an outcome.
    Outcome(RequestOutcome),
    /// Its halves are sent; until then its rows have these outcomes.
    Halve(Vec<KeyedOutcome>),
    /// It is sent again after a wait. If that cannot be recorded, its rows end with `ending`.
    Repeat { wait: Duration, ending: Ending, why: String },
}

/// The outcome of a request.
#[derive(Default)]
pub(super) struct RequestOutcome {
    pub(super) rows: Vec<KeyedOutcome>,
    pub(super) candidate_ids: Vec<TemplateId>,
    pub(super) warnings: Vec<String>,
    pub(super) made_anew: MadeAnew,
    /// See [`Reading::found_there`].
    pub(super) found_there: Vec<Key>,
    /// See [`Reading::ambiguous_titles`].
    pub(super) ambiguous_titles: bool,
}

/// Decides by the table what follows from an answer to this request.
pub(super) fn decide(batch: &mut Batch, answer: Answer, context: &AnswerContext<'_>) -> Decision {
    let event = Event::of(&answer);
    batch.doubtful |=
        matches!(event, Event::Lost | Event::ServerError | Event::Strange | Event::Contradictory);
    // A response that contradicts itself may have refused the key as well.
    let authenticates = !matches!(
        event,
        Event::NothingSent | Event::Untrusted | Event::Unauthorised | Event::MovedAway | Event::Contradictory
    );
    let rule = event.rule();
    let reaction = if batch.operation() == Operation::Create { rule.creates } else { rule.updates };
    let why = explain(&answer);
    let decision = match reaction {
        Reaction::Read => Decision::of(AnswerConsequence::Outcome(read(batch, answer, context))),
        Reaction::SendAgain(ending) => send_again(batch, &answer, ending, why, context),
        Reaction::Halve if batch.rows.len() > 1 => {
            let unsent = result_of(batch, Ending::NotSent, &why);
            Decision::of(AnswerConsequence::Halve(same_for_all(batch, &unsent)))
        }
        Reaction::Halve => end(batch, Ending::Failed, &why),
        Reaction::End(ending) => {
            let candidate_ids = mentioned_ids(&answer, batch.rows.len());
            let rows = same_for_all(batch, &result_of(batch, ending, &why));
            Decision::of(AnswerConsequence::Outcome(RequestOutcome {
                rows,
                candidate_ids,
                ..RequestOutcome::default()
            }))
        }
        Reaction::Stop => {
            let rest = if context.is_first { "nothing was applied" } else { "the rest was not sent" };
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
    let rows = same_for_all(batch, &result_of(batch, ending, why));
    Decision::of(AnswerConsequence::Outcome(RequestOutcome { rows, ..RequestOutcome::default() }))
}

/// Sends the request again, or ends its rows as the table says after too many attempts.
fn send_again(
    batch: &Batch,
    answer: &Answer,
    ending: Ending,
    why: String,
    context: &AnswerContext<'_>,
) -> Decision {
    let event = Event::of(answer);
    // A row that was in doubt before and not accepted now is still in doubt.
    let is_resend = batch.rows.iter().any(|row| row.is_resend);
    let ending = if ending == Ending::Failed && is_resend { Ending::NotSent } else { ending };
    let Some(wait) = wait_before(batch, answer, context.jitter_seed) else {
        let word = if event == Event::NothingSent { "tried" } else { "sent" };
        let why = format!("{why} ({word} {} times)", batch.sent);
        return Decision {
            stop: no_other_would_fare_better(event, &why, context.url),
            ..end(batch, ending, &why)
        };
    };
    let pause = would_be_refused_to_each(event).then_some(wait);
    Decision { pause, ..Decision::of(AnswerConsequence::Repeat { wait, ending, why }) }
}

/// Reads what the body of a success says about the rows.
fn read(batch: &Batch, answer: Answer, context: &AnswerContext<'_>) -> RequestOutcome {
    let Answer::Response(HttpResponse { status, body, .. }) = answer else {
        return RequestOutcome::default();
    };
    let read = body
        .map_err(|why| (why, Vec::new()))
        .and_then(|body| read_bulk(&body).map_err(|unreadable| (unreadable.to_string(), unreadable.ids)));
    let response = match read {
        Ok(response) => response,
        Err((why, mut candidate_ids)) => {
            candidate_ids.truncate(batch.rows.len() + MAX_SPARE_IDS);
            let message = format!("the server answered {status}, but {why}");
            let rows = same_for_all(batch, &result_of(batch, Ending::InDoubt, &message));
            return RequestOutcome { rows, candidate_ids, ..RequestOutcome::default() };
        }
    };
    let Reading { mut rows, candidate_ids, warnings, made_anew, found_there, ambiguous_titles } =
        reconcile(&batch.rows, &response, context.known_ids);
    for row in &mut rows {
        // A refusal says nothing about an earlier attempt whose answer was lost.
        if let RecordedOutcome::Failed { perhaps_applied, .. } = &mut row.result {
            *perhaps_applied |= batch.doubtful;
        }
    }
    RequestOutcome { rows, candidate_ids, warnings, made_anew, found_there, ambiguous_titles }
}

/// How long to wait before the request is sent again; `None` after too many attempts. There is a minimum wait even if
/// the server asks for none.
fn wait_before(batch: &Batch, answer: &Answer, jitter_seed: u64) -> Option<Duration> {
    Some(retry_after(answer).unwrap_or_default().max(backoff(batch.sent, jitter_seed)?))
}

/// Whether the server would refuse every other request in the same way.
fn would_be_refused_to_each(event: Event) -> bool {
    matches!(event, Event::NothingSent | Event::RateLimited | Event::Unavailable)
}

/// Why the run stops after this request failed too often, if the reason applies to every other request too.
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

/// How the rows of a request end. What the last attempt did not do, an earlier one whose answer was lost may have
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

/// The same outcome for every row of a request.
pub(super) fn same_for_all(batch: &Batch, result: &RecordedOutcome) -> Vec<KeyedOutcome> {
    batch.rows.iter().map(|row| KeyedOutcome { key: row.key.clone(), result: result.clone() }).collect()
}

/// Ids in an answer without a success status: a person may recognise them.
fn mentioned_ids(answer: &Answer, rows: usize) -> Vec<TemplateId> {
    let Answer::Response(HttpResponse { body: Ok(body), .. }) = answer else { return Vec::new() };
    let mut ids = claimed_ids(body).unwrap_or_default();
    ids.truncate(rows + MAX_SPARE_IDS);
    ids
}

/// How long the server asks to be left alone.
pub(super) fn retry_after(answer: &Answer) -> Option<Duration> {
    match answer {
        Answer::Response(response) => response.rate.retry_after,
        _ => None,
    }
}
