//! Values and their differences, in words.

use serde_json::Value;

use super::columns::{beginning, columns};
use super::review::Size;
use super::safe_text;
use super::safe_text::{is_right_to_left, numbered};

/// The longest text that is shown on one line, in columns.
const SHORT: usize = 80;
/// The longest that is shown of a value where the beginning does not tell it from another.
const WHOLE: usize = 400;

/// A value on one line.
pub(super) fn short(value: Option<&Value>) -> String {
    match value {
        None => "(nothing)".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) => short_text(text),
        Some(Value::Array(items)) if items.len() > 3 => format!("({} entries)", items.len()),
        Some(other) => {
            let text = safe_text(&other.to_string());
            if columns(&text) > SHORT { format!("({} bytes of data)", text.len()) } else { text }
        }
    }
}

fn short_text(text: &str) -> String {
    let lines = text.lines().count();
    if lines > 1 {
        format!("({lines} lines)")
    } else if text.len() > SHORT && columns(text) > SHORT {
        // The word before the number keeps it in its place behind letters that are written from right to left.
        let beginning = safe_text(beginning(text, SHORT - 20));
        format!("\"{beginning}…\" (of {} characters)", text.chars().count())
    } else {
        format!("\"{}\"", safe_text(text))
    }
}

/// Both values on one line. Two that look alike when they are cut are shown whole, or by size and digest.
pub(super) fn both(before: Option<&Value>, after: Option<&Value>) -> String {
    let (mut old, mut new) = (short(before), short(after));
    if old == new {
        (old, new) = (whole(before), whole(after));
    }
    if is_right_to_left(&old) && is_right_to_left(&new) {
        // A terminal would show the second before the first.
        (old, new) = (numbered(&old), numbered(&new));
    }
    format!("{old} → {new}")
}

fn whole(value: Option<&Value>) -> String {
    let text = value.map(Value::to_string).unwrap_or_default();
    if text.len() > WHOLE { size(&Size::of(&text)) } else { safe_text(&text) }
}

/// A text that is not shown.
pub(super) fn size(size: &Size) -> String {
    let lines = if size.lines == 1 { "1 line".to_owned() } else { format!("{} lines", size.lines) };
    format!("{lines}, {} bytes, {}", size.bytes, size.digest)
}
