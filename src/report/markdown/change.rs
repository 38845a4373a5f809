//! One change as lines of a `diff` block.

use super::code::shortened;
use crate::report::around::around;
use crate::report::safe_text::revealed;
use crate::report::value_text::size;
use crate::report::{safe_text, value_text};
use crate::view::{ChangeKind, ChangedPiece, ChangedValue, DescribedChange, DiffLine, Hunk};

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
            let (sign, words) = value(changed);
            lines.push(format!("{sign} {path}: {words}"));
        }
        ChangeKind::Label(label) => {
            let member = |member: &ChangedValue| format!("{}: {}", shortened(&member.name), value(member).1);
            let members: Vec<String> = label.members.iter().map(member).collect();
            let sign = if label.sign == '~' { '!' } else { label.sign };
            lines.push(format!("{sign} {path} {}: {}", label.what, members.join("; ")));
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

fn value(changed: &ChangedValue) -> (char, String) {
    let (sign, words) = match (&changed.before, &changed.after) {
        (None, after) => ('+', value_text::short(after.as_ref())),
        (before, None) => ('-', value_text::short(before.as_ref())),
        (before, after) => ('!', value_text::both(before.as_ref(), after.as_ref())),
    };
    let meaning = changed.meaning.as_ref().map(|meaning| format!(", {meaning}"));
    (sign, words + &meaning.unwrap_or_default())
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
