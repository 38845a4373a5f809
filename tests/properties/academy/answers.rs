//! The answers that a server gives, or does not.

use std::time::Duration;

use certctl::api::wire::{CREATE_ENVELOPE, UPDATE_ENVELOPE};
use certctl::api::{Answer, HttpResponse, RateHeaders};
use serde_json::{Map, Value, json};

use super::{Academy, Done};
use crate::mood::{Ids, Mood};

pub(super) fn lost() -> Answer {
    Answer::Lost { reason: "reset".to_owned() }
}

pub(super) fn broken_off() -> Answer {
    let body = Err("the answer was cut off".to_owned());
    Answer::Response(HttpResponse { status: 200, rate: RateHeaders::default(), location: None, body })
}

pub(super) fn ok(body: &Value) -> Answer {
    respond(200, None, body.to_string().as_bytes())
}

pub(super) fn respond(status: u16, retry_after: Option<u64>, body: &[u8]) -> Answer {
    let rate = RateHeaders { retry_after: retry_after.map(Duration::from_secs), ..RateHeaders::default() };
    Answer::Response(HttpResponse { status, rate, location: None, body: Ok(body.to_vec()) })
}

impl Academy {
    /// No answer comes for as long as a request is waited for.
    pub(super) fn stall(&self) -> Answer {
        self.takes.set(Duration::from_secs(120));
        Answer::Lost { reason: "no answer within 2m".to_owned() }
    }

    /// The answer to a processed request, as true as the mood allows.
    pub(super) fn tell(&self, done: Done, mood: Mood, by_id: bool) -> Answer {
        let Done { created, updated, mut errors } = done;
        let mut counted = i64::try_from(created.len()).unwrap();
        let mut ids = created;
        match mood {
            Mood::Ids(Ids::Shuffled) => ids.reverse(),
            Mood::Ids(Ids::TooMany) => ids.push(self.new_id()),
            Mood::Ids(Ids::Twice) => ids = ids.iter().map(|_| ids[0].clone()).collect(),
            Mood::Ids(Ids::TwiceInTwoCases) => {
                let shouted =
                    |turn: usize| if turn.is_multiple_of(2) { ids[0].clone() } else { ids[0].to_uppercase() };
                ids = (0..ids.len()).map(shouted).collect();
            }
            Mood::Ids(manner @ (Ids::OfOthers | Ids::OfOthersShouted)) => {
                // Only an id that the state knows from another template can be recognised.
                let mut known = self.journals.borrow().known_ids();
                if manner == Ids::OfOthersShouted {
                    for id in &mut known {
                        *id = id.to_uppercase();
                    }
                }
                if known.len() >= ids.len() {
                    ids = known.into_iter().take(ids.len()).collect();
                }
            }
            Mood::Ids(Ids::Missing) => ids.clear(),
            Mood::Miscounting(by) => counted += i64::from(by),
            Mood::OneMoreError(naming) => errors.push(naming.error(&Map::new(), "Nobody's")),
            _ => {}
        }
        let result = json!({
            "createdCount": counted.max(0), "updatedCount": updated, "createdIds": ids, "errors": errors,
            "warnings": null,
        });
        let mut result = result;
        if let Mood::JobAtOnce { counted } = mood {
            result["backgroundJob"] = json!({"id": self.new_id(), "status": "complete"});
            if !counted {
                (result["createdCount"], result["updatedCount"]) = (json!(0), json!(0));
                result["createdIds"] = json!([]);
            }
        }
        let envelope = if by_id { UPDATE_ENVELOPE } else { CREATE_ENVELOPE };
        let wrapped = json!({"data": {envelope: result}});
        match (mood, ok(&wrapped)) {
            (Mood::Bare, _) => ok(&result),
            (Mood::Exhausted(seconds), Answer::Response(response)) => {
                let reset_in = Some(Duration::from_secs(seconds.into()));
                let rate = RateHeaders { limit: Some(3), remaining: Some(0), reset_in, retry_after: None };
                Answer::Response(HttpResponse { rate, ..response })
            }
            (_, answer) => answer,
        }
    }
}
