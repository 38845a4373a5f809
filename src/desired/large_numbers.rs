//! Numbers beyond the range of JSON. The parser reads `1e400` as a text, and an integer of fifty digits as one that
//! ends in zeros. They are replaced by infinity, padded to the same length, so that the parser rejects them at
//! their place.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::marked_text::marked_text;
use super::offsets::Offsets;

/// The length of the shortest one: `1e309`.
const SHORTEST: usize = 5;
/// Integers with more digits do not fit into 128 bits.
const MOST_DIGITS: usize = 38;
const INFINITY: &str = ".inf";

/// Replaces such numbers; every other character keeps its offset.
pub(super) fn disguised(text: &str) -> Cow<'_, str> {
    if !words(text).any(is_large) {
        return Cow::Borrowed(text);
    }
    let (marked, offsets) = (marked_text(text), Offsets::of(text));
    let mut disguised = text.to_owned();
    for event in Parser::new_from_str(&marked) {
        let Ok((event, span)) = event else { break };
        let Event::Scalar(value, ScalarStyle::Plain, ..) = event else { continue };
        let start = offsets.byte(text, span.start.index());
        let range = start..start + value.len();
        let is_name =
            || text.get(range.end..).is_some_and(|rest| rest.trim_start_matches(' ').starts_with(':'));
        if is_large(&value) && text.get(range.clone()) == Some(&*value) && !is_name() {
            disguised.replace_range(range, &format!("{INFINITY:<width$}", width = value.len()));
        }
    }
    Cow::Owned(disguised)
}

/// The words of a text that may be numbers.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._".contains(byte);
    text.as_bytes()
        .split(move |byte| !is_part(byte))
        .filter(|word| word.len() >= SHORTEST)
        .filter_map(|word| std::str::from_utf8(word).ok())
}

fn is_large(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return unsigned.len() > MOST_DIGITS;
    }
    unsigned.contains(['e', 'E']) && unsigned.parse().is_ok_and(f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_all_bounds_are_infinite() {
        for (text, expected) in [
            ("a: 1e400\nb: x", "a: .inf \nb: x"),
            ("a: [-1e400, 1.0E+999]", "a: [.inf  , .inf    ]"),
            (&format!("é: {}", "1".repeat(50)), &format!("é: .inf{}", " ".repeat(46))),
        ] {
            assert_eq!(disguised(text), expected);
        }
    }

    #[test]
    fn what_is_written_otherwise_stays() {
        for text in [
            "a: \"1e400\"",
            "a: |\n  1e400",
            "1e400: b",
            "a: 1e308",
            "a: 1e400 miles",
            "a: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01",
            "a: # 1e400",
            "a: infinity",
        ] {
            assert_eq!(disguised(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_changes_its_length(text in "[a: 1e0\\[\\]\"'#\n,.é-]{0,40}") {
            let text = format!("x: 1e400\n{text}");
            proptest::prop_assert_eq!(disguised(&text).len(), text.len());
        }
    }
}
