//! Values and their differences, in words.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{Style, safe_text};
use crate::plan::Change;

/// The longest text that is shown on one line.
const SHORT: usize = 80;
/// The longest text that is shown at all.
const LONG: usize = 4000;

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

/// A change below a template, each line indented.
pub(super) fn change(change: &Change, style: Style, text: &mut String) {
    let path = safe_text(&change.path.to_string());
    if let (Some(Value::String(before)), Some(Value::String(after))) = (&change.before, &change.after)
        && (before.lines().count() > 1 || after.lines().count() > 1)
    {
        long_change(&path, before, after, style, text);
        return;
    }
    let (sign, words) = match (&change.before, &change.after) {
        (None, after) => ('+', short(after.as_ref())),
        (before, None) => ('-', format!("{} → (nothing)", short(before.as_ref()))),
        (before, after) => ('~', both(before.as_ref(), after.as_ref())),
    };
    text.push_str(&format!("      {} {path}: {words}\n", style.signed(sign, &sign.to_string())));
}

/// Both values on one line. Two texts that look alike when they are cut are shown whole.
fn both(before: Option<&Value>, after: Option<&Value>) -> String {
    let (old, new) = (short(before), short(after));
    if old == new {
        let whole =
            |value: Option<&Value>| value.map(|value| safe_text(&value.to_string())).unwrap_or_default();
        return format!("{} → {}", whole(before), whole(after));
    }
    match (before.and_then(Value::as_i64), after.and_then(Value::as_i64)) {
        (Some(from), Some(to)) => format!("{old} → {new} ({:+})", i128::from(to) - i128::from(from)),
        _ => format!("{old} → {new}"),
    }
}

/// A text of several lines as a line diff with its surroundings.
fn long_change(path: &str, before: &str, after: &str, style: Style, text: &mut String) {
    let sign = style.signed('~', "~");
    if before.len().max(after.len()) > LONG * 20 {
        text.push_str(&format!("      {sign} {path}: {} bytes → {} bytes\n", before.len(), after.len()));
        return;
    }
    if before.replace("\r\n", "\n") == after.replace("\r\n", "\n") {
        text.push_str(&format!("      {sign} {path}: only the line endings change\n"));
        return;
    }
    text.push_str(&format!("      {sign} {path}:\n"));
    let diff = TextDiff::from_lines(before, after);
    for (position, group) in diff.grouped_ops(2).iter().enumerate() {
        if position > 0 {
            text.push_str("          …\n");
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let line = safe_text(change.value().trim_end_matches('\n'));
            let line = format!("{sign} {}", cut(&line));
            let shown = if sign == ' ' { line } else { style.signed(sign, &line) };
            text.push_str(&format!("          {}\n", shown.trim_end()));
        }
    }
}

fn cut(line: &str) -> String {
    const LONGEST: usize = 160;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} characters)", &line[..end], line.chars().count()),
        None => line.to_owned(),
    }
}
