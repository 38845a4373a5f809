//! Surrogate pairs of JSON in YAML files. JSON writes a character beyond U+FFFF as two escapes, `\ud83c\udf93`, and
//! JSON is meant to be valid YAML. The parser rejects them, because one half alone is not a character.
//!
//! Each half is replaced by an escape of the same length, for a private-use character, so that no position moves.
//! The pairs are joined again when the document has been read.

use super::tree::Node;

/// The private-use ranges: high halves begin at U+E000, low halves at U+E400.
const HIGH: std::ops::RangeInclusive<char> = '\u{e000}'..='\u{e3ff}';
const LOW: std::ops::RangeInclusive<char> = '\u{e400}'..='\u{e7ff}';

/// Replaces every pair of halves, without moving any byte. `None` where there is no pair, or where a replacement
/// could be confused with a character already in the text.
pub(super) fn masked(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let (mut at, mut found) = (0, false);
    while let Some(next) = text[at..].find("\\u") {
        at += next;
        let is_pair = half(&text[at..], 0xd8) && text.get(at + 6..).is_some_and(|rest| half(rest, 0xdc));
        // After an odd number of backslashes, the escape is a backslash and a letter.
        let before = text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if is_pair && before % 2 == 0 {
            mask(&mut bytes[at..at + 6]);
            mask(&mut bytes[at + 6..at + 12]);
            found = true;
            at += 12;
        } else {
            at += 2;
        }
    }
    if !found
        || text.chars().any(|c| HIGH.contains(&c) || LOW.contains(&c))
        || text.contains("\\ue")
        || text.contains("\\uE")
    {
        return None;
    }
    String::from_utf8(bytes).ok()
}

/// Whether a text begins with the escape of a half: `\ud8…` to `\udb…` for 0xd8, `\udc…` to `\udf…` for 0xdc.
fn half(text: &str, first: u8) -> bool {
    let digits = text.get(2..6).filter(|_| text.starts_with("\\u"));
    let number = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = number.and_then(|digits| u16::from_str_radix(digits, 16).ok());
    number.is_some_and(|number| (u16::from(first) << 8..(u16::from(first) << 8) + 0x400).contains(&number))
}

/// Turns `\ud83c` into `\ue03c`, and `\udf93` into `\ue793`.
fn mask(escape: &mut [u8]) {
    if let [_, _, d, digit, ..] = escape {
        let value = char::from(*digit).to_digit(16).unwrap_or(8).saturating_sub(8);
        *digit = b'0' + u8::try_from(value).unwrap_or(0);
        *d = if *d == b'D' { b'E' } else { b'e' };
    }
}

/// Joins the replaced halves everywhere in a document.
pub(super) fn unmask(node: &mut Node) {
    match node {
        Node::Text(text) => *text = unmasked(text),
        Node::List(items) => items.iter_mut().for_each(unmask),
        Node::Map(members) => {
            for (name, node) in members {
                *name = unmasked(name);
                unmask(node);
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::NotJson => {}
    }
}

fn unmasked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let low = rest.peek().copied().filter(|low| HIGH.contains(&c) && LOW.contains(low));
        match low.and_then(|low| joined(c, low)) {
            Some(whole) => {
                rest.next();
                shown.push(whole);
            }
            None => shown.push(c),
        }
    }
    // In single quotes or without quotes, the escapes are literal letters.
    if shown.contains("\\ue") || shown.contains("\\uE") { letters(&shown) } else { shown }
}

fn joined(high: char, low: char) -> Option<char> {
    let (high, low) = (u32::from(high) - 0xe000, u32::from(low) - 0xe400);
    char::from_u32(0x1_0000 + (high << 10) + low)
}

fn letters(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (at, _) in text.match_indices("\\u") {
        let Some([_, _, e, digit, ..]) = bytes.get_mut(at..at + 6) else { continue };
        if !matches!(*e, b'e' | b'E') || !(b'0'..=b'7').contains(digit) {
            continue;
        }
        let is_upper = *e == b'E';
        let value = char::from_digit(u32::from(*digit - b'0') + 8, 16).unwrap_or('8');
        let value = if is_upper { value.to_ascii_uppercase() } else { value };
        *digit = u8::try_from(value).unwrap_or(b'8');
        *e = if is_upper { b'D' } else { b'd' };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<Node> {
        let masked = masked(text)?;
        assert_eq!(masked.len(), text.len());
        let mut node = Node::parse(&masked, super::super::alias_limits::Weight::MAX).unwrap();
        unmask(&mut node);
        Some(node)
    }

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    #[test]
    fn two_halves_are_one_character() {
        assert_eq!(read(r#""Done \ud83c\udf93""#), Some(text("Done 🎓")));
        assert_eq!(read(r#""\uD83C\uDF93\ud83c\udf93é""#), Some(text("🎓🎓é")));
        assert_eq!(read(r#""\\\ud83c\udf93""#), Some(text("\\🎓")));
    }

    #[test]
    fn letters_stay_letters() {
        assert_eq!(read(r"'\ud83c\udf93 \uD83C\uDFAB'"), Some(text(r"\ud83c\udf93 \uD83C\uDFAB")));
        for alone in
            [r#""\ud83c""#, r#""\udf93\ud83c""#, r#""\\ud83c\udf93""#, r#""\u00e9""#, r#""a\ud83c\u0041""#]
        {
            assert_eq!(masked(alone), None, "{alone}");
        }
        assert_eq!(masked("\"\\ud83c\\udf93 \u{e000}\""), None);
    }

    proptest! {
        #[test]
        fn json_means_what_it_means_to_json(words in prop::collection::vec("[a-zé😀🎓𝄞\"\\\\\n]{0,6}", 1..4)) {
            let escaped: String = words.concat().encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{escaped}\"");
            let expected: String = serde_json::from_str(&json).unwrap();
            if let Some(node) = read(&json) {
                prop_assert_eq!(node, Node::Text(expected));
            } else {
                prop_assert!(expected.chars().all(|c| u32::from(c) <= 0xffff));
            }
        }
    }
}
