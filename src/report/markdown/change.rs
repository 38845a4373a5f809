//! One change as lines of a `diff` block.

use super::code::shortened;
use crate::report::around::around;
use crate::report::safe_text::revealed;
use crate::report::value_text::size;
use crate::report::{safe_text, value_text};
use crate::view::{ChangeKind, ChangedPiece, DescribedChange, DiffLine, Hunk};

/// The limit of a line shown in full, in columns.
const MAX_LENGTH: usize = 200;

/// The lines of a change: `-` and `+` for removed and added text, `!` for a change on one line, `@@` for positions.
pub(super) fn lines(change: &DescribedChange) -> Vec<String> {
    let path = shortened(&change.path);
    let mut lines: Vec<String> = Vec::new();
    lines.extend(change.note.as_deref().map(|note| format!("! {path}: {}", safe_text(note))));
    let joined = |pieces: &[ChangedPiece]| joined(pieces, change.is_unseen);
    match &change.kind {
        ChangeKind::Words { before, after } => {
            lines.extend([format!("- {path}: {}", joined(before)), format!("+ {path}: {}", joined(after))]);
        }
        ChangeKind::Value(changed) => {
            let (sign, words) = value_text::changed(changed);
            lines.push(format!("{} {path}: {words}", of_diff(sign)));
        }
        ChangeKind::NotKnown { before, after } => {
            let after = value_text::of_attribute(&change.path, Some(after));
            lines.push(format!("! {path}: {before} → {after}"));
        }
        ChangeKind::Label(label) => {
            let words = value_text::label(label, shortened);
            lines.push(format!("{} {path} {words}", of_diff(label.sign)));
        }
        ChangeKind::LineEnds => {}
        ChangeKind::Sizes { before, after } => {
            lines.extend([format!("- {path}: {}", size(before)), format!("+ {path}: {}", size(after))]);
        }
        ChangeKind::Lines(hunks) => {
            lines.extend(hunks.iter().flat_map(|one| hunk(&path, change.is_unseen, one)));
        }
    }
    lines
}

/// Joins pieces; invisible differences are shown as code points.
fn joined(pieces: &[ChangedPiece], is_unseen: bool) -> String {
    let piece = |piece: &ChangedPiece| {
        if piece.differs && is_unseen { revealed(&piece.text) } else { safe_text(&piece.text) }
    };
    around(pieces, MAX_LENGTH).iter().map(piece).collect()
}

/// The sign as a `diff` block colours it.
fn of_diff(sign: char) -> char {
    if sign == '~' { '!' } else { sign }
}

fn hunk(path: &str, is_unseen: bool, hunk: &Hunk) -> Vec<String> {
    let mut lines = vec![format!("@@ {path}, line {} @@", hunk.after)];
    lines.extend(hunk.lines.iter().map(|line| match line {
        DiffLine::Same(text) => format!("  {}", shortened(text)),
        DiffLine::Removed(pieces) => format!("- {}", joined(pieces, is_unseen)),
        DiffLine::Added(pieces) => format!("+ {}", joined(pieces, is_unseen)),
    }));
    lines
}
