//! Recognises differences that are invisible: white space, characters without a glyph, accents composed
//! differently, and similar letters of two scripts.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

use super::{ChangedPiece, DiffLine, Hunk};
use crate::model::{is_unseen, spelled};

/// Longer texts are not compared letter by letter, in bytes.
const MAX_LENGTH: usize = 64 << 10;
/// The limit of characters named on each side.
const NAMED: usize = 3;

/// Why two texts look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// Only white space differs.
    WhiteSpace,
    /// Only characters without a glyph differ, and perhaps white space.
    Invisible,
    /// The same letters, composed differently: one character, or a letter and a mark.
    Composition,
    /// Only letters that look the same differ, such as those of two scripts.
    LookAlike,
}

impl Unseen {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::WhiteSpace => "only white space differs",
            Self::Invisible => "only invisible characters differ",
            Self::Composition => "only the way differs in which accents are written",
            Self::LookAlike => "only letters differ that look alike",
        }
    }

    /// The reason in words, with the characters that differ.
    fn naming(self, old: &str, new: &str) -> String {
        // Blanks are shown by their own sign.
        if old.is_ascii() && new.is_ascii() {
            return self.words().to_owned();
        }
        format!("{}: {} → {}", self.words(), named(old), named(new))
    }

    /// Compares two different texts; `None` if the difference is visible.
    pub fn between(before: &str, after: &str) -> Option<Self> {
        let white = |c: char| c.is_whitespace();
        if same_without(before, after, white) {
            Some(Self::WhiteSpace)
        } else if same_without(before, after, |c| white(c) || is_unseen(c)) {
            Some(Self::Invisible)
        } else if before.is_ascii() && after.is_ascii() || before.len().max(after.len()) > MAX_LENGTH {
            // 1 and l are distinguishable enough.
            None
        } else if before.nfd().eq(after.nfd()) {
            Some(Self::Composition)
        } else if skeleton(before).eq(skeleton(after)) {
            Some(Self::LookAlike)
        } else {
            None
        }
    }
}

fn same_without(before: &str, after: &str, passed_over: impl Fn(char) -> bool) -> bool {
    let kept = |text: &'_ str| text.chars().filter(|c| !passed_over(*c)).collect::<String>();
    kept(before) == kept(after)
}

/// Why the difference between two short texts is invisible, with the first differing characters; `None` if it is
/// visible.
pub(super) fn in_words(before: &[ChangedPiece], after: &[ChangedPiece]) -> Option<String> {
    let unseen = Unseen::between(&joined(before), &joined(after))?;
    Some(unseen.naming(first_difference(before), first_difference(after)))
}

/// The same for the changed lines of two long texts.
pub(super) fn in_lines(hunks: &[Hunk]) -> Option<String> {
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
        match line {
            DiffLine::Same(_) => {}
            DiffLine::Removed(pieces) => removed.push(pieces.as_slice()),
            DiffLine::Added(pieces) => added.push(pieces.as_slice()),
        }
    }
    let text = |lines: &[&[ChangedPiece]]| lines.iter().map(|line| joined(line)).collect::<String>();
    let unseen = Unseen::between(&text(&removed), &text(&added))?;
    // Compares lines in pairs and takes the first pair that differs.
    let pairs = removed.iter().zip(&added).map(|(old, new)| (first_difference(old), first_difference(new)));
    let (old, new) = pairs.into_iter().find(|(old, new)| old != new).unwrap_or_default();
    Some(unseen.naming(old, new))
}

fn first_difference(pieces: &[ChangedPiece]) -> &str {
    pieces.iter().find(|piece| piece.differs).map_or("", |piece| piece.text.as_str())
}

/// `e (U+0065) U+0301`.
fn named(text: &str) -> String {
    let names: Vec<String> = text.chars().take(NAMED).map(spelled).collect();
    let more = if text.chars().count() > NAMED { " …" } else { "" };
    if names.is_empty() { "nothing".to_owned() } else { names.join(" ") + more }
}

fn joined(pieces: &[ChangedPiece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_named() {
        assert_eq!(Unseen::between("a b", "a  b"), Some(Unseen::WhiteSpace));
        assert_eq!(Unseen::between("a b", "a\u{a0}b"), Some(Unseen::WhiteSpace));
        assert_eq!(Unseen::between("ab", "a\u{200b}b"), Some(Unseen::Invisible));
        assert_eq!(Unseen::between("❤", "❤\u{fe0f} "), Some(Unseen::Invisible));
        assert_eq!(Unseen::between("a", "b"), None);
        assert_eq!(Unseen::between("Café", "Cafe\u{301}"), Some(Unseen::Composition));
        assert_eq!(Unseen::between("Cloud", "\u{421}loud"), Some(Unseen::LookAlike));
        assert_eq!(Unseen::between("Kurs A", "Kurs \u{391}"), Some(Unseen::LookAlike));
        assert_eq!(Unseen::between("l1", "11"), None, "a one and an l are told apart");
    }

    fn shown(before: &str, after: &str) -> String {
        let (before, after) = crate::view::change::words(before, after);
        in_words(&before, &after).unwrap_or_default()
    }

    #[test]
    fn the_characters_that_differ_are_named() {
        for (before, after, expected) in [
            ("a b", "a\u{a0}b", "only white space differs: space (U+0020) → no-break space (U+00A0)"),
            ("a b", "a  b", "only white space differs"),
            ("ab", "a\u{200b}b", "only invisible characters differ: nothing → zero-width space (U+200B)"),
            (
                "Café",
                "Cafe\u{301}",
                "only the way differs in which accents are written: é (U+00E9) → e (U+0065) U+0301",
            ),
            (
                "Cloud 101",
                "\u{421}loud 101",
                "only letters differ that look alike: C (U+0043) → \u{421} (U+0421)",
            ),
            ("a", "b", ""),
        ] {
            assert_eq!(shown(before, after), expected);
        }
    }
}
