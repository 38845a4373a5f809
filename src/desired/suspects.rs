//! Recognises characters that make YAML read a line differently from how it looks: a no-break space, a missing
//! blank after a colon, another character in place of a colon. YAML takes such a line for a text without a name and
//! fails on the next one.

use std::ops::Range;

use crate::model::{is_odd_blank, spelled};

/// Something in a line that is invisible, or does not look like a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suspect {
    /// Its range, in bytes of the line.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

/// Characters that look like a colon.
pub(super) const COLONS: [char; 4] = ['\u{ff1a}', '\u{fe55}', '\u{2236}', '\u{a789}'];

/// What is suspect in a line of YAML, or in the first line of a text that should have been a list or a mapping.
pub(super) fn in_line(line: &str) -> Option<Suspect> {
    let line = line.trim_end_matches(['\n', '\r']);
    odd_indentation(line).or_else(|| odd_dash(line)).or_else(|| odd_colon(line))
}

/// Help for a text that should have been a list or a mapping; `None` if no cause can be seen.
pub(super) fn help(text: &str) -> Option<String> {
    let suspect = in_line(text.lines().next()?)?;
    Some(format!("{}: {}", suspect.message, suspect.help))
}

fn odd_indentation(line: &str) -> Option<Suspect> {
    let content = line.find(|c: char| c != ' ' && c != '\t' && !is_odd_blank(c))?;
    let (at, odd) = line[..content].char_indices().find(|(_, c)| is_odd_blank(*c))?;
    Some(Suspect {
        range: at..at + odd.len_utf8(),
        message: format!(
            "there is a {} before this line's text, and YAML indents by blanks alone",
            spelled(odd)
        ),
        help: "replace it by a blank, or delete it".to_owned(),
    })
}

fn odd_dash(line: &str) -> Option<Suspect> {
    let content = line.trim_start_matches(' ');
    let odd = content.strip_prefix('-')?.chars().next().filter(|c| is_odd_blank(*c))?;
    let at = line.len() - content.len() + 1;
    Some(Suspect {
        range: at..at + odd.len_utf8(),
        message: format!("there is a {} behind the dash, where a blank must be", spelled(odd)),
        help: "replace it by a blank".to_owned(),
    })
}

/// Checks what follows the first name of a line.
fn odd_colon(line: &str) -> Option<Suspect> {
    let mut content = line.trim_start_matches(' ');
    while let Some(item) = content.strip_prefix("- ").or_else(|| content.strip_prefix("{ ")) {
        content = item.trim_start_matches(' ');
    }
    let begin = line.len() - content.len();
    let is_of_name = |c: char| c.is_alphanumeric() || "_-.$ ".contains(c) || is_odd_blank(c);
    let length = content.find(|c| !is_of_name(c))?;
    let mut rest = content[length..].chars();
    let colon = rest.next()?;
    let at = begin + length;
    if length == 0 {
        return None;
    }
    if COLONS.contains(&colon) {
        return Some(Suspect {
            range: at..at + colon.len_utf8(),
            message: format!(
                "there is a {} behind the name, and YAML reads only a plain colon",
                spelled(colon)
            ),
            help: "write `: `, a plain colon and a blank".to_owned(),
        });
    }
    if colon != ':' {
        return None;
    }
    match rest.next()? {
        ' ' | '\t' => None,
        odd if is_odd_blank(odd) => Some(Suspect {
            range: at + 1..at + 1 + odd.len_utf8(),
            message: format!("there is a {} behind the colon, where a blank must be", spelled(odd)),
            help: "replace it by a blank".to_owned(),
        }),
        // An address is not a name with a value.
        '/' if rest.next() == Some('/') => None,
        _ => Some(Suspect {
            range: at..at + 1,
            message: "a blank is missing behind the colon".to_owned(),
            help: "write `name: value`, with a blank behind the colon".to_owned(),
        }),
    }
}

/// The first character that one YAML parser takes for a line break and that editors and other parsers do not; or a
/// byte order mark in the middle of a text, where files were joined.
pub(super) fn misread_character(text: &str) -> Option<(Range<usize>, Suspect)> {
    const MISREAD: [char; 4] = ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'];
    if text.is_ascii() {
        return None;
    }
    let (at, odd) = text.char_indices().find(|(_, c)| MISREAD.contains(c))?;
    let range = at..at + odd.len_utf8();
    let number = text.chars().filter(|c| MISREAD.contains(c)).count();
    let message = format!("there is an invisible {} here, and YAML takes it for a line break", spelled(odd));
    let message = if odd == '\u{feff}' {
        format!(
            "there is an invisible {} here, and it is allowed only at the beginning of a file",
            spelled(odd)
        )
    } else {
        message
    };
    let more = if number > 1 {
        format!(" (and the {} other{} in this file)", number - 1, if number > 2 { "s" } else { "" })
    } else {
        String::new()
    };
    let help = format!(
        "delete it{more}; if it belongs to a text, write it as \\u{:04X} in double quotes",
        u32::from(odd)
    );
    Some((range.clone(), Suspect { range, message, help }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(usize, String)> {
        let found = in_line(line)?;
        Some((line[..found.range.start].chars().count() + 1, found.message))
    }

    #[test]
    fn lookalike_characters_are_named_at_their_place() {
        for (line, column, words) in [
            ("    title:\u{a0}T", 11, "no-break space (U+00A0) behind the colon"),
            ("    title:\u{2007}T", 11, "figure space (U+2007)"),
            ("    title:\u{202f}T", 11, "narrow no-break space (U+202F)"),
            ("    title:\u{200b}T", 11, "zero-width space (U+200B)"),
            ("  - { x:\u{3000}1 }", 9, "ideographic space (U+3000)"),
            ("    labels:\u{a0}", 12, "no-break space (U+00A0)"),
            ("    title:T", 10, "a blank is missing behind the colon"),
            ("    title:\"T\"", 10, "a blank is missing"),
            ("    asset:https://a.example", 10, "a blank is missing"),
            ("    - x:1", 8, "a blank is missing"),
            ("    title：T", 10, "full-width colon (U+FF1A)"),
            ("    title\u{a0}： T", 11, "full-width colon (U+FF1A)"),
            ("   \u{a0} title: T", 4, "no-break space (U+00A0) before this line's text"),
            ("\u{3000}title: T", 1, "ideographic space (U+3000)"),
            ("  -\u{a0}a", 4, "behind the dash"),
        ] {
            let found = of(line).unwrap_or_else(|| panic!("{line:?}"));
            assert_eq!(found.0, column, "{line:?}: {found:?}");
            assert!(found.1.contains(words), "{line:?}: {found:?}");
        }
    }

    #[test]
    fn valid_lines_are_not_suspect() {
        for line in [
            "",
            "    title: T",
            "    title: a:b",
            "    title: \u{a0}T",
            "    labels:",
            "  - https://a.example",
            "    'a:b': c",
            "  # a:b",
            "    title:\tT",
            "- x: 1",
        ] {
            assert_eq!(of(line), None, "{line:?}");
        }
    }
}
