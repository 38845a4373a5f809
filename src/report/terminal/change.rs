//! Prints one change on the terminal, below its template.

use crate::report::around::around;
use crate::report::columns::columns;
use crate::report::safe_text::{is_right_to_left, revealed};
use crate::report::value_text::size;
use crate::report::{Style, safe_text, value_text};
use crate::view::{ChangeKind, ChangedPiece, DescribedChange, DiffLine, Hunk};

/// The indentation of a change.
const INDENT: &str = "      ";
/// The indentation of the lines of a long text that changes.
const DEEPER: &str = "          ";
/// The same on a narrow terminal.
const LESS_DEEP: &str = "        ";
/// A terminal with fewer columns is narrow.
const NARROW: usize = 60;

/// Appends a change, indented.
pub(super) fn change(change: &DescribedChange, style: Style, text: &mut String) {
    let path = safe_text(&change.path);
    let note = change.note.as_deref().map(|note| format!(" ({})", safe_text(note))).unwrap_or_default();
    let mut line = |sign: &str, words: &str| {
        text.push_str(&format!("{INDENT}{} {path}{words}\n", style.signed(sign, sign)));
    };
    match &change.kind {
        ChangeKind::Words { before, after } => {
            line("~", &words(&path, [before, after], &note, change.is_unseen, style));
        }
        ChangeKind::Value(changed) => {
            let (sign, words) = value_text::changed(changed);
            line(&sign.to_string(), &format!(": {words}"));
        }
        ChangeKind::NotKnown { before, after } => {
            let after = value_text::of_attribute(&change.path, Some(after));
            line("~", &format!(": {before} → {after}"));
        }
        ChangeKind::Label(label) => {
            line(&label.sign.to_string(), &format!(" {}", value_text::label(label, safe_text)));
        }
        ChangeKind::LineEnds => line("~", &format!(":{note}")),
        ChangeKind::Sizes { before, after } => {
            line("~", &format!(":{note}{}", both(&size(before), &size(after), style)));
        }
        ChangeKind::Lines(hunks) => {
            line("~", &format!(":{note}"));
            for one in hunks {
                hunk(one, change.is_unseen, style, text);
            }
        }
    }
}

fn deeper(style: Style) -> &'static str {
    if style.width() < NARROW { LESS_DEEP } else { DEEPER }
}

/// Two texts below each other, each after a line break.
fn both(old: &str, new: &str, style: Style) -> String {
    let (deeper, minus, plus) = (deeper(style), style.signed("-", "-"), style.signed("+", "+"));
    format!("\n{deeper}{minus} {old}\n{deeper}{plus} {new}")
}

fn words(
    path: &str,
    [before, after]: [&[ChangedPiece]; 2],
    note: &str,
    is_unseen: bool,
    style: Style,
) -> String {
    let plain =
        |pieces: &[ChangedPiece]| pieces.iter().map(|piece| safe_text(&piece.text)).collect::<String>();
    let (old, new) = (plain(before), plain(after));
    let (from, to) = (pieces(before, "-", is_unseen, style), pieces(after, "+", is_unseen, style));
    let taken = columns(&format!("{INDENT}~ {path}: \"{old}\" → \"{new}\"{note}"));
    // Right-to-left letters would show the new text before the old one if both were on one line.
    if taken <= style.width() && !is_right_to_left(&old) && !is_right_to_left(&new) {
        format!(": \"{from}\" → \"{to}\"{note}")
    } else {
        format!(":{note}{}", both(&format!("\"{from}\""), &format!("\"{to}\""), style))
    }
}

/// Joins pieces. Differences are marked by colour where there is colour, and by code points where they are
/// invisible.
fn pieces(pieces: &[ChangedPiece], sign: &str, is_unseen: bool, style: Style) -> String {
    let piece = |piece: &ChangedPiece| match (piece.differs, is_unseen) {
        (false, _) => safe_text(&piece.text),
        (true, false) => style.differing(sign, &safe_text(&piece.text)),
        (true, true) => style.differing(sign, &revealed(&piece.text)),
    };
    pieces.iter().map(piece).collect()
}

fn hunk(hunk: &Hunk, is_unseen: bool, style: Style, text: &mut String) {
    let deeper = deeper(style);
    let room = style.width() - deeper.len() - "+ ".len();
    text.push_str(&format!("{deeper}{}\n", style.faint(&format!("line {}", hunk.after))));
    for line in &hunk.lines {
        let same;
        let (sign, parts) = match line {
            DiffLine::Same(text) => {
                same = [ChangedPiece { text: text.clone(), differs: false }];
                (" ", same.as_slice())
            }
            DiffLine::Removed(parts) => ("-", parts.as_slice()),
            DiffLine::Added(parts) => ("+", parts.as_slice()),
        };
        let mark = if sign == " " { " ".to_owned() } else { style.signed(sign, sign) };
        let line = format!("{mark} {}", pieces(&around(parts, room), sign, is_unseen, style));
        text.push_str(&format!("{deeper}{}\n", line.trim_end()));
    }
}
