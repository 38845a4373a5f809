//! What the server wants to say, before anything is sent.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::json;

/// An answer, and how it gets to the client.
#[derive(Debug)]
pub(super) struct Response {
    /// Its status.
    pub(super) status: StatusCode,
    /// Its headers. Boxed, since answers travel as errors as well, and a map is large even when it is empty.
    pub(super) headers: Box<HeaderMap>,
    /// Its body.
    pub(super) body: Bytes,
    /// How it gets to the client.
    pub(super) delivery: Delivery,
}

/// How an answer gets to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// As it should.
    Whole,
    /// Half of the body, then the connection closes.
    Half,
    /// A few bytes at a time, with this pause between them.
    Drip(Duration),
    /// Behind a gibibyte of white space.
    Huge,
    /// Not at all: the connection closes.
    HangUp,
    /// Not at all: the connection stays open.
    Stall,
}

impl Delivery {
    /// Whether the client sees an answer's status.
    pub(super) fn answers(self) -> bool {
        !matches!(self, Self::HangUp | Self::Stall)
    }
}

impl Response {
    /// No body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Box::default(), body: Bytes::new(), delivery: Delivery::Whole }
    }

    /// No answer at all.
    pub(super) fn lost(delivery: Delivery) -> Self {
        Self { delivery, ..Self::empty(StatusCode::OK) }
    }

    /// A body of this type.
    pub(super) fn of(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self { body: body.into(), ..Self::empty(status) };
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer
    }

    /// A JSON body.
    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // Every body here is made of text keys, text and numbers, which JSON can always hold.
        Self::of(status, "application/json", serde_json::to_vec(body).unwrap_or_default())
    }

    /// An error with the documented body.
    pub(super) fn message(status: StatusCode, message: &str) -> Self {
        Self::json(status, &json!({ "message": message }))
    }

    /// 429, as documented (vendor-api.md section 5).
    pub(super) fn too_many_requests(seconds: u64) -> Self {
        let body = json!({
            "error": "rate_limit_exceeded",
            "message": format!("Request rate limit reached. Retry after {seconds} seconds."),
            "retryAfter": seconds,
        });
        let mut answer = Self::json(StatusCode::TOO_MANY_REQUESTS, &body);
        answer.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        answer
    }
}
