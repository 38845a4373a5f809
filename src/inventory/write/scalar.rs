//! Writes texts as YAML scalars that every parser reads back as they were. What could be taken for something else is put
//! into quotes, and what people could not see is escaped.

use serde_json::Value;

use crate::model::{is_odd_blank, is_unseen};

/// Words that YAML 1.1 or 1.2 reads as a boolean or null when they are not quoted.
const NOT_TEXT: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];

/// A text as the value of a member of a block mapping; the lines of a text of several lines are indented by this many
/// spaces. The characters `${` are escaped, because they begin a variable.
pub(super) fn block(text: &str, indent: usize) -> String {
    let text = text.replace("${", "$${");
    if let Some(literal) = literal(&text, indent) {
        return literal;
    }
    if is_plain(&text) { text } else { quoted(&text) }
}

/// A value as that of a member of a block mapping, if it needs no more than one line.
pub fn one_line(value: &Value) -> Option<String> {
    match value {
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(text) if !text.contains('\n') => Some(block(text, 0)),
        _ => None,
    }
}

/// A text inside of `{ }` or `[ ]`.
pub(super) fn flow(text: &str) -> String {
    let text = text.replace("${", "$${");
    if is_plain(&text) && !text.contains(['{', '}', '[', ']', ',']) { text } else { quoted(&text) }
}

/// A text as the name of a member, in which no variable is looked for.
pub(super) fn name(text: &str) -> String {
    if is_plain(text) && !text.contains(['{', '}', '[', ']', ',', ':']) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A reference to a variable as the value of a member of a block mapping.
pub(super) fn variable(name: &str) -> String {
    let written = reference(name);
    if name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)) { written } else { quoted(&written) }
}

/// A reference to a variable inside of `{ }`.
pub(super) fn variable_in_flow(name: &str) -> String {
    quoted(&reference(name))
}

fn reference(name: &str) -> String {
    format!("${{var.{name}}}")
}

fn is_plain(text: &str) -> bool {
    let is_id = || text.len() == 36 && uuid::Uuid::try_parse(text).is_ok();
    let is_sign = |c: char| !is_printed(c) || c == '\t' || c == '\n';
    (text.starts_with(char::is_alphabetic) || is_id())
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(is_sign)
        && !NOT_TEXT.contains(&text.to_lowercase().as_str())
}

/// Whether YAML allows the character outside of escapes, and people see it.
fn is_printed(c: char) -> bool {
    let is_allowed = matches!(c, '\t' | '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    // An ideographic space is visible between the letters it is used with.
    is_allowed && (c == '\u{3000}' || !is_odd_blank(c)) && !is_unseen(c)
}

/// A text of several lines with `|`; `None` if it would not be read back as it is, or only by luck.
fn literal(text: &str, indent: usize) -> Option<String> {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    let is_whole = |line: &str| line.is_empty() || !line.trim().is_empty() && !line.starts_with('\t');
    let is_fine = text.contains('\n')
        && !lines.is_empty()
        && !lines.starts_with([' ', '\t', '\n'])
        // A text that ends with empty lines would take those that separate it from what follows.
        && !lines.ends_with('\n')
        && text.chars().all(is_printed)
        && lines.split('\n').all(is_whole);
    if !is_fine {
        return None;
    }
    let mut written = String::from(if text.ends_with('\n') { "|" } else { "|-" });
    for line in lines.split('\n') {
        written.push('\n');
        if !line.is_empty() {
            written.extend(std::iter::repeat_n(' ', indent));
            written.push_str(line);
        }
    }
    Some(written)
}

fn quoted(text: &str) -> String {
    let mut written = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            c if is_printed(c) => written.push(c),
            c if u32::from(c) <= 0xffff => written.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => written.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_written_as_people_do() {
        for (text, expected) in [
            ("Cloud 101 – Foundations", "Cloud 101 – Foundations"),
            ("データ分析（基礎）", "データ分析（基礎）"),
            ("https://cdn.example.com/a.png?b=1#c", "https://cdn.example.com/a.png?b=1#c"),
            ("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"),
            ("#1a2b3c", "\"#1a2b3c\""),
            ("2027-12-31", "\"2027-12-31\""),
            ("Gifts: Where the Line Is", "\"Gifts: Where the Line Is\""),
            ("C #1", "\"C #1\""),
            ("Say \"yes\"", "Say \"yes\""),
            ("\"Yes\"", "\"\\\"Yes\\\"\""),
            ("yes", "\"yes\""),
            ("Null", "\"Null\""),
            ("365", "\"365\""),
            (" leading", "\" leading\""),
            ("- dash", "\"- dash\""),
            ("costs ${5}", "costs $${5}"),
            ("a\u{a0}b\u{200b}", "\"a\\u00a0b\\u200b\""),
            ("a\nb\n", "|\n  a\n  b"),
            ("a\n\n  b", "|-\n  a\n\n    b"),
            ("a\n\n", "\"a\\n\\n\""),
        ] {
            assert_eq!(block(text, 2), expected, "{text:?}");
        }
        assert_eq!(flow("a, b"), "\"a, b\"");
        assert_eq!(variable_in_flow("field_x"), "\"${var.field_x}\"");
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "${",
                "$",
                "}",
                "$$",
                ": ",
                " #",
                "#",
                "- ",
                "\n",
                "\r\n",
                "\t",
                " ",
                "  ",
                "'",
                "\"",
                "\\",
                "|",
                ">",
                "&a",
                "*a",
                "!t",
                "%",
                "@",
                "`",
                "? ",
                "---",
                "...",
                "<<<<<<< a",
                "=======",
                "null",
                "yes",
                "1e3",
                "0x1f",
                "~",
                "[",
                "{",
                ",",
                "\u{85}",
                "\u{2028}",
                "\u{feff}",
                "é",
                "日",
                "a",
                "B",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn texts_are_read_back_as_they_were(text in hostile()) {
            let expected = text.replace("${", "$${");
            let document = format!("a:\n  b: {}\n\n  c: {{ d: {} }}\n", block(&text, 4), flow(&text));
            let read: serde_yaml::Value = serde_yaml::from_str(&document).unwrap();
            prop_assert_eq!(read["a"]["b"].as_str(), Some(expected.as_str()), "{}", document);
            prop_assert_eq!(read["a"]["c"]["d"].as_str(), Some(expected.as_str()), "{}", document);
        }
    }
}
