//! Compares two short texts, word by word.

use similar::{ChangeTag, TextDiff};
use unicode_segmentation::UnicodeSegmentation as _;

use super::Unseen;

/// A part of a text, and whether it differs from the other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedPiece {
    /// The text of the part.
    pub text: String,
    /// Whether it differs.
    pub differs: bool,
}

/// The limit of texts compared word by word, in bytes.
const MAX_LENGTH: usize = 4 << 10;

/// The parts of both texts. Joined, they give the texts again.
pub(in crate::view) fn words(before: &str, after: &str) -> (Vec<ChangedPiece>, Vec<ChangedPiece>) {
    let whole = |text: &str| pieces([(text, true)]);
    if before.len().max(after.len()) > MAX_LENGTH {
        return ends(before, after);
    }
    // An invisible difference is marked exactly, without the word around it.
    let is_unseen = Unseen::between(before, after).is_some();
    let diff = if is_unseen {
        TextDiff::from_chars(before, after)
    } else {
        TextDiff::from_unicode_words(before, after)
    };
    let side = |ours: ChangeTag| {
        let changes =
            diff.iter_all_changes().filter(move |change| [ChangeTag::Equal, ours].contains(&change.tag()));
        pieces(changes.map(|change| (change.value(), change.tag() != ChangeTag::Equal)).collect::<Vec<_>>())
    };
    let (old, new) = (side(ChangeTag::Delete), side(ChangeTag::Insert));
    // Where the texts have little in common, marks all over them would not help.
    if !is_unseen && has_little_in_common(&old) && has_little_in_common(&new) {
        (whole(before), whole(after))
    } else {
        (old, new)
    }
}

/// The parts of two long texts: the common beginning, the common end, and everything between.
fn ends(before: &str, after: &str) -> (Vec<ChangedPiece>, Vec<ChangedPiece>) {
    let same = |pairs: &mut dyn Iterator<Item = (&str, &str)>| -> usize {
        pairs.take_while(|(old, new)| old == new).map(|(old, _)| old.len()).sum()
    };
    let begin = same(&mut before.graphemes(true).zip(after.graphemes(true)));
    let (old, new) = (&before[begin..], &after[begin..]);
    let end = same(&mut old.graphemes(true).rev().zip(new.graphemes(true).rev()));
    let side = |text: &str| {
        let (middle, last) = text[begin..].split_at(text.len() - begin - end);
        pieces([(&text[..begin], false), (middle, true), (last, false)])
    };
    (side(before), side(after))
}

fn pieces<'a>(parts: impl IntoIterator<Item = (&'a str, bool)>) -> Vec<ChangedPiece> {
    let mut pieces: Vec<ChangedPiece> = Vec::new();
    for (text, differs) in parts.into_iter().filter(|(text, _)| !text.is_empty()) {
        match pieces.last_mut() {
            Some(last) if last.differs == differs => last.text.push_str(text),
            _ => pieces.push(ChangedPiece { text: text.to_owned(), differs }),
        }
    }
    pieces
}

fn has_little_in_common(pieces: &[ChangedPiece]) -> bool {
    let visible = |differs: bool| {
        let ours = pieces.iter().filter(move |piece| piece.differs == differs);
        ours.map(|piece| piece.text.chars().filter(|c| !c.is_whitespace()).count()).sum::<usize>()
    };
    visible(false) * 4 < visible(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(pieces: &[ChangedPiece]) -> String {
        let mark = |piece: &ChangedPiece| {
            if piece.differs { format!("[{}]", piece.text) } else { piece.text.clone() }
        };
        pieces.iter().map(mark).collect()
    }

    fn both(before: &str, after: &str) -> String {
        let (old, new) = words(before, after);
        format!("{} → {}", marked(&old), marked(&new))
    }

    #[test]
    fn the_word_that_changed_is_pointed_at() {
        assert_eq!(
            both("Cloud Basics 2025", "Cloud Basics 2026"),
            "Cloud Basics [2025] → Cloud Basics [2026]"
        );
        assert_eq!(both("Cloud Basics", "Cloud Basics, revised"), "Cloud Basics → Cloud Basics[, revised]");
        assert_eq!(both("", "x"), " → [x]");
    }

    #[test]
    fn texts_with_little_in_common_are_not_speckled() {
        assert_eq!(
            both("Fire safety for all", "How to brew coffee for"),
            "[Fire safety for all] → [How to brew coffee for]"
        );
    }

    #[test]
    fn one_letter_in_a_huge_text_is_marked() {
        let huge = |end: &str| format!("{}{end}", "a".repeat(100_000));
        let (old, new) = words(&huge("x!"), &huge("y!"));
        assert_eq!((old[1].text.as_str(), new[1].text.as_str(), old[1].differs), ("x", "y", true));
    }

    proptest::proptest! {
        #[test]
        fn no_character_of_long_texts_is_lost(before in "[aé資\u{301}]{0,6}", after in "[aé資\u{301}]{0,6}") {
            let (old, new) = ends(&before, &after);
            let text = |pieces: &[ChangedPiece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
            proptest::prop_assert_eq!((text(&old), text(&new)), (before, after));
        }

        #[test]
        fn no_character_is_lost(before in ".{0,40}", after in ".{0,40}") {
            let (old, new) = words(&before, &after);
            let text = |pieces: &[ChangedPiece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
            proptest::prop_assert_eq!((text(&old), text(&new)), (before, after));
        }
    }
}
