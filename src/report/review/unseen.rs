//! Differences that nobody sees: white space, and characters without a picture.

use super::{Kind, Line, Piece, Shown, TextChange};
use crate::report::safe_text::is_unseen;

/// Why two texts look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// Only white space differs.
    WhiteSpace,
    /// Only characters differ that have no picture, and perhaps white space.
    Invisible,
    /// Only the line ends differ.
    LineEnds,
}

impl Unseen {
    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::WhiteSpace => "only white space differs",
            Self::Invisible => "only invisible characters differ",
            Self::LineEnds => "only the line ends differ",
        }
    }

    /// Of two different texts.
    pub fn between(before: &str, after: &str) -> Option<Self> {
        let white = |c: char| c.is_whitespace();
        if same_without(before, after, white) {
            Some(Self::WhiteSpace)
        } else if same_without(before, after, |c| white(c) || is_unseen(c)) {
            Some(Self::Invisible)
        } else {
            None
        }
    }
}

fn same_without(before: &str, after: &str, passed_over: impl Fn(char) -> bool) -> bool {
    let kept = |text: &'_ str| text.chars().filter(|c| !passed_over(*c)).collect::<String>();
    kept(before) == kept(after)
}

impl Shown {
    /// Why the change cannot be seen in the texts, if it cannot.
    pub fn unseen(&self) -> Option<Unseen> {
        match &self.kind {
            Kind::Words { before, after } => Unseen::between(&joined(before), &joined(after)),
            Kind::Text(TextChange::Lines { hunks, .. }) => {
                let (mut old, mut new) = (String::new(), String::new());
                for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
                    match line {
                        Line::Same(_) => {}
                        Line::Removed(pieces) => old.push_str(&joined(pieces)),
                        Line::Added(pieces) => new.push_str(&joined(pieces)),
                    }
                }
                Unseen::between(&old, &new)
            }
            Kind::Text(TextChange::LineEnds { .. }) => Some(Unseen::LineEnds),
            Kind::Text(TextChange::Elided { .. }) | Kind::Value { .. } | Kind::Label(_) => None,
        }
    }
}

fn joined(pieces: &[Piece]) -> String {
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
    }
}
