//! Finds errors that a body reports outside its documented members. The rows' `errors` is the only documented one; any
//! other sign of failure, at any depth, makes the answer uncertain.

use serde_json::{Map, Value};

use super::bounds::excerpt;

/// At most this many errors of one answer are reported.
const MAX_REPORTED: usize = 5;

/// The errors that undocumented members of a body report, in words; `None` if there are none. `is_documented` excludes
/// the answer's own members.
pub(super) fn undocumented_errors(
    body: &Value,
    is_documented: &dyn Fn(&Map<String, Value>, &str) -> bool,
) -> Option<String> {
    let mut found = Vec::new();
    collect(body, is_documented, &mut found);
    (!found.is_empty()).then(|| found.join("; "))
}

fn collect(
    value: &Value,
    is_documented: &dyn Fn(&Map<String, Value>, &str) -> bool,
    found: &mut Vec<String>,
) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !is_documented(members, name)) {
                if found.len() >= MAX_REPORTED {
                    return;
                }
                match error_in(name, member) {
                    Some(error) => found.push(error),
                    None => collect(member, is_documented, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_documented, found)),
        _ => {}
    }
}

/// The error that a member reports, in words.
fn error_in(name: &str, value: &Value) -> Option<String> {
    let word: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_error = match word.as_str() {
        _ if is_absent(value) => SUCCESS.contains(&word.as_str()) && !value.is_null(),
        // A documented error body is an object with a `message`.
        "message" | "messages" | "msg" => !says_success(value),
        "status" | "statuscode" | "httpstatus" | "code" | "state" | "result" | "outcome" => {
            is_bad_status(value)
        }
        word if SUCCESS.contains(&word) => mentions_failure(value),
        word => ["error", "fail", "exception"].iter().any(|about| word.contains(about)),
    };
    is_error.then(|| match (name, value) {
        ("error" | "errors", Value::Array(entries)) => {
            entries.iter().take(MAX_REPORTED).map(text_of).collect::<Vec<_>>().join("; ")
        }
        ("error" | "errors", other) => text_of(other),
        (name, Value::Array(entries)) => {
            let entries: Vec<String> = entries.iter().take(MAX_REPORTED).map(text_of).collect();
            format!("{}: {}", excerpt(name.as_bytes()), entries.join("; "))
        }
        (name, other) => format!("{}: {}", excerpt(name.as_bytes()), text_of(other)),
    })
}

/// Members whose value says whether the request succeeded.
const SUCCESS: [&str; 7] = ["success", "successful", "succeeded", "issuccess", "ok", "valid", "done"];

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Whether a value is anything but null, false, zero or empty.
pub(super) fn is_present(value: &Value) -> bool {
    !is_absent(value)
}

fn is_bad_status(value: &Value) -> bool {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.is_some_and(|number| (400.0..600.0).contains(&number)) || mentions_failure(value)
}

fn mentions_failure(value: &Value) -> bool {
    let Some(text) = value.as_str().map(str::to_ascii_lowercase) else { return false };
    matches!(text.trim(), "false" | "no" | "0")
        || ["error", "fail", "reject", "denied"].iter().any(|word| text.contains(word))
}

fn says_success(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default().trim().trim_end_matches(['.', '!']).to_ascii_lowercase();
    matches!(text.as_str(), "ok" | "success" | "successful" | "done" | "created" | "updated" | "accepted")
}

/// An error's message, or the whole error as text.
fn text_of(error: &Value) -> String {
    let text = error.get("message").or_else(|| error.get("error")).unwrap_or(error);
    excerpt(text.as_str().map_or_else(|| text.to_string(), str::to_owned).as_bytes())
}
