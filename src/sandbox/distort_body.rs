//! Faults that strike when the answer to a processed request is there.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONTENT_ENCODING, HeaderValue};
use serde_json::{Value, json};

use super::reject;
use super::response::{Delivery, Response};
use super::{BodyFault, FaultKind, FaultMoment};

/// The answer as it leaves. Faults strike in their order, each on what the one before has left.
pub(super) fn distort(mut answer: Response, kinds: &[FaultKind]) -> Response {
    for kind in kinds {
        match kind {
            FaultKind::Status(fault) if fault.moment == FaultMoment::After => answer = reject::status(fault),
            FaultKind::Wire(fault, FaultMoment::After) => answer.delivery = reject::wire(*fault),
            FaultKind::Body(fault) => answer = with_body(answer, fault),
            _ => {}
        }
    }
    with_headers(answer, kinds)
}

/// The answer with the headers that faults put on it.
pub(super) fn with_headers(mut answer: Response, kinds: &[FaultKind]) -> Response {
    for kind in kinds {
        if let FaultKind::Header(name, value) = kind {
            answer.headers.insert(name, value.clone());
        }
    }
    answer
}

/// A result in its envelope, or without it.
pub(super) fn enveloped(result: Value, name: &str, bare: bool, kinds: &[FaultKind]) -> Value {
    let has =
        |fault: &BodyFault| kinds.iter().any(|kind| matches!(kind, FaultKind::Body(body) if body == fault));
    let result = if has(&BodyFault::Nulls) { with_nulls(result) } else { result };
    if bare || has(&BodyFault::Bare) { result } else { json!({ "data": { name: result } }) }
}

fn with_body(answer: Response, fault: &BodyFault) -> Response {
    match fault {
        BodyFault::Html200 => {
            Response::of(StatusCode::OK, "text/html; charset=utf-8", reject::page("Please sign in"))
        }
        BodyFault::Empty200 => Response::empty(StatusCode::OK),
        BodyFault::NoContent => Response::empty(StatusCode::NO_CONTENT),
        BodyFault::OtherShape => {
            Response::json(StatusCode::OK, &json!({ "status": "ok", "result": [{ "ok": 1 }] }))
        }
        // `enveloped` has done these.
        BodyFault::Bare | BodyFault::Nulls => answer,
        BodyFault::CloseMidBody => Response { delivery: Delivery::Half, ..answer },
        BodyFault::Huge => Response { delivery: Delivery::Huge, ..answer },
        BodyFault::SlowDrip(pause) => {
            Response { delivery: Delivery::Drip(Duration::from_millis(*pause)), ..answer }
        }
        BodyFault::GzipLie => {
            let mut answer = answer;
            answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            answer
        }
    }
}

fn with_nulls(result: Value) -> Value {
    let Value::Object(members) = result else { return result };
    let nulled = |value: Value| match &value {
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Number(number) if number.as_u64() == Some(0) => Value::Null,
        _ => value,
    };
    members.into_iter().map(|(name, value)| (name, nulled(value))).collect()
}
