//! Shortens a long line around its differences.

use super::columns::{beginning, columns, ending};
use crate::view::ChangedPiece;

/// How many equal columns are kept beside each difference.
const BESIDE: usize = 24;
/// The limit of columns kept of one line.
const MAX_COLUMNS: usize = 600;

/// The pieces, if they fit into `room` columns; else without the middle of each long equal part. No difference is
/// left out, unless the line becomes unreadably long.
pub(super) fn around(pieces: &[ChangedPiece], room: usize) -> Vec<ChangedPiece> {
    let taken = |piece: &ChangedPiece| columns(&piece.text);
    if pieces.iter().map(taken).sum::<usize>() <= room {
        return pieces.to_vec();
    }
    let last = pieces.len().saturating_sub(1);
    let mut kept = Vec::new();
    let mut left = MAX_COLUMNS;
    for (number, piece) in pieces.iter().enumerate() {
        let text = match (piece.differs, number == 0, number == last) {
            (true, ..) => piece.text.clone(),
            // The whole line is equal on both sides.
            (false, true, true) => format!("{}…", beginning(&piece.text, room.saturating_sub(1))),
            (false, first, last) => without_middle(&piece.text, first, last),
        };
        let shown = beginning(&text, left);
        left -= columns(shown);
        let is_cut = shown.len() < text.len();
        let text = format!("{shown}{}", if is_cut { "…" } else { "" });
        kept.push(ChangedPiece { text, differs: piece.differs });
        if is_cut {
            break;
        }
    }
    kept
}

/// Shortens equal text beside differences: keeps the end if it is the first of the line, the beginning if it is the
/// last.
fn without_middle(text: &str, is_first: bool, is_last: bool) -> String {
    let begin = if is_first { "" } else { beginning(text, BESIDE) };
    let end = if is_last { "" } else { ending(text, BESIDE) };
    if begin.len() + end.len() >= text.len() || columns(text) <= 2 * BESIDE {
        return text.to_owned();
    }
    format!("{begin}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::specimens::pieces_of;

    fn shown(before: &str, after: &str) -> String {
        let text = |pieces: Vec<ChangedPiece>| pieces.into_iter().map(|piece| piece.text).collect::<String>();
        let (old, new) = pieces_of(before, after);
        format!("{}\n{}", text(around(&old, 60)), text(around(&new, 60)))
    }

    #[test]
    fn every_difference_in_a_long_line_is_shown() {
        let line =
            |one: &str, two: &str| format!("{0} {one} {0} {two} {0}", "a b c d e f g h i j ".repeat(10));
        insta::assert_snapshot!(shown(&line("left", "up"), &line("right", "down")), @r"
        … j a b c d e f g h i j  left a b c d e f g h i j a b… j a b c d e f g h i j  up a b c d e f g h i j a b…
        … j a b c d e f g h i j  right a b c d e f g h i j a b… j a b c d e f g h i j  down a b c d e f g h i j a b…
        ");
    }

    #[test]
    fn an_entirely_different_line_is_cut() {
        let shown = shown(&"a".repeat(5000), &"b".repeat(5000));
        assert!(shown.lines().all(|line| columns(line) == MAX_COLUMNS + 1 && line.ends_with('…')), "{shown}");
    }
}
