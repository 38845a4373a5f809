//! Numbers beyond the range of JSON. The parser reads `1e400` as a text, and an integer of fifty digits as one that
//! ends in zeros. They are replaced by infinity, padded to the same length, so that the parser rejects them at
//! their place.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::marked_text::marked_text;
use super::offsets::Offsets;

/// Integers with more digits do not fit into 128 bits.
const MAX_DIGITS: usize = 38;
const INFINITY: &str = ".inf";

/// Replaces such numbers; every other character keeps its offset.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    if !has_any(text) {
        return Cow::Borrowed(text);
    }
    let (marked, offsets) = (marked_text(text), Offsets::of(text));
    let mut masked = text.to_owned();
    for event in Parser::new_from_str(&marked) {
        let Ok((event, span)) = event else { break };
        let Event::Scalar(value, ScalarStyle::Plain, ..) = event else { continue };
        let start = offsets.byte(text, span.start.index());
        let range = start..start + value.len();
        let is_name =
            || text.get(range.end..).is_some_and(|rest| rest.trim_start_matches(' ').starts_with(':'));
        if is_large(&value) && text.get(range.clone()) == Some(&*value) && !is_name() {
            masked.replace_range(range, &format!("{INFINITY:<width$}", width = value.len()));
        }
    }
    Cow::Owned(masked)
}

/// Whether a text contains such a number. Few texts do, so only positions that a large number must have are examined:
/// a digit at every 39th byte, or an `e` after a digit or a point.
fn has_any(text: &str) -> bool {
    /// Bytes examined at once.
    const BLOCK: usize = 64;
    let bytes = text.as_bytes();
    let mut words = ScalarWords { bytes, seen: 0 };
    let digits = (0..bytes.len()).step_by(MAX_DIGITS + 1).filter(|at| bytes[*at].is_ascii_digit());
    if digits.into_iter().any(|at| is_large(words.at(at))) {
        return true;
    }
    let is_exponent =
        |before: u8, sign: u8| sign | 0x20 == b'e' && (before.is_ascii_digit() || before == b'.');
    let mut words = ScalarWords { bytes, seen: 0 };
    (0..bytes.len()).step_by(BLOCK).any(|start| {
        // Includes the first byte of the next block.
        let block = &bytes[start..bytes.len().min(start + BLOCK + 1)];
        let mut pairs = block.iter().zip(&block[1..]);
        let found = |found, (before, sign): (&u8, &u8)| found | u8::from(is_exponent(*before, *sign));
        pairs.clone().fold(0, found) != 0
            && (0..)
                .zip(&mut pairs)
                .any(|(at, (before, sign))| is_exponent(*before, *sign) && is_large(words.at(start + at)))
    })
}

/// Finds the words of a text from beginning to end, each once.
struct ScalarWords<'t> {
    bytes: &'t [u8],
    /// The end of the last word found, in bytes.
    seen: usize,
}

impl<'t> ScalarWords<'t> {
    /// The word around this byte; empty if it was found before.
    fn at(&mut self, at: usize) -> &'t str {
        if at < self.seen {
            return "";
        }
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._".contains(byte);
        let before = self.bytes[self.seen..at].iter().rposition(|byte| !is_part(byte));
        let start = before.map_or(self.seen, |before| self.seen + before + 1);
        let rest = self.bytes[at..].iter().position(|byte| !is_part(byte));
        self.seen = rest.map_or(self.bytes.len(), |length| at + length);
        std::str::from_utf8(&self.bytes[start..self.seen]).unwrap_or_default()
    }
}

fn is_large(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return unsigned.len() > MAX_DIGITS;
    }
    unsigned.contains(['e', 'E']) && unsigned.parse().is_ok_and(f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn none_is_overlooked(before in "[a-z0-9 .:\"]{0,90}", digits in 1_usize..60, exponent in "([eE][+-]?[0-9]{1,4})?") {
            let number = format!("{}{exponent}", "9".repeat(digits));
            let text = format!("{before} {number}\n");
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c)));
            proptest::prop_assert_eq!(has_any(&text), words.into_iter().any(is_large), "{}", text);
        }
    }

    #[test]
    fn numbers_beyond_all_bounds_are_infinite() {
        for (text, expected) in [
            ("a: 1e400\nb: x", "a: .inf \nb: x"),
            ("a: [-1e400, 1.0E+999]", "a: [.inf  , .inf    ]"),
            (&format!("é: {}", "1".repeat(50)), &format!("é: .inf{}", " ".repeat(46))),
        ] {
            assert_eq!(masked(text), expected);
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
            assert_eq!(masked(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_changes_its_length(text in "[a: 1e0\\[\\]\"'#\n,.é-]{0,40}") {
            let text = format!("x: 1e400\n{text}");
            proptest::prop_assert_eq!(masked(&text).len(), text.len());
        }
    }
}
