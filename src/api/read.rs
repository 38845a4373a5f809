//! Reads response bodies. The documentation shows an envelope, public client code reads bare keys, and nullability is
//! not stated (vendor-api.md section 1), so all of these forms are accepted. Any other body is an [`UnreadableBody`]:
//! nothing is guessed.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::bounds::{excerpt, fits_in_a_path, shortened};
use super::strict_json::parse;
use super::undocumented_errors::undocumented_errors;
use super::wire::{BackgroundJob, BulkResult, CREATE_ENVELOPE, JOB_ENVELOPE, UPDATE_ENVELOPE};
use crate::model::TemplateId;

/// A body that does not answer the request with certainty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnreadableBody {
    message: String,
    /// Ids of created templates that the body nevertheless names: a person may recognise them.
    pub ids: Vec<TemplateId>,
}

impl UnreadableBody {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ids: Vec::new() }
    }
}

/// What identifies one kind of answer within a body.
struct AnswerSchema {
    envelopes: &'static [&'static str],
    /// An object with any of these members is such an answer.
    identifying: &'static [&'static str],
    /// All its documented members.
    members: &'static [&'static str],
}

const BULK: AnswerSchema = AnswerSchema {
    envelopes: &[CREATE_ENVELOPE, UPDATE_ENVELOPE],
    identifying: BULK_MEMBERS,
    members: BULK_MEMBERS,
};
const JOB: AnswerSchema =
    AnswerSchema { envelopes: &[JOB_ENVELOPE], identifying: &["status"], members: JOB_MEMBERS };

const BULK_MEMBERS: &[&str] =
    &["createdCount", "updatedCount", "createdIds", "errors", "warnings", "backgroundJob"];
const JOB_MEMBERS: &[&str] =
    &["id", "type", "description", "errorMessage", "createdAt", "repeatable", "status"];

/// Reads the answer of a bulk request.
pub fn read_bulk(body: &[u8]) -> Result<BulkResult, UnreadableBody> {
    read(body, &BULK).map(BulkResult::bounded)
}

/// Reads the answer to a request for a background job. An answer with an invalid job id is unreadable.
pub fn read_job(body: &[u8]) -> Result<BackgroundJob, UnreadableBody> {
    let job: BackgroundJob = read(body, &JOB)?;
    if job.id.as_deref().is_some_and(|id| !fits_in_a_path(id)) {
        return Err(UnreadableBody::new("the answer has an invalid job id"));
    }
    Ok(job.bounded())
}

fn read<T: DeserializeOwned + PartialEq>(body: &[u8], schema: &AnswerSchema) -> Result<T, UnreadableBody> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(UnreadableBody::new("the answer is empty"));
    }
    let value = parse(body).map_err(|error| {
        UnreadableBody::new(if error.is_data() {
            format!("the answer is ambiguous: {error}")
        } else {
            format!("the answer is not JSON: {}", excerpt(body))
        })
    })?;
    let candidates = CandidateAnswers::of(&value, schema);
    let uncertain = |message| UnreadableBody { message, ids: candidates.ids() };
    if let Some(errors) = undocumented_errors(&value, &|object, member| candidates.documents(object, member))
    {
        return Err(uncertain(format!("the answer also reports an error: {errors}")));
    }
    // Compared by meaning, not by spelling.
    let answers =
        candidates.answers.iter().map(|answer| T::deserialize(*answer)).collect::<Result<Vec<T>, _>>();
    let mut answers = answers
        .map_err(|error| uncertain(format!("a member of the answer has an unexpected type: {error}")))?
        .into_iter();
    let Some(first) = answers.next() else {
        return Err(UnreadableBody::new(format!(
            "the answer is JSON, but not the documented object: {}",
            excerpt(body)
        )));
    };
    if answers.any(|other| other != first) {
        return Err(uncertain(format!("the answer contradicts itself: {}", excerpt(body))));
    }
    Ok(first)
}

/// The objects in a body that look like the answer, with and without envelopes.
struct CandidateAnswers<'v> {
    /// Objects with a member that only an answer has, innermost first.
    answers: Vec<&'v Map<String, Value>>,
    /// Those of them that contain another one. There, `errors` is GraphQL's (GraphQL specification section 7.1), not the
    /// rows'.
    around: Vec<&'v Map<String, Value>>,
    schema: &'v AnswerSchema,
}

impl<'v> CandidateAnswers<'v> {
    fn of(value: &'v Value, schema: &'v AnswerSchema) -> Self {
        let containers: Vec<&Map<String, Value>> =
            [Some(value), value.get("data")].into_iter().flatten().filter_map(Value::as_object).collect();
        let enveloped = |container: &&'v Map<String, Value>| {
            let inner = |envelope: &&str| container.get(*envelope).and_then(Value::as_object);
            schema.envelopes.iter().filter_map(inner).collect::<Vec<_>>()
        };
        let mut answers: Vec<&Map<String, Value>> = containers.iter().flat_map(enveloped).collect();
        let mut around = Vec::new();
        // Innermost first: `errors` alone makes only the innermost object an answer.
        for container in containers.into_iter().rev() {
            let is_graphql = !answers.is_empty() || container.contains_key("data");
            let says =
                |member: &&str| container.contains_key(*member) && (*member != "errors" || !is_graphql);
            if schema.identifying.iter().any(says) {
                if !answers.is_empty() {
                    around.push(container);
                }
                answers.push(container);
            }
        }
        Self { answers, around, schema }
    }

    /// Whether a member of an object is documented, and so cannot be an undocumented error.
    fn documents(&self, object: &Map<String, Value>, member: &str) -> bool {
        let is_one_of =
            |objects: &[&Map<String, Value>]| objects.iter().any(|other| std::ptr::eq(*other, object));
        let is_job_of = |answer: &Map<String, Value>| {
            let job = answer.get("backgroundJob").and_then(Value::as_object);
            job.is_some_and(|job| std::ptr::eq(job, object))
        };
        if self.answers.iter().any(|answer| is_job_of(answer)) {
            return JOB_MEMBERS.contains(&member);
        }
        // An outer answer may repeat the errors of the inner one.
        let repeats =
            || self.answers.first().is_some_and(|innermost| innermost.get(member) == object.get(member));
        is_one_of(&self.answers)
            && member != "backgroundJob"
            && self.schema.members.contains(&member)
            && (member != "errors" || !is_one_of(&self.around) || repeats())
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

/// The message of an error body: its `message`, or the beginning of its text. `None` for an empty body.
pub fn error_message(body: &[u8]) -> Option<String> {
    let value = parse(body).ok();
    let message = value.as_ref().and_then(|value| {
        value.get("message").or_else(|| value.get("error")).and_then(Value::as_str).map(str::to_owned)
    });
    message.map(shortened).or_else(|| (!body.iter().all(u8::is_ascii_whitespace)).then(|| excerpt(body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    fn bulk(value: &Value) -> Result<BulkResult, UnreadableBody> {
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

        fn reason(body: &str) -> UnreadableBody {
            read_bulk(body.as_bytes()).unwrap_err()
        }

        #[test]
        fn undocumented_errors_are_reported() {
            let inner = json!({"createdCount": 1, "createdIds": [ID]});
            for around in [
                json!({"data": {CREATE_ENVELOPE: inner}, "errors": [{"message": "Timed out"}]}),
                json!({"data": {CREATE_ENVELOPE: inner, "errors": ["Timed out"]}}),
                json!({"data": inner, "errors": "Timed out"}),
                json!({CREATE_ENVELOPE: inner, "errors": [{"message": "Timed out"}]}),
            ] {
                let reason = reason(&around.to_string());
                assert!(reason.to_string().ends_with("also reports an error: Timed out"), "{reason}");
                assert_eq!(reason.ids.iter().map(TemplateId::as_str).collect::<Vec<_>>(), [ID]);
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
        fn errors_in_other_words_are_reported() {
            let inner = json!({"createdCount": 1, "updatedCount": 0, "createdIds": [ID], "errors": []});
            let beside = [
                (json!({"error": "boom"}), "also reports an error: boom"),
                (json!({"error": {"message": "boom", "code": 7}}), "also reports an error: boom"),
                (json!({"Errors": [1]}), "Errors: 1"),
                (json!({"errorMessage": "boom"}), "errorMessage: boom"),
                (json!({"error_count": 2}), "error_count: 2"),
                (json!({"failedCount": 1}), "failedCount: 1"),
                (json!({"success": false}), "success: false"),
                (json!({"ok": 0}), "ok: 0"),
                (json!({"message": "nothing was done"}), "message: nothing was done"),
                (json!({"status": "failed"}), "status: failed"),
                (json!({"statusCode": 500}), "statusCode: 500"),
                (json!({"meta": [{"exception": "boom"}]}), "exception: boom"),
            ];
            for (members, says) in beside {
                let with = |object: &Value| {
                    let mut object = object.clone();
                    object.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
                    object
                };
                for body in [
                    with(&json!({"data": {CREATE_ENVELOPE: inner}})),
                    json!({"data": with(&json!({CREATE_ENVELOPE: inner}))}),
                    json!({"data": {CREATE_ENVELOPE: with(&inner)}}),
                    with(&inner),
                ] {
                    let reason = reason(&body.to_string());
                    assert!(reason.to_string().contains(says), "{body}: {reason}");
                    assert_eq!(reason.ids.iter().map(TemplateId::as_str).collect::<Vec<_>>(), [ID], "{body}");
                }
            }
            let job = json!({"id": "7", "status": "complete", "error": "boom"});
            let with_job = json!({"createdCount": 1, "backgroundJob": job});
            assert!(reason(&with_job.to_string()).to_string().contains("boom"));
            for answer in [json!({"success": false, "data": {JOB_ENVELOPE: {"status": "complete"}}}), job] {
                assert!(read_job(answer.to_string().as_bytes()).is_err(), "{answer}");
            }
        }

        #[test]
        fn members_without_an_error_are_accepted() {
            let inner = json!({"createdCount": 1, "createdIds": [ID], "warnings": ["error"]});
            for beside in [
                json!({"success": true, "error": null, "message": "OK", "status": 200, "hasErrors": false}),
                json!({"error": "", "errorCount": 0, "failures": [], "message": null, "status": "success"}),
                json!({"extensions": {"cost": 7, "requestId": "error-7"}}),
            ] {
                let mut body = json!({"data": {CREATE_ENVELOPE: inner}});
                body.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
                assert_eq!(bulk(&body).unwrap().created_count, 1, "{body}");
            }
        }

        #[test]
        fn repeated_equal_answers_are_one() {
            let row = json!([{"title": "T", "error": "no"}]);
            let short = json!({"createdCount": 1, "createdIds": [ID], "errors": row});
            let long = json!({"createdCount": 1.0, "updatedCount": 0, "createdIds": [ID], "errors": row, "warnings": []});
            let mut both = short.clone();
            both["data"] = json!({CREATE_ENVELOPE: long});
            assert_eq!(bulk(&both).unwrap(), bulk(&short).unwrap());
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
                assert!(reason(&both.to_string()).to_string().contains("contradicts itself"), "{both}");
            }
            assert_eq!(
                bulk(&json!({"data": {CREATE_ENVELOPE: one, UPDATE_ENVELOPE: one}})).unwrap().created_count,
                1
            );
        }

        #[test]
        fn members_must_not_appear_twice() {
            let twice = reason(r#"{"createdCount":1,"errors":[{"title":"T"}],"errors":[]}"#);
            assert!(twice.to_string().contains("\"errors\" appears twice"), "{twice}");
            assert!(read_job(br#"{"status":"failed","status":"complete"}"#).is_err());
        }
    }

    #[test]
    fn harmless_spellings_are_accepted() {
        assert_eq!(bulk(&json!({"createdCount": 3.0, "updatedCount": 0.0})).unwrap().created_count, 3);
        assert_eq!(read_bulk(b"\xef\xbb\xbf{\"createdCount\":1}").unwrap().created_count, 1);
        for wrong in [json!(1.5), json!(-1.0), json!("1"), json!(1e300)] {
            assert!(bulk(&json!({ "createdCount": wrong })).is_err(), "{wrong}");
        }
    }

    #[test]
    fn error_bodies_of_every_kind_have_a_message() {
        assert_eq!(error_message(br#"{"message":"too long"}"#).as_deref(), Some("too long"));
        assert_eq!(error_message(b"plain\n\x1b[31m text").as_deref(), Some("plain [31m text"));
        assert_eq!(error_message(b"  "), None);
        let flood = json!({ "message": "no ".repeat(1 << 20) }).to_string();
        assert!(error_message(flood.as_bytes()).unwrap().len() < 10_000);
    }

    proptest::proptest! {
        #[test]
        fn no_body_causes_a_panic(body: Vec<u8>) {
            let _ = read_bulk(&body);
            let _ = read_job(&body);
            let _ = error_message(&body);
        }
    }
}
