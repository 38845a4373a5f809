//! Finds out whether the body of a rejection reports changes after all. [`retry`](super::retry) asks this before it
//! believes a rejection.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::undocumented_errors::is_present;
use crate::model::TemplateId;

/// The created ids that a body names, if it reports any change, at any depth; `None` if it reports no change.
pub fn claimed_ids(body: &[u8]) -> Option<Vec<TemplateId>> {
    let text = String::from_utf8_lossy(body);
    let mut json = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let mut scanner = ClaimScanner::default();
    // A truncated document counts up to where it ends, and some servers send several documents.
    while scanner.deserialize(&mut json).is_ok() {}
    scanner.reports_change.then(|| {
        scanner.ids.sort();
        scanner.ids.dedup();
        scanner.ids
    })
}

/// Collects while the body is parsed: a parsed document keeps only the last of two values of a member, and either may be
/// right.
#[derive(Default)]
struct ClaimScanner {
    reports_change: bool,
    ids: Vec<TemplateId>,
}

impl ClaimScanner {
    fn member<'de, M: MapAccess<'de>>(&mut self, name: &str, members: &mut M) -> Result<(), M::Error> {
        if !["createdCount", "updatedCount", "backgroundJob", "createdIds"].contains(&name) {
            return members.next_value_seed(&mut *self);
        }
        // A value that cannot be read may report anything.
        let value = members.next_value::<Value>().inspect_err(|_| self.reports_change = true)?;
        self.reports_change |= is_present(&value);
        if name == "createdIds" {
            let ids = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            self.ids.extend(ids.filter_map(TemplateId::from_server));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut ClaimScanner {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut ClaimScanner {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            self.member(&name, &mut members)?;
        }
        Ok(())
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
            "null",
            r#"{"message":"createdCount: 1"}"#,
            r#"{"message":"no","message":"no","createdCount":0,"createdCount":null}"#,
            r#"{"createdCount":0,"updatedCount":null,"createdIds":[],"backgroundJob":null,"errors":[{"title":"T"}]}"#,
        ] {
            assert_eq!(claimed_ids(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn both_values_of_a_duplicate_count() {
        for body in [
            r#"{"createdCount":1,"createdCount":0}"#,
            r#"{"createdCount":0,"createdCount":1}"#,
            r#"{"data":{"createdCount":1},"data":null}"#,
            r#"{"backgroundJob":{"id":"7"},"createdCount":0,"backgroundJob":null}"#,
            "\u{feff}{\"updatedCount\":1,\"updatedCount\":0}",
        ] {
            assert_eq!(claimed_ids(body.as_bytes()), Some(Vec::new()), "{body}");
        }
        let [one, two] = ["8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02"];
        let body = format!(r#"{{"createdIds":["{two}","{one}"],"createdIds":["{one}"],"createdIds":[]}}"#);
        let ids = claimed_ids(body.as_bytes()).unwrap();
        assert_eq!(ids.iter().map(TemplateId::as_str).collect::<Vec<_>>(), [one, two]);
    }

    /// Truncated bodies, bodies with trailing text, and bodies that are not UTF-8.
    #[test]
    fn broken_json_counts_too() {
        for body in [
            r#"{"createdCount":1,"errors":[{"title":"T"#,
            r#"{"createdCount":"#,
            r#"{"createdCount":0,"createdIds":["8f14"#,
            r#"{"createdCount":1}</html>"#,
            "{\"createdCount\":0}\n{\"createdCount\":1}",
        ] {
            assert_eq!(claimed_ids(body.as_bytes()), Some(Vec::new()), "{body}");
        }
        assert_eq!(claimed_ids(b"{\"message\":\"Gr\xf6\xdfe\",\"createdCount\":1}"), Some(Vec::new()));
        for body in [r#"{"createdCount":0,"message":"#, r#"{"createdCount":0}</html>"#, "1 2 x"] {
            assert_eq!(claimed_ids(body.as_bytes()), None, "{body}");
        }
    }
}
