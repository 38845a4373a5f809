//! Limits how deeply a server's or a user's values are nested.
//!
//! A JSON parser stops at some depth, and the state nests a value deeper than the journal does. Without a limit, a value
//! that just fits into the journal would make a state that no command can read.

use serde_json::Value;

/// Maximum depth: far more than anyone writes, and far below the parser's limit.
pub(super) const MAX_DEPTH: usize = 100;

/// Whether a value is nested too deeply for the state.
pub fn is_too_deep(value: &Value) -> bool {
    depth(value) > MAX_DEPTH
}

/// The value, or its JSON text if it is nested too deeply.
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
    fn only_deep_values_become_text() {
        assert_eq!(shallow(nested(MAX_DEPTH)), nested(MAX_DEPTH));
        let deep = nested(MAX_DEPTH + 1);
        assert_eq!(shallow(deep.clone()), Value::String(deep.to_string()));
        assert_eq!(shallow(serde_json::json!({"a": [1, "[[["]})), serde_json::json!({"a": [1, "[[["]}));
    }
}
