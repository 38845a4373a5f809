//! JSON in which a member must not appear twice. RFC 8259 section 4 leaves the meaning of duplicates open, and parsers
//! take the last value: in a server's answer, that may be the wrong one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Parses a document. A leading byte order mark is ignored (RFC 8259 section 8.1).
pub(super) fn parse(body: &[u8]) -> Result<Value, serde_json::Error> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    serde_json::from_slice::<Strict>(body).map(|Strict(value)| value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("the member {name:?} appears twice")));
            }
            let Strict(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_must_not_appear_twice() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"{"b":[{"a":1,"a":2}]}"#] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("the member \"a\" appears twice"), "{error}");
        }
        assert_eq!(parse(br#"{"a":{"a":1},"b":[{"a":2},{"a":3}]}"#).unwrap()["b"][1]["a"], 3);
    }

    #[test]
    fn byte_order_marks_are_ignored() {
        assert_eq!(parse(b"\xef\xbb\xbf{\"a\":1.5}").unwrap(), json!({"a": 1.5}));
    }

    proptest::proptest! {
        /// What this parser accepts, the standard parser reads as the same value, without a byte order mark.
        #[test]
        fn other_documents_are_read_as_usual(text in "[\\[\\]{}:,\"a-c0-9.e\\- ]{0,40}|.{0,20}") {
            if let Ok(strict) = parse(text.as_bytes()) {
                let usual = serde_json::from_str::<Value>(text.strip_prefix('\u{feff}').unwrap_or(&text));
                proptest::prop_assert_eq!(usual.ok(), Some(strict));
            }
        }
    }
}
