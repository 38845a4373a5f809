//! Makes texts of others safe for the terminal: they cannot control it, forge a line of output, or hide. Every text
//! report passes them through here.

use unicode_width::UnicodeWidthChar as _;

use crate::model::is_unseen;

/// The limit of marks on one letter: more than any language uses, and too few to reach into other lines.
pub(super) const MAX_MARKS: usize = 8;

/// The text on one line: line breaks, escapes, control and direction characters and invisible characters are
/// replaced by their code points. Right-to-left letters are kept without isolating characters, which many terminals
/// show as boxes; so no text may come before another on one line where their order matters.
pub fn safe_text(text: &str) -> String {
    shown(text, |_| None)
}

/// Like [`safe_text`], but keeps line breaks.
pub fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe_text).collect::<Vec<_>>().join("\n")
}

/// Like [`safe_text`], for differences that are otherwise invisible: a space becomes `·`, and every character
/// outside of ASCII becomes its code point.
pub(super) fn revealed(text: &str) -> String {
    shown(text, |c| match c {
        ' ' => Some("·".to_owned()),
        c if c.is_ascii_graphic() => None,
        c => Some(number(c)),
    })
}

/// The text with right-to-left letters as code points, for lines with two such texts.
pub(super) fn numbered(text: &str) -> String {
    shown(text, |c| is_right_to_left_letter(c).then(|| number(c)))
}

fn shown(text: &str, special: impl Fn(char) -> Option<String>) -> String {
    let mut safe = String::with_capacity(text.len());
    // A mark at the beginning would combine with a character of certctl's own text.
    let mut marks = MAX_MARKS;
    for c in text.chars() {
        let mark = c.width() == Some(0);
        marks = if mark { marks.saturating_add(1) } else { 0 };
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if is_unsafe(c) || mark && marks > MAX_MARKS => safe.push_str(&number(c)),
            c => match special(c) {
                Some(picture) => safe.push_str(&picture),
                None => safe.push(c),
            },
        }
    }
    safe
}

fn number(c: char) -> String {
    format!("\\u{{{:x}}}", u32::from(c))
}

/// Control characters, characters that change the direction of the text around them (UAX 9), and invisible ones.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
        || is_unseen(c) && !is_joiner(c)
}

/// Joiners: they compose emoji, and Persian and Indian scripts need them between letters.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Whether a text contains right-to-left letters.
pub(super) fn is_right_to_left(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_right_to_left_letter)
}

/// Hebrew, Arabic and related scripts.
fn is_right_to_left_letter(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_not_sent() {
        assert_eq!(safe_text("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb\\nc\\u{202e}");
        assert_eq!(safe_lines("eins\nzwö \u{7}"), "eins\nzwö \\u{7}");
    }

    #[test]
    fn nothing_hides_in_a_text() {
        assert_eq!(safe_text("a\u{200b}b\u{feff}c\u{ad}"), "a\\u{200b}b\\u{feff}c\\u{ad}");
        // Letters of the tag block spell words that only programs read.
        assert_eq!(safe_text("x\u{e0041}"), "x\\u{e0041}");
        // Emoji and Persian need their joiners; where joiners are the difference, they are shown.
        assert_eq!(safe_text("👩\u{200d}💻"), "👩\u{200d}💻");
        assert_eq!(revealed("a\u{200d} b\u{a0}"), "a\\u{200d}·b\\u{a0}");
    }

    #[test]
    fn marks_stay_on_their_letter() {
        assert_eq!(safe_text("e\u{301}"), "e\u{301}");
        assert_eq!(safe_text("\u{301}e"), "\\u{301}e");
        let tower = safe_text(&format!("e{}", "\u{301}".repeat(100)));
        assert_eq!(tower.matches('\u{301}').count(), MAX_MARKS);
    }

    proptest::proptest! {
        #[test]
        fn one_line_stays_one_line(text: String) {
            let hidden = |c: char| c.is_control() || is_unsafe(c);
            proptest::prop_assert!(!safe_text(&text).chars().any(hidden));
            proptest::prop_assert!(!revealed(&text).chars().any(|c| hidden(c) || is_joiner(c)));
        }
    }
}
