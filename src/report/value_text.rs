//! Values and their differences, in words.

use serde_json::Value;

use super::safe_text;

/// The longest text that is shown on one line.
const SHORT: usize = 80;

/// A value on one line.
pub(super) fn short(value: Option<&Value>) -> String {
    match value {
        None => "(nothing)".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) => short_text(text),
        Some(Value::Array(items)) if items.len() > 3 => format!("({} entries)", items.len()),
        Some(other) => {
            let text = safe_text(&other.to_string());
            if text.chars().count() > SHORT { format!("({} bytes of data)", text.len()) } else { text }
        }
    }
}

fn short_text(text: &str) -> String {
    let lines = text.lines().count();
    if lines > 1 {
        format!("({lines} lines)")
    } else if text.chars().count() > SHORT {
        let beginning: String = text.chars().take(SHORT - 20).collect();
        format!("\"{}…\" ({} characters)", safe_text(&beginning), text.chars().count())
    } else {
        format!("\"{}\"", safe_text(text))
    }
}

/// Both values on one line. Two texts that look alike when they are cut are shown whole.
pub(super) fn both(before: Option<&Value>, after: Option<&Value>) -> String {
    let (old, new) = (short(before), short(after));
    if old == new {
        let whole =
            |value: Option<&Value>| value.map(|value| safe_text(&value.to_string())).unwrap_or_default();
        return format!("{} → {}", whole(before), whole(after));
    }
    format!("{old} → {new}")
}
