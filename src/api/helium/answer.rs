//! Reads a GraphQL answer. An answer with errors is not read: a property that failed is null there, and null would mean
//! that a template does not have it.

use serde_json::{Map, Value};

use super::HeliumError;
use crate::api::bounds::{excerpt, shortened};
use crate::api::strict_json::parse;
use crate::api::{Answer, HttpResponse};

/// The most errors of one answer that are told.
const MAX_ERRORS: usize = 5;

/// What an answer means.
#[derive(Debug)]
pub(super) enum HeliumAnswer {
    /// The data that was asked for.
    Data(Map<String, Value>),
    /// The token is not accepted, or no longer.
    NotLoggedIn(Vec<String>),
    /// The server reports errors.
    Errors(Vec<String>),
    /// The query costs too much.
    TooCostly(Vec<String>),
    /// The server asks to wait.
    Wait(std::time::Duration),
    /// The server failed, and may not fail again.
    Busy(HeliumError),
    /// Anything else.
    Failed(HeliumError),
}

/// Removes secrets from a server's text. It is called before a text is cut, because half a secret would not be found.
type Redact<'r> = &'r dyn Fn(&str) -> String;

/// Reads an answer. `redact` is for its texts: the server may repeat what it was sent.
pub(super) fn outcome(answer: &Answer, redact: Redact<'_>) -> HeliumAnswer {
    let response = match answer {
        Answer::NotSent { reason } => return HeliumAnswer::Failed(HeliumError::NotSent(reason.clone())),
        Answer::Untrusted { reason } => return HeliumAnswer::Failed(HeliumError::Untrusted(reason.clone())),
        Answer::Lost { reason } => return HeliumAnswer::Failed(HeliumError::Lost(reason.clone())),
        Answer::Response(response) => response,
    };
    let status = response.status;
    if status == 429 {
        return HeliumAnswer::Wait(response.rate.asked_wait());
    }
    if (300..400).contains(&status) {
        let location = response.location.as_deref().map(|location| shortened(redact(location)));
        return HeliumAnswer::Failed(HeliumError::Redirect { status, location });
    }
    let is_success = (200..300).contains(&status);
    match read_body(response, redact) {
        Ok(Read::Errors(errors)) => sorted(&errors, response, redact),
        _ if !is_success => by_status(response, redact),
        Ok(Read::Data(data)) => HeliumAnswer::Data(data),
        Err(why) => HeliumAnswer::Failed(HeliumError::Unreadable(why)),
    }
}

fn by_status(response: &HttpResponse, redact: Redact<'_>) -> HeliumAnswer {
    let text = match &response.body {
        Ok(body) if body.is_empty() => "the answer is empty".to_owned(),
        Ok(body) => shown(body, redact),
        Err(why) => redact(why),
    };
    let status = response.status;
    match status {
        401 | 403 => HeliumAnswer::Failed(HeliumError::Key(status)),
        500..=599 => HeliumAnswer::Busy(HeliumError::Status { status, text }),
        _ => HeliumAnswer::Failed(HeliumError::Status { status, text }),
    }
}

/// Errors in words, sorted by what can be done about them. The vendor documents no codes.
fn sorted(errors: &Value, response: &HttpResponse, redact: Redact<'_>) -> HeliumAnswer {
    let messages = messages(errors, redact);
    // As the server wrote it: what replaces a secret has words of its own.
    let text = self::messages(errors, &str::to_owned).join(" ").to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let is_told_to_wait = response.rate.retry_after.is_some();
    if is_told_to_wait || mentions(&["rate limit", "rate_limit", "ratelimit", "too many requests"]) {
        return HeliumAnswer::Wait(response.rate.asked_wait());
    }
    // Before the login: a message about a limit may mention the user.
    if mentions(&["point", "cost", "complex", "too large", "too expensive", "exceed"]) {
        return HeliumAnswer::TooCostly(messages);
    }
    let is_login = ["unauthenticated", "not authenticated", "logged in", "log in", "login required"];
    let is_token = ["token", "session", "unauthorized", "unauthorised", "authtoken"];
    if response.status == 401 || mentions(&is_login) || mentions(&is_token) {
        return HeliumAnswer::NotLoggedIn(messages);
    }
    HeliumAnswer::Errors(messages)
}

enum Read {
    Data(Map<String, Value>),
    Errors(Value),
}

fn read_body(response: &HttpResponse, redact: Redact<'_>) -> Result<Read, String> {
    let body = response.body.as_ref().map_err(|why| redact(why))?;
    read(body, redact)
}

/// Reads the data of an answer; the error says why there is none. For fuzzers: a session sorts errors by what can be
/// done about them.
#[cfg(feature = "internals")]
pub fn read_data(body: &[u8]) -> Result<Map<String, Value>, String> {
    match read(body, &str::to_owned)? {
        Read::Data(data) => Ok(data),
        Read::Errors(errors) => Err(messages(&errors, &str::to_owned).join("; ")),
    }
}

fn read(body: &[u8], redact: Redact<'_>) -> Result<Read, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err("it is empty".to_owned());
    }
    let value = parse(body).map_err(|error| {
        if error.is_data() {
            format!("it is ambiguous: {}", shown(error.to_string().as_bytes(), redact))
        } else {
            format!("it is not JSON: {}", shown(body, redact))
        }
    })?;
    let Value::Object(mut members) = value else {
        return Err(format!("it is not an object: {}", shown(body, redact)));
    };
    match members.remove("errors") {
        None | Some(Value::Null) => {}
        Some(Value::Array(errors)) if errors.is_empty() => {}
        Some(errors) => return Ok(Read::Errors(errors)),
    }
    match members.remove("data") {
        Some(Value::Object(data)) => Ok(Read::Data(data)),
        // Its text is not shown: it may be a token.
        _ => Err("it has neither data nor errors".to_owned()),
    }
}

/// The beginning of a text of the server, without secrets.
fn shown(text: &[u8], redact: Redact<'_>) -> String {
    excerpt(redact(&String::from_utf8_lossy(text)).as_bytes())
}

/// The messages of `errors`, each with its code, bounded.
fn messages(errors: &Value, redact: Redact<'_>) -> Vec<String> {
    let list = errors.as_array().map_or(std::slice::from_ref(errors), Vec::as_slice);
    let mut messages: Vec<String> =
        list.iter().take(MAX_ERRORS).map(|error| message(error, redact)).collect();
    if list.len() > MAX_ERRORS {
        messages.push(format!("{} more", list.len() - MAX_ERRORS));
    }
    messages
}

fn message(error: &Value, redact: Redact<'_>) -> String {
    let text = match error {
        Value::String(text) => Some(text.as_str()),
        error => error.get("message").and_then(Value::as_str),
    };
    let code = error.get("extensions").and_then(|extensions| extensions.get("code")).and_then(Value::as_str);
    let words = match (text, code) {
        (Some(text), Some(code)) => format!("{text} ({code})"),
        (Some(text), None) => text.to_owned(),
        (None, _) => error.to_string(),
    };
    shown(words.as_bytes(), redact)
}
