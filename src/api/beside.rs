//! What a body says beside the answer that is documented. The documentation knows one member that speaks of errors, the
//! rows' `errors`; whatever else does makes the answer uncertain, in whichever words and however deep it is.

use serde_json::{Map, Value};

use super::bounds::excerpt;

/// More errors of an answer than these are not told.
const MOST_TOLD: usize = 5;

/// What the members of a body report as errors, in words; nothing where they report none. `is_documented` tells the
/// members that are the answer's own: they are read as what they are.
pub(super) fn errors_beside(
    body: &Value,
    is_documented: &dyn Fn(&Map<String, Value>, &str) -> bool,
) -> Option<String> {
    let mut told = Vec::new();
    collect(body, is_documented, &mut told);
    (!told.is_empty()).then(|| told.join("; "))
}

fn collect(value: &Value, is_documented: &dyn Fn(&Map<String, Value>, &str) -> bool, told: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !is_documented(members, name)) {
                if told.len() >= MOST_TOLD {
                    return;
                }
                match error_in(name, member) {
                    Some(error) => told.push(error),
                    None => collect(member, is_documented, told),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_documented, told)),
        _ => {}
    }
}

/// What a member reports as an error, in words.
fn error_in(name: &str, value: &Value) -> Option<String> {
    let word: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_error = match word.as_str() {
        _ if is_nothing(value) => SUCCESS.contains(&word.as_str()) && !value.is_null(),
        // The documented body of an error is an object with a `message`.
        "message" | "messages" | "msg" => !says_success(value),
        "status" | "statuscode" | "httpstatus" | "code" | "state" | "result" | "outcome" => {
            is_bad_status(value)
        }
        word if SUCCESS.contains(&word) => speaks_of_failure(value),
        word => ["error", "fail", "exception"].iter().any(|about| word.contains(about)),
    };
    is_error.then(|| match (name, value) {
        ("error" | "errors", Value::Array(entries)) => {
            entries.iter().take(MOST_TOLD).map(text_of).collect::<Vec<_>>().join("; ")
        }
        ("error" | "errors", other) => text_of(other),
        (name, Value::Array(entries)) => {
            let entries: Vec<String> = entries.iter().take(MOST_TOLD).map(text_of).collect();
            format!("{}: {}", excerpt(name.as_bytes()), entries.join("; "))
        }
        (name, other) => format!("{}: {}", excerpt(name.as_bytes()), text_of(other)),
    })
}

/// Members that say whether all went well.
const SUCCESS: [&str; 7] = ["success", "successful", "succeeded", "issuccess", "ok", "valid", "done"];

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Whether a member has more to say than that there is nothing to say.
pub(super) fn says_something(value: &Value) -> bool {
    !is_nothing(value)
}

fn is_bad_status(value: &Value) -> bool {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.is_some_and(|number| (400.0..600.0).contains(&number)) || speaks_of_failure(value)
}

fn speaks_of_failure(value: &Value) -> bool {
    let Some(text) = value.as_str().map(str::to_ascii_lowercase) else { return false };
    matches!(text.trim(), "false" | "no" | "0")
        || ["error", "fail", "reject", "denied"].iter().any(|word| text.contains(word))
}

fn says_success(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default().trim().trim_end_matches(['.', '!']).to_ascii_lowercase();
    matches!(text.as_str(), "ok" | "success" | "successful" | "done" | "created" | "updated" | "accepted")
}

/// What an error says: its message, or all of it.
fn text_of(error: &Value) -> String {
    let text = error.get("message").or_else(|| error.get("error")).unwrap_or(error);
    excerpt(text.as_str().map_or_else(|| text.to_string(), str::to_owned).as_bytes())
}
