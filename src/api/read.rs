//! Reading bodies. The documentation shows an envelope, public client code reads bare keys, and nullability is not
//! stated (vendor-api.md section 1), so all of these are read; anything else is unreadable and nothing is guessed.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::bounds::{is_job_id, shortened};
use super::wire::{BackgroundJob, BulkResult, CREATE_ENVELOPE, JOB_ENVELOPE, UPDATE_ENVELOPE};

/// A body that does not say what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

const BULK_MEMBERS: [&str; 6] =
    ["createdCount", "updatedCount", "createdIds", "errors", "warnings", "backgroundJob"];

/// Reads the answer of a bulk request.
pub fn read_bulk(body: &[u8]) -> Result<BulkResult, Unreadable> {
    read(body, &[CREATE_ENVELOPE, UPDATE_ENVELOPE], &BULK_MEMBERS).map(BulkResult::bounded)
}

/// Reads the answer to a question for a job. One with an id that cannot be a job's is no answer to it.
pub fn read_job(body: &[u8]) -> Result<BackgroundJob, Unreadable> {
    let job: BackgroundJob = read(body, &[JOB_ENVELOPE], &["status"])?;
    if job.id.as_deref().is_some_and(|id| !is_job_id(id)) {
        return Err(Unreadable("the answer is about something that cannot be a job".to_owned()));
    }
    Ok(job.bounded())
}

fn read<T: DeserializeOwned>(body: &[u8], envelopes: &[&str], members: &[&str]) -> Result<T, Unreadable> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable("the answer is empty".to_owned()));
    }
    let mut value: Value = serde_json::from_slice(body)
        .map_err(|_| Unreadable(format!("the answer is not JSON: {}", excerpt(body))))?;
    for layer in std::iter::once(&"data").chain(envelopes) {
        if let Some(inner) = value.get_mut(layer).filter(|inner| inner.is_object()) {
            value = inner.take();
        }
    }
    if !members.iter().any(|member| value.get(member).is_some()) {
        return Err(Unreadable(format!("the answer is JSON of another shape: {}", excerpt(body))));
    }
    serde_json::from_value(value)
        .map_err(|error| Unreadable(format!("the answer has an unknown form: {error}")))
}

/// What an error body says: its `message`, or the beginning of its text. Nothing for an empty one.
pub fn error_message(body: &[u8]) -> Option<String> {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let message = value.as_ref().and_then(|value| {
        value.get("message").or_else(|| value.get("error")).and_then(Value::as_str).map(str::to_owned)
    });
    message.map(shortened).or_else(|| (!body.iter().all(u8::is_ascii_whitespace)).then(|| excerpt(body)))
}

/// The beginning of a body on one line, safe to show.
fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 160;
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * LONGEST)]);
    let line: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    let short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bulk(value: &Value) -> Result<BulkResult, Unreadable> {
        read_bulk(value.to_string().as_bytes())
    }

    #[test]
    fn wrapped_half_wrapped_and_bare_are_read_alike() {
        let inner =
            json!({"createdCount": 1, "updatedCount": null, "createdIds": ["a"], "backgroundJob": null});
        let bare = bulk(&inner).unwrap();
        assert_eq!(bare.created_count, 1);
        assert_eq!(bulk(&json!({"data": {CREATE_ENVELOPE: inner}})).unwrap(), bare);
        assert_eq!(bulk(&json!({"data": {UPDATE_ENVELOPE: inner}})).unwrap(), bare);
        assert_eq!(bulk(&json!({"data": inner})).unwrap(), bare);
        assert_eq!(bulk(&json!({CREATE_ENVELOPE: inner})).unwrap(), bare);
    }

    #[test]
    fn anything_else_is_unreadable() {
        for body in ["", " \n", "<html>", "[]", "null", "3", "{}", "{\"data\":null}", "{\"createdCount\":-1}"]
        {
            assert!(read_bulk(body.as_bytes()).is_err(), "{body}");
        }
        assert!(bulk(&json!({"data": {CREATE_ENVELOPE: null}, "errors2": []})).is_err());
        assert!(bulk(&json!({"createdCount": 1, "createdIds": "a"})).is_err());
    }

    #[test]
    fn an_error_body_is_an_object_a_text_a_page_or_nothing() {
        assert_eq!(error_message(br#"{"message":"too long"}"#).as_deref(), Some("too long"));
        assert_eq!(error_message(b"plain\n\x1b[31m text").as_deref(), Some("plain [31m text"));
        assert_eq!(error_message(b"  "), None);
        let flood = json!({ "message": "no ".repeat(1 << 20) }).to_string();
        assert!(error_message(flood.as_bytes()).unwrap().len() < 10_000);
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_a_panic(body: Vec<u8>) {
            let _ = read_bulk(&body);
            let _ = read_job(&body);
            let _ = error_message(&body);
        }
    }
}
