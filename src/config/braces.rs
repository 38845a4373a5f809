//! Expands braces in globs: `*.{yaml,yml}` becomes `*.yaml` and `*.yml`. Called for `templates` in certctl.toml; it
//! looks at no files.
//!
//! A matcher that knows braces is not enough: each alternative has its own folders to look into, its own rule for hidden
//! files (`{.a,*}`), and its own finding if it matches nothing.

use std::ops::Range;
use std::path::MAIN_SEPARATOR;

/// The most globs that one text may expand to.
const MAX_GLOBS: usize = 1_000;
/// The deepest nesting of braces.
const MAX_DEPTH: usize = 20;

/// An error in the braces, with the bytes it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BraceError {
    pub(super) at: Range<usize>,
    pub(super) message: &'static str,
}

/// Returns every glob without braces that this one expands to, in written order. In brackets, as in `[{]`, and after a
/// backslash (on systems where that is not a path separator), a brace or a comma is a plain character.
pub(super) fn expand(text: &str) -> Result<Vec<String>, BraceError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let globs = parser.sequence()?;
    // Inside braces, a sequence ends at a comma or a brace; outside, only an unmatched closing brace can remain.
    match parser.at {
        at if at < text.len() => Err(BraceError { at: at..at + 1, message: "this `}` closes no `{`" }),
        _ => Ok(globs),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    /// Parses up to the end of the text, or inside braces up to the end of the alternative.
    fn sequence(&mut self) -> Result<Vec<String>, BraceError> {
        let mut globs = vec![String::new()];
        while let Some(sign) = self.text[self.at..].chars().next() {
            match sign {
                '}' => break,
                ',' if self.depth > 0 => break,
                '{' => {
                    let open = self.at;
                    let alternatives = self.alternatives()?;
                    if globs.len() * alternatives.len() > MAX_GLOBS {
                        let message = "the braces up to this one expand to more than 1000 globs";
                        return Err(BraceError { at: open..open + 1, message });
                    }
                    globs = globs
                        .iter()
                        .flat_map(|glob| alternatives.iter().map(move |end| format!("{glob}{end}")))
                        .collect();
                }
                _ => {
                    let literal = self.literal(sign);
                    for glob in &mut globs {
                        glob.push_str(&literal);
                    }
                }
            }
        }
        Ok(globs)
    }

    fn alternatives(&mut self) -> Result<Vec<String>, BraceError> {
        let open = self.at..self.at + 1;
        if self.depth == MAX_DEPTH {
            return Err(BraceError { at: open, message: "braces are nested too deeply here" });
        }
        self.depth += 1;
        let mut alternatives = Vec::new();
        loop {
            // Skip the brace or the comma before the alternative.
            self.at += 1;
            alternatives.extend(self.sequence()?);
            match self.text.as_bytes().get(self.at) {
                Some(b',') if alternatives.len() <= MAX_GLOBS => {}
                Some(b'}') => break,
                _ => return Err(BraceError { at: open, message: "this `{` is not closed by a `}`" }),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(alternatives)
    }

    /// Parses a character, an escaped character, or a whole character class in brackets.
    fn literal(&mut self, sign: char) -> String {
        let rest = &self.text[self.at..];
        let escaped = rest.chars().nth(1).filter(|next| "{},\\".contains(*next));
        if let Some(escaped) = escaped.filter(|_| sign == '\\' && MAIN_SEPARATOR == '/') {
            self.at += 2;
            return format!("[{escaped}]");
        }
        let length = if sign == '[' { class(rest) } else { sign.len_utf8() };
        self.at += length;
        rest[..length].to_owned()
    }
}

/// Returns the length in bytes of a character class; an unclosed one counts as its bracket alone.
fn class(text: &str) -> usize {
    let inside = if text[1..].starts_with('!') { 2 } else { 1 };
    // A closing bracket right at the beginning is a plain character.
    let first = text[inside..].chars().next().map_or(0, char::len_utf8);
    text[inside + first..].find(']').map_or(1, |end| inside + first + end + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn braces_expand_to_their_alternatives() {
        for (text, globs) in [
            ("a/*.yaml", ["a/*.yaml"].as_slice()),
            ("a/*.{yaml,yml}", &["a/*.yaml", "a/*.yml"]),
            ("{a,b}/{c,d}", &["a/c", "a/d", "b/c", "b/d"]),
            ("{a,b/{c,d}}.x", &["a.x", "b/c.x", "b/d.x"]),
            ("x{,-eu}", &["x", "x-eu"]),
            ("{a}", &["a"]),
            ("{}", &[""]),
            ("a,b", &["a,b"]),
            ("{é,ü}", &["é", "ü"]),
            ("[{]a,b[}]", &["[{]a,b[}]"]),
            ("{[,],b}", &["[,]", "b"]),
            ("{[!]}],b}", &["[!]}]", "b"]),
            ("[", &["["]),
            ("", &[""]),
        ] {
            assert_eq!(expand(text).unwrap(), globs, "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn escaped_braces_are_plain_characters() {
        assert_eq!(expand("\\{a\\,b\\}{c,\\,}").unwrap(), ["[{]a[,]b[}]c", "[{]a[,]b[}][,]"]);
        assert_eq!(expand("a\\b").unwrap(), ["a\\b"]);
    }

    #[test]
    fn unmatched_braces_are_named() {
        for (text, at) in
            [("*.{yaml,yml", 2), ("*.yaml}", 6), ("{a,{b}", 0), ("{a}}", 3), ("{a,[}]", 0), ("é{", 2)]
        {
            assert_eq!(expand(text).unwrap_err().at, at..at + 1, "{text}");
        }
        assert!(expand(&"{a,b}".repeat(12)).unwrap_err().message.contains("more than 1000 globs"));
        assert!(expand(&"{".repeat(100_000)).unwrap_err().message.contains("too deeply"));
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in "[{},\\[\\]\\\\!a*é]{0,24}|.{0,24}") {
            if let Err(error) = expand(&text) {
                let meant = &text[error.at];
                prop_assert!(meant == "{" || meant == "}", "{}", meant);
            }
        }

        #[test]
        fn a_glob_without_braces_stays_as_it_is(text in "[a-zé*?./,!\\[\\]-]{0,24}") {
            prop_assert_eq!(expand(&text), Ok(vec![text]));
        }
    }
}
