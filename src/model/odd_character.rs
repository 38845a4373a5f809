//! Characters that are invisible or look like another one, so that messages can name them.

/// The name of a character that can be mistaken for a space, for nothing, or for a YAML sign; `None` for any other.
pub fn odd_name(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{85}' => "next-line character",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{2002}' => "en space",
        '\u{2003}' => "em space",
        '\u{2007}' => "figure space",
        '\u{2009}' => "thin space",
        '\u{200a}' => "hair space",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202f}' => "narrow no-break space",
        '\u{1680}' | '\u{2000}'..='\u{2008}' | '\u{205f}' => "typographic space",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "direction mark",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte order mark",
        '\u{ff1a}' => "full-width colon",
        '\u{fe55}' => "small colon",
        '\u{2236}' => "ratio sign",
        '\u{a789}' => "modifier colon",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => "typographic quote",
        '\u{2018}' | '\u{2019}' | '\u{201a}' => "typographic single quote",
        _ => return None,
    })
}

/// Whether a character looks like a space or like nothing, but is not white space to YAML.
pub fn is_odd_blank(c: char) -> bool {
    !matches!(c, ' ' | '\t' | '\n' | '\r')
        && (c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'))
}

/// Characters without width and glyph: `Default_Ignorable_Code_Point` of the Unicode character database.
pub fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A character for messages: `no-break space (U+00A0)`, `a (U+0430)`.
pub fn spelled(c: char) -> String {
    let number = u32::from(c);
    match odd_name(c) {
        Some(name) => format!("{name} (U+{number:04X})"),
        None if c == ' ' => "space (U+0020)".to_owned(),
        // From U+0590 on, scripts run from right to left and would reorder the message.
        None if c.is_alphanumeric() && c < '\u{590}' => format!("{c} (U+{number:04X})"),
        None => format!("U+{number:04X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_spelled_by_name_and_number() {
        assert_eq!(spelled('\u{a0}'), "no-break space (U+00A0)");
        assert_eq!(spelled('\u{430}'), "\u{430} (U+0430)");
        assert_eq!(spelled('\u{301}'), "U+0301");
        assert_eq!(spelled(' '), "space (U+0020)");
    }

    #[test]
    fn lookalikes_of_a_space_are_odd() {
        for c in [
            '\u{a0}', '\u{2007}', '\u{202f}', '\u{3000}', '\u{200b}', '\u{feff}', '\u{85}', '\u{2028}',
            '\u{2029}',
        ] {
            assert!(is_odd_blank(c) && odd_name(c).is_some(), "{c:?}");
        }
        for c in [' ', '\t', '\n', '\r', 'a', '\u{301}'] {
            assert!(!is_odd_blank(c), "{c:?}");
        }
    }
}
