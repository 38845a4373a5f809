//! Values of others, nested no deeper than every file of ours can hold.
//!
//! A JSON parser stops at some depth, and a value stands deeper in one file than in another. A value that the journal
//! can just hold would make a state that no command could read any more.

use serde_json::Value;

/// How deep a value may be nested: far deeper than anybody writes, and far from where the parser stops.
pub(super) const DEEPEST: usize = 100;

/// Whether a value is nested deeper than it may be.
pub fn is_too_deep(value: &Value) -> bool {
    depth(value) > DEEPEST
}

/// The value; one that is nested too deeply as its JSON text.
pub fn shallow(value: Value) -> Value {
    if is_too_deep(&value) { Value::String(value.to_string()) } else { value }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Value {
        (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner]))
    }

    #[test]
    fn only_what_is_too_deep_becomes_text() {
        assert_eq!(shallow(nested(DEEPEST)), nested(DEEPEST));
        let deep = nested(DEEPEST + 1);
        assert_eq!(shallow(deep.clone()), Value::String(deep.to_string()));
        assert_eq!(shallow(serde_json::json!({"a": [1, "[[["]})), serde_json::json!({"a": [1, "[[["]}));
    }
}
