//! Text of others on our terminal: nothing in a template can command it or forge a line of output.

/// The text on one line: line breaks, escapes, control and direction characters are shown and not sent.
pub fn safe_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if is_unsafe(c) => safe.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}

/// The text with its line breaks kept and all else as in [`safe_text`].
pub fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe_text).collect::<Vec<_>>().join("\n")
}

/// Control characters, and those that change the direction of the text around them (UAX 9).
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_not_sent() {
        assert_eq!(safe_text("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb\\nc\\u{202e}");
        assert_eq!(safe_lines("eins\nzwö \u{7}"), "eins\nzwö \\u{7}");
    }

    proptest::proptest! {
        #[test]
        fn one_line_stays_one_line(text: String) {
            proptest::prop_assert!(!safe_text(&text).chars().any(char::is_control));
        }
    }
}
