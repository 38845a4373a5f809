//! Writes compact JSON into a text that exists already. Most strings of an estate need no escapes, and are copied as they
//! are; `serde_json` looks at each of their bytes by itself. Canonical values and digests are written with it.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// Bytes examined at once.
const BLOCK: usize = 32;

/// Appends the JSON of a string.
pub(super) fn push_string(json: &mut String, text: &str) {
    if needs_escapes(text) {
        // A string can always be written.
        json.push_str(&serde_json::to_string(text).unwrap_or_default());
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

/// Appends the JSON of a value, with members in the order that they have.
pub(super) fn push_value(json: &mut String, value: &Value) {
    match value {
        Value::String(text) => push_string(json, text),
        Value::Null => json.push_str("null"),
        Value::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => push_number(json, number),
        Value::Array(items) => {
            json.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    json.push(',');
                }
                push_value(json, item);
            }
            json.push(']');
        }
        Value::Object(members) => {
            json.push('{');
            for (position, (name, value)) in members.iter().enumerate() {
                if position > 0 {
                    json.push(',');
                }
                push_string(json, name);
                json.push(':');
                push_value(json, value);
            }
            json.push('}');
        }
    }
}

fn push_number(json: &mut String, number: &Number) {
    let mut digits = itoa::Buffer::new();
    match (number.as_i64(), number.as_u64()) {
        (Some(number), _) => json.push_str(digits.format(number)),
        (None, Some(number)) => json.push_str(digits.format(number)),
        // Writing to a String cannot fail.
        (None, None) => drop(write!(json, "{number}")),
    }
}

/// Whether a string contains a character that JSON cannot contain as it is.
pub(super) fn needs_escapes(text: &str) -> bool {
    let is_escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let found = |found, byte: &u8| found | u8::from(is_escaped(*byte));
    text.as_bytes().chunks(BLOCK).any(|block| block.iter().fold(0, found) != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            Just(Value::from(-0.0)),
            "([a-zé\"\\\\\n\u{1}\u{7f}]{0,9}|.{0,70})".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((".{0,3}", inner), 0..4)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn text_is_that_of_serde_json(value in value()) {
            let mut json = "x".to_owned();
            push_value(&mut json, &value);
            prop_assert_eq!(&json[1..], serde_json::to_string(&value).unwrap());
        }
    }
}
