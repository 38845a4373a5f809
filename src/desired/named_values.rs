//! Splits one line into names and values by its looks, for redaction. The line may not be valid YAML, and its
//! context is unknown.

use super::suspects::COLONS;

/// A name and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamedValue<'l> {
    /// Where the name begins, in bytes of the line.
    pub(super) at: usize,
    pub(super) name: &'l str,
    /// The value, up to the next character that ends one.
    pub(super) value: &'l str,
    /// The line from the value on.
    pub(super) rest: &'l str,
}

/// Line ends to YAML, but not to every editor.
const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Every `name: value` and `name = value` of a line. A comma always ends a value, because the line may be part of a
/// mapping in braces.
pub(super) fn named_values(line: &str) -> impl Iterator<Item = NamedValue<'_>> {
    let mut begin = 0;
    let lines = line.split_inclusive(BREAKS).map(move |one| {
        begin += one.len();
        (begin - one.len(), one.trim_end_matches(BREAKS))
    });
    lines.flat_map(|(begin, one)| {
        pieces(one).into_iter().filter_map(move |(at, piece, rest)| {
            let (lead, name, value) = named(piece)?;
            Some(NamedValue { at: begin + at + lead, name, value, rest })
        })
    })
}

/// The pieces of a line: offset, text, and the rest of the line.
fn pieces(line: &str) -> Vec<(usize, &str, &str)> {
    let (mut pieces, mut begin, mut at) = (Vec::new(), 0, 0);
    while let Some(sign) = line[at..].chars().next() {
        let next = at + sign.len_utf8();
        let (before, behind) = (&line[begin..at], &line[next..]);
        let is_variable = sign == '{' && before.ends_with('$');
        let inside = match sign {
            '"' | '\'' if begins_value(before, begin) => quoted(behind, sign),
            '{' if is_variable => variable(behind),
            _ => None,
        };
        let is_end = match sign {
            ',' | '}' => true,
            '{' => !is_variable,
            '#' => before.is_empty() || before.ends_with(char::is_whitespace),
            _ => false,
        };
        if is_end {
            pieces.push((begin, before, &line[at..]));
            begin = next;
        }
        at = next + inside.unwrap_or(0);
    }
    pieces.push((begin, &line[begin..], ""));
    pieces
}

/// Whether a quote here begins a text. At the beginning of a line, it may also end one.
fn begins_value(before: &str, begin: usize) -> bool {
    let before = before.trim_end();
    before.ends_with([':', '=', '[', '-']) || before.is_empty() && begin > 0
}

/// The length of a quoted text with its closing quote, if that is a whole value.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    let end = text.find(|sign| {
        let is_end = sign == quote && !is_escaped;
        is_escaped = sign == '\\' && quote == '"' && !is_escaped;
        is_end
    })? + quote.len_utf8();
    let rest = text[end..].trim_start();
    (rest.is_empty() || rest.starts_with([',', '}', ']', ':', '#'])).then_some(end)
}

/// The length of a variable's name with its closing brace.
fn variable(text: &str) -> Option<usize> {
    let end = text.find(['{', '}'])?;
    text[end..].starts_with('}').then_some(end + 1)
}

/// Name and value of a piece, and the offset of the name.
fn named(piece: &str) -> Option<(usize, &str, &str)> {
    let is_lead = |c: char| c.is_whitespace() || "-?[#".contains(c);
    let lead = piece.len() - piece.trim_start_matches(is_lead).len();
    let piece = &piece[lead..];
    let quote = piece.chars().next().filter(|sign| "\"'".contains(*sign));
    let in_quotes = quote.and_then(|quote| Some(1 + quoted(&piece[1..], quote)?)).unwrap_or(0);
    piece.char_indices().skip_while(|(at, _)| *at < in_quotes).find_map(|(at, sign)| {
        let (name, value) = (&piece[..at], &piece[at + sign.len_utf8()..]);
        is_between(name, sign, value, in_quotes > 0).then_some((lead, name, value))
    })
}

/// Whether a character separates a name from its value. The blank after the colon may be missing.
fn is_between(name: &str, sign: char, value: &str, in_quotes: bool) -> bool {
    let is_name = |blanks: &str| {
        let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c) || blanks.contains(c);
        !name.is_empty() && name.chars().all(is_part)
    };
    match sign {
        ':' if value.is_empty() || value.starts_with(char::is_whitespace) => true,
        ':' => in_quotes || is_name("") && !value.starts_with("//"),
        '=' => !value.starts_with('=') && (in_quotes || is_name(" \t\u{a0}.\"'")),
        other => COLONS.contains(&other) && is_name(" \t\u{a0}.\"'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names and values, trimmed.
    fn of(line: &str) -> Vec<(&str, &str)> {
        named_values(line).map(|one| (one.name.trim(), one.value.trim())).collect()
    }

    #[test]
    fn names_and_values_are_found_in_every_style() {
        for (line, expected) in [
            ("  a: b", vec![("a", "b")]),
            ("- a: b: c", vec![("a", "b: c")]),
            ("a:b", vec![("a", "b")]),
            ("a：b", vec![("a", "b")]),
            ("export A=b", vec![("export A", "b")]),
            ("\"a: b\": c", vec![("\"a: b\"", "c")]),
            (
                "- { a: 1, \"b\":'c, d: e', f: [g] } # h: i",
                vec![("a", "1"), ("\"b\"", "'c, d: e'"), ("f", "[g]"), ("h", "i")],
            ),
            ("a: ${var.b}, c: ${", vec![("a", "${var.b}"), ("c", "${")]),
            ("a: x\rb: y\u{2028}c: z", vec![("a", "x"), ("b", "y"), ("c", "z")]),
            ("a: \"b, c: d", vec![("a", "\"b"), ("c", "d")]),
        ] {
            assert_eq!(of(line), expected, "{line}");
        }
    }

    #[test]
    fn other_signs_divide_nothing() {
        for line in
            ["", "a", "https://a.example/?b=c", "- www.a.example/x?y=1", "a[href=x]", "a == b", "\"a: b\""]
        {
            assert_eq!(of(line), [], "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_a_panic(line in "[a:=,{}#\"'$é\\\\ -]{0,30}|.{0,30}") {
            for one in named_values(&line) {
                proptest::prop_assert!(line[one.at..].starts_with(one.name) && line.contains(one.value));
            }
        }
    }
}
