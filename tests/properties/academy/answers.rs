//! The answers that a server gives, or does not.

use std::time::Duration;

use certctl::api::{Answer, HttpResponse, RateHeaders};
use serde_json::Value;

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
