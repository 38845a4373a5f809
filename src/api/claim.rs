//! What a refusal says was done all the same.

use serde_json::Value;

use super::beside::says_something;
use super::strict_json::parse;
use crate::model::TemplateId;

/// The ids that a body names where it says, anywhere in it, that something was done; nothing where it does not.
pub fn claimed_ids(body: &[u8]) -> Option<Vec<TemplateId>> {
    // What says two things of one member may mean either.
    let value = parse(body).or_else(|_| serde_json::from_slice(body)).ok()?;
    let mut claim = Claim::default();
    claim.look(&value);
    claim.is_made.then(|| {
        claim.ids.sort();
        claim.ids.dedup();
        claim.ids
    })
}

#[derive(Default)]
struct Claim {
    is_made: bool,
    ids: Vec<TemplateId>,
}

impl Claim {
    fn look(&mut self, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| self.member(name, member)),
            Value::Array(items) => items.iter().for_each(|item| self.look(item)),
            _ => {}
        }
    }

    fn member(&mut self, name: &str, member: &Value) {
        match name {
            "createdCount" | "updatedCount" | "backgroundJob" => self.is_made |= says_something(member),
            "createdIds" => {
                self.is_made |= says_something(member);
                let ids = member.as_array().into_iter().flatten().filter_map(Value::as_str);
                self.ids.extend(ids.filter_map(TemplateId::from_server));
            }
            _ => self.look(member),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_heard_in_any_envelope() {
        const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
        for body in [
            format!(r#"{{"createdIds":["{ID}","abc"]}}"#),
            format!(r#"{{"message":"no","data":{{"X":{{"createdCount":0,"createdIds":["{ID}"]}}}}}}"#),
            format!(r#"[{{"createdCount":0,"createdCount":1,"createdIds":["{ID}"]}}]"#),
        ] {
            let ids = claimed_ids(body.as_bytes()).unwrap();
            assert_eq!(ids.iter().map(TemplateId::as_str).collect::<Vec<_>>(), [ID], "{body}");
        }
        for body in [r#"{"updatedCount":1}"#, r#"{"backgroundJob":{"id":"7"}}"#, r#"{"createdCount":"1"}"#] {
            assert_eq!(claimed_ids(body.as_bytes()), Some(Vec::new()), "{body}");
        }
        for body in [
            "",
            "<html>",
            r#"{"message":"createdCount: 1"}"#,
            r#"{"createdCount":0,"updatedCount":null,"createdIds":[],"backgroundJob":null,"errors":[{"title":"T"}]}"#,
        ] {
            assert_eq!(claimed_ids(body.as_bytes()), None, "{body}");
        }
    }
}
