//! Reading bodies. The documentation shows an envelope, public client code reads bare keys, and nullability is not
//! stated (vendor-api.md section 1), so all of these are read; anything else is unreadable and nothing is guessed.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::bounds::{is_job_id, shortened};
use super::strict_json::parse;
use super::wire::{BackgroundJob, BulkResult, CREATE_ENVELOPE, JOB_ENVELOPE, UPDATE_ENVELOPE};
use crate::model::TemplateId;

/// A body that does not say for certain what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    message: String,
    /// Ids of created templates that the body names all the same: a person may recognise them.
    pub ids: Vec<TemplateId>,
}

impl Unreadable {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ids: Vec::new() }
    }
}

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
        return Err(Unreadable::new("the answer is about something that cannot be a job"));
    }
    Ok(job.bounded())
}

fn read<T: DeserializeOwned>(body: &[u8], envelopes: &[&str], members: &[&str]) -> Result<T, Unreadable> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::new("the answer is empty"));
    }
    let value = parse(body).map_err(|error| {
        Unreadable::new(if error.is_data() {
            format!("the answer is not certain: {error}")
        } else {
            format!("the answer is not JSON: {}", excerpt(body))
        })
    })?;
    let layers = Layers::of(&value, envelopes, members);
    if let Some(errors) = layers.errors() {
        let message = format!("the answer reports errors of its own: {errors}");
        return Err(Unreadable { message, ids: layers.ids() });
    }
    let Some((first, others)) = layers.answers.split_first() else {
        return Err(Unreadable::new(format!("the answer is JSON of another shape: {}", excerpt(body))));
    };
    if others.iter().any(|other| other != first) {
        let message = format!("the answer says two different things: {}", excerpt(body));
        return Err(Unreadable { message, ids: layers.ids() });
    }
    T::deserialize(*first).map_err(|error| Unreadable {
        message: format!("the answer has an unknown form: {error}"),
        ids: layers.ids(),
    })
}

/// The places of a body in which an answer can be.
struct Layers<'v> {
    /// Objects with a member that only an answer has.
    answers: Vec<&'v Map<String, Value>>,
    /// Objects around them: what `errors` means there is GraphQL's (GraphQL specification section 7.1), not one row's.
    around: Vec<&'v Map<String, Value>>,
}

impl<'v> Layers<'v> {
    fn of(value: &'v Value, envelopes: &[&str], members: &[&str]) -> Self {
        let containers: Vec<&Map<String, Value>> =
            [Some(value), value.get("data")].into_iter().flatten().filter_map(Value::as_object).collect();
        let enveloped = |container: &&'v Map<String, Value>| {
            let inner = |envelope: &&str| container.get(*envelope).and_then(Value::as_object);
            envelopes.iter().filter_map(inner).collect::<Vec<_>>()
        };
        let mut answers: Vec<&Map<String, Value>> = containers.iter().flat_map(enveloped).collect();
        let mut around = Vec::new();
        // From the inside out: `errors` alone makes an answer only of the innermost object.
        for container in containers.into_iter().rev() {
            let is_graphql = !answers.is_empty() || container.contains_key("data");
            let says =
                |member: &&str| container.contains_key(*member) && (*member != "errors" || !is_graphql);
            if members.iter().any(says) {
                if !answers.is_empty() {
                    around.push(container);
                }
                answers.push(container);
            } else {
                around.push(container);
            }
        }
        Self { answers, around }
    }

    /// What the objects around the answers report as errors, in words.
    fn errors(&self) -> Option<String> {
        let said = self.around.iter().filter_map(|object| object.get("errors"));
        let messages: Vec<String> = said
            .flat_map(|errors| match errors {
                Value::Null => Vec::new(),
                Value::Array(entries) => entries.iter().take(MOST_TOLD).map(message_of).collect(),
                other => vec![message_of(other)],
            })
            .collect();
        (!messages.is_empty()).then(|| messages.join("; "))
    }

    fn ids(&self) -> Vec<TemplateId> {
        let named = self.answers.iter().filter_map(|answer| answer.get("createdIds")?.as_array());
        let ids = named.flatten().filter_map(Value::as_str).filter_map(TemplateId::from_server);
        let mut ids: Vec<TemplateId> = ids.collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

/// More errors of an answer than these are not told.
const MOST_TOLD: usize = 5;

/// What an entry of `errors` says.
fn message_of(entry: &Value) -> String {
    let text = entry.get("message").or_else(|| entry.get("error")).unwrap_or(entry);
    excerpt(text.as_str().map_or_else(|| text.to_string(), str::to_owned).as_bytes())
}

/// What an error body says: its `message`, or the beginning of its text. Nothing for an empty one.
pub fn error_message(body: &[u8]) -> Option<String> {
    let value = parse(body).ok();
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

    mod uncertain {
        use super::*;

        fn reason(body: &str) -> Unreadable {
            read_bulk(body.as_bytes()).unwrap_err()
        }

        #[test]
        fn errors_beside_the_answer_are_told() {
            let inner = json!({"createdCount": 1, "createdIds": ["a"]});
            for around in [
                json!({"data": {CREATE_ENVELOPE: inner}, "errors": [{"message": "Timed out"}]}),
                json!({"data": {CREATE_ENVELOPE: inner, "errors": ["Timed out"]}}),
                json!({"data": inner, "errors": "Timed out"}),
                json!({CREATE_ENVELOPE: inner, "errors": [{"message": "Timed out"}]}),
            ] {
                let reason = reason(&around.to_string());
                assert!(reason.to_string().ends_with("errors of its own: Timed out"), "{reason}");
                assert_eq!(reason.ids.iter().map(TemplateId::as_str).collect::<Vec<_>>(), ["a"]);
            }
            let failed =
                reason(&json!({"data": null, "errors": [{"message": "Not authorised"}]}).to_string());
            assert!(failed.to_string().contains("Not authorised"), "{failed}");
            for none in [json!([]), json!(null)] {
                assert_eq!(
                    bulk(&json!({"data": {CREATE_ENVELOPE: inner}, "errors": none})).unwrap().created_count,
                    1
                );
            }
            assert_eq!(bulk(&json!({"errors": [{"title": "T"}]})).unwrap().errors.len(), 1);
        }

        #[test]
        fn two_answers_must_agree() {
            let (one, two) = (json!({"createdCount": 1}), json!({"createdCount": 2}));
            for both in [
                json!({"data": {CREATE_ENVELOPE: one, UPDATE_ENVELOPE: two}}),
                json!({"data": {CREATE_ENVELOPE: one}, CREATE_ENVELOPE: two}),
                json!({"data": {CREATE_ENVELOPE: one}, "createdCount": 2}),
                json!({"data": {CREATE_ENVELOPE: one, "createdCount": 2}}),
            ] {
                assert!(reason(&both.to_string()).to_string().contains("two different things"), "{both}");
            }
            assert_eq!(
                bulk(&json!({"data": {CREATE_ENVELOPE: one, UPDATE_ENVELOPE: one}})).unwrap().created_count,
                1
            );
        }

        #[test]
        fn members_must_not_be_there_twice() {
            let twice = reason(r#"{"createdCount":1,"errors":[{"title":"T"}],"errors":[]}"#);
            assert!(twice.to_string().contains("\"errors\" is there twice"), "{twice}");
            assert!(read_job(br#"{"status":"failed","status":"complete"}"#).is_err());
        }
    }

    #[test]
    fn harmless_spellings_are_read() {
        assert_eq!(bulk(&json!({"createdCount": 3.0, "updatedCount": 0.0})).unwrap().created_count, 3);
        assert_eq!(read_bulk(b"\xef\xbb\xbf{\"createdCount\":1}").unwrap().created_count, 1);
        for wrong in [json!(1.5), json!(-1.0), json!("1"), json!(1e300)] {
            assert!(bulk(&json!({ "createdCount": wrong })).is_err(), "{wrong}");
        }
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
