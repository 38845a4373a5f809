//! Asks a server whether it accepts an API key, and what time it is there. It changes nothing on the server.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::Value;

use super::http::{ClientError, Http};
use super::wire::{API_ROOT, PING};
use super::{Answer, HttpResponse};
use crate::model::{ApiKey, KeyCheck, Timestamp};

/// A connection to ask one server.
pub struct Ping {
    http: Http,
    url: String,
    authorization: Option<HeaderValue>,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pong {
    /// What it says about the key.
    pub key: KeyCheck,
    /// When the server answered, by its own clock, if it says so.
    pub server_time: Option<Timestamp>,
}

impl Ping {
    /// Prepares a question to the instance at this address (without `/incoming/v2`), which may take at most `timeout`.
    /// Without a key the server is asked all the same: its answer shows that it can be reached.
    pub fn new(instance: &str, key: Option<&ApiKey>, timeout: Duration) -> Result<Self, ClientError> {
        let http = Http::to(instance, key, timeout)?;
        let header = |key: &ApiKey| {
            let mut value =
                HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(|_| ClientError::Key)?;
            value.set_sensitive(true);
            Ok::<_, ClientError>(value)
        };
        let url = format!("{}{API_ROOT}{PING}", instance.trim_end_matches('/'));
        Ok(Self { http, url, authorization: key.map(header).transpose()? })
    }

    /// The proxy that the question goes through, in words; `None` if it goes to the server directly.
    pub fn proxy(&self) -> Option<String> {
        self.http.proxy().map(ToString::to_string)
    }

    /// Asks once.
    pub async fn ask(&self) -> Pong {
        let mut request = self.http.get(&self.url);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let (answer, server_time) = self.http.send_timed(request, PING).await;
        Pong { key: read(&answer), server_time: server_time.map(Timestamp::from_unix_seconds) }
    }
}

/// What an answer says about the key.
fn read(answer: &Answer) -> KeyCheck {
    match answer {
        Answer::NotSent { reason } => KeyCheck::Unreachable { reason: reason.clone() },
        Answer::Untrusted { reason } => KeyCheck::Untrusted { reason: reason.clone() },
        Answer::Lost { reason } => KeyCheck::Unanswered { reason: reason.clone() },
        Answer::Response(HttpResponse { status, location, body, .. }) => match *status {
            200..=299 => match body.as_ref().ok().and_then(|body| is_valid(body)) {
                Some(true) => KeyCheck::Accepted,
                Some(false) => KeyCheck::Refused,
                None => KeyCheck::Strange { status: *status },
            },
            401 => KeyCheck::Refused,
            403 => KeyCheck::Forbidden,
            300..=399 => KeyCheck::Moved { status: *status, to: location.clone() },
            404 | 405 | 410 => KeyCheck::NotFound,
            429 => KeyCheck::Limited,
            500.. => KeyCheck::Failing { status: *status },
            status => KeyCheck::Strange { status },
        },
    }
}

/// `{"valid": true}`, as documented, or in an envelope as other endpoints have it.
fn is_valid(body: &[u8]) -> Option<bool> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    answer.get("valid").or_else(|| answer.get("data")?.get("valid"))?.as_bool()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::RateHeaders;

    fn said(status: u16, body: &str) -> KeyCheck {
        let (rate, location) = (RateHeaders::default(), Some("https://other.example".to_owned()));
        read(&Answer::Response(HttpResponse { status, rate, location, body: Ok(body.as_bytes().to_vec()) }))
    }

    #[test]
    fn only_a_plain_yes_accepts_the_key() {
        assert_eq!(said(200, r#"{"valid": true}"#), KeyCheck::Accepted);
        assert_eq!(said(201, r#"{"data": {"valid": true}}"#), KeyCheck::Accepted);
        assert_eq!(said(200, r#"{"valid": false}"#), KeyCheck::Refused);
        for strange in ["", "<html>Log in</html>", "{}", r#"{"valid": "true"}"#, "true", "null"] {
            assert_eq!(said(200, strange), KeyCheck::Strange { status: 200 }, "{strange}");
        }
    }

    #[test]
    fn each_status_says_something_else() {
        assert_eq!(said(401, ""), KeyCheck::Refused);
        assert_eq!(said(403, "{}"), KeyCheck::Forbidden);
        assert_eq!(
            said(301, ""),
            KeyCheck::Moved { status: 301, to: Some("https://other.example".to_owned()) }
        );
        assert_eq!(said(404, ""), KeyCheck::NotFound);
        assert_eq!(said(429, ""), KeyCheck::Limited);
        assert_eq!(said(503, ""), KeyCheck::Failing { status: 503 });
        assert_eq!(said(418, ""), KeyCheck::Strange { status: 418 });
    }

    #[test]
    fn no_connection_is_no_answer() {
        let reason = || "why".to_owned();
        assert_eq!(read(&Answer::NotSent { reason: reason() }), KeyCheck::Unreachable { reason: reason() });
        assert_eq!(read(&Answer::Untrusted { reason: reason() }), KeyCheck::Untrusted { reason: reason() });
        assert_eq!(read(&Answer::Lost { reason: reason() }), KeyCheck::Unanswered { reason: reason() });
    }
}
