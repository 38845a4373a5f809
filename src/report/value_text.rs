//! Prints values and their differences in words.

use serde_json::Value;

use super::columns::{beginning, columns};
use super::safe_text;
use super::safe_text::{is_right_to_left, numbered, revealed};
use crate::model::Attributes;
use crate::view::{ChangedValue, LabelChange, TextSize, Unseen};

/// The limit of a text on one line, in columns.
const SHORT: usize = 80;
/// The limit of a value whose beginning does not distinguish it from another, in bytes.
const WHOLE: usize = 400;

/// A value on one line.
pub(super) fn short(value: Option<&Value>) -> String {
    match value {
        None => "(nothing)".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) => short_text(text),
        Some(Value::Array(items)) if items.len() > 3 => count(items.len(), "entry", "entries"),
        Some(other) => {
            let text = safe_text(&other.to_string());
            match other {
                _ if columns(&text) <= SHORT => text,
                Value::Array(items) => count(items.len(), "entry", "entries"),
                Value::Object(members) => count(members.len(), "member", "members"),
                _ => format!("({} characters)", text.chars().count()),
            }
        }
    }
}

/// The value of an attribute on one line; for labels, their number.
pub(super) fn of_attribute(name: &str, value: Option<&Value>) -> String {
    match value {
        Some(Value::Array(labels)) if name == Attributes::LABELS && labels.len() == 1 => "1 label".to_owned(),
        Some(Value::Array(labels)) if name == Attributes::LABELS => format!("{} labels", labels.len()),
        value => short(value),
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("(1 {one})") } else { format!("({number} {many})") }
}

/// A text on one line, in quotes.
pub(super) fn short_text(text: &str) -> String {
    let lines = text.lines().count();
    if lines > 1 {
        format!("({lines} lines)")
    } else if text.len() > SHORT && columns(text) > SHORT {
        // The word before the number keeps it in place after right-to-left letters.
        let beginning = safe_text(beginning(text, SHORT - 20));
        format!("\"{beginning}…\" (of {} characters)", text.chars().count())
    } else {
        format!("\"{}\"", safe_text(text))
    }
}

/// Both values on one line. If they look the same when cut, they are shown in full, or by size and digest.
pub(super) fn both(before: Option<&Value>, after: Option<&Value>) -> String {
    let (mut old, mut new) = (short(before), short(after));
    if old == new {
        (old, new) = (whole(before), whole(after));
    }
    if let (Some(Value::String(before)), Some(Value::String(after))) = (before, after)
        && let Some(unseen) = Unseen::between(before, after)
        && before.len().max(after.len()) <= WHOLE
    {
        return format!("\"{}\" → \"{}\" ({})", revealed(before), revealed(after), unseen.words());
    }
    if is_right_to_left(&old) && is_right_to_left(&new) {
        // A terminal would show the second text before the first.
        (old, new) = (numbered(&old), numbered(&new));
    }
    format!("{old} → {new}")
}

/// The sign of a changed value, and both sides with their meaning.
pub(super) fn changed(value: &ChangedValue) -> (char, String) {
    let (before, after) = (value.before.as_ref(), value.after.as_ref());
    let (sign, words) = match (before, after) {
        (None, after) => ('+', short(after)),
        (before, None) => ('-', format!("{} → {}", short(before), short(None))),
        (before, after) => ('~', both(before, after)),
    };
    let meaning = value.meaning.as_ref().map(|meaning| format!(", {meaning}"));
    (sign, words + &meaning.unwrap_or_default())
}

/// What happened to a label, and its members; `name` writes their names.
pub(super) fn label(label: &LabelChange, name: fn(&str) -> String) -> String {
    let member = |member: &ChangedValue| {
        let words = match (&member.before, label.sign) {
            (before @ Some(_), '-') => short(before.as_ref()),
            _ => changed(member).1,
        };
        format!("{}: {words}", name(&member.name))
    };
    let members: Vec<String> = label.members.iter().map(member).collect();
    format!("{}: {}", label.what, members.join("; "))
}

fn whole(value: Option<&Value>) -> String {
    let text = value.map(Value::to_string).unwrap_or_default();
    if text.len() > WHOLE { size(&TextSize::of(&text)) } else { safe_text(&text) }
}

/// The size and digest of a text that is not shown.
pub(super) fn size(size: &TextSize) -> String {
    let lines = if size.lines == 1 { "1 line".to_owned() } else { format!("{} lines", size.lines) };
    format!("{lines}, {} bytes, {}", size.bytes, size.digest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_text_shows_beginning_and_length() {
        let text = short(Some(&json!("資".repeat(100))));
        assert_eq!(text, format!("\"{}…\" (of 100 characters)", "資".repeat(30)));
    }

    #[test]
    fn long_lists_and_structures_are_counted() {
        let label = json!({"certificateFieldId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01", "x": 1, "y": 2, "fontSize": 12});
        let labels = json!([label, label]);
        assert_eq!(of_attribute("labels", Some(&labels)), "2 labels");
        assert_eq!(of_attribute("labels", Some(&json!([label]))), "1 label");
        assert_eq!(of_attribute("others", Some(&labels)), "(2 entries)");
        assert_eq!(short(Some(&label)), "(4 members)");
        assert_eq!(of_attribute("title", None), "(nothing)");
    }

    #[test]
    fn values_with_equal_beginnings_are_distinguishable() {
        let list = |last: &str| json!(["a", "b", "c", last]);
        assert_eq!(both(Some(&list("d")), Some(&list("e"))), r#"["a","b","c","d"] → ["a","b","c","e"]"#);
        let huge = |last: &str| json!(vec![last; 1000]);
        let text = both(Some(&huge("x")), Some(&huge("y")));
        assert_eq!(text.matches("1 line, 4001 bytes, sha256:").count(), 2, "{text}");
    }

    #[test]
    fn texts_that_look_alike_are_distinguishable() {
        let text = both(Some(&json!("Caf\u{e9} A")), Some(&json!("Cafe\u{301} A")));
        assert_eq!(
            text,
            "\"Caf\\u{e9}·A\" → \"Cafe\\u{301}·A\" (only the way differs in which accents are written)"
        );
    }

    #[test]
    fn right_to_left_texts_keep_their_order() {
        let text = both(Some(&json!("א")), Some(&json!("ב")));
        assert_eq!(text, "\"\\u{5d0}\" → \"\\u{5d1}\"");
        assert_eq!(both(Some(&json!("a")), Some(&json!("ב"))), "\"a\" → \"ב\"");
    }
}
