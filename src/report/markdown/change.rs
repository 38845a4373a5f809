//! One change as lines of a `diff` block.

use serde_json::Value;

use super::code::shortened;
use crate::report::review::{
    ChangeKind, ChangedPiece, DiffLine, Hunk, LabelChange, LabelMember, ShownText, TextChange, around,
};
use crate::report::safe_text::revealed;
use crate::report::value_text::size;
use crate::report::{safe_text, value_text};

/// The limit of a line shown in full, in columns.
const MAX_LENGTH: usize = 200;

/// The lines of a change: `-` and `+` for removed and added text, `!` for a change on one line, `@@` for positions.
pub(super) fn lines(shown: &ShownText) -> Vec<String> {
    let path = shortened(&shown.path);
    let unseen = shown.unseen_words();
    match &shown.kind {
        ChangeKind::Words { before, after } => {
            let joined = |pieces: &[ChangedPiece]| joined(pieces, unseen.is_some());
            let both = [format!("- {path}: {}", joined(before)), format!("+ {path}: {}", joined(after))];
            let note = unseen.as_ref().map(|words| format!("! {path}: {words}"));
            note.into_iter().chain(both).collect()
        }
        ChangeKind::Value { before, after, meaning } => {
            let mut line = value(&path, before.as_ref(), after.as_ref());
            if let Some(meaning) = meaning {
                line.push_str(&format!(", {meaning}"));
            }
            vec![line]
        }
        ChangeKind::Label(change) => vec![label(&path, change)],
        ChangeKind::Text(change) => {
            let note = unseen.map(|words| format!(", {words}"));
            text(&path, change, note.as_deref())
        }
    }
}

/// Joins pieces; invisible differences are shown as code points.
fn joined(pieces: &[ChangedPiece], reveal: bool) -> String {
    let piece = |piece: &ChangedPiece| {
        if piece.differs && reveal { revealed(&piece.text) } else { safe_text(&piece.text) }
    };
    around(pieces, MAX_LENGTH).iter().map(piece).collect()
}

fn value(path: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    match (before, after) {
        (None, after) => format!("+ {path}: {}", value_text::short(after)),
        (before, None) => format!("- {path}: {}", value_text::short(before)),
        (before, after) => format!("! {path}: {}", value_text::both(before, after)),
    }
}

fn label(path: &str, change: &LabelChange) -> String {
    let sign = match change.what {
        "added" => '+',
        "removed" => '-',
        _ => '!',
    };
    let member = |member: &LabelMember| {
        let words = match (&member.before, &member.after) {
            (Some(value), None) | (None, Some(value)) => value_text::short(Some(value)),
            (before, after) => value_text::both(before.as_ref(), after.as_ref()),
        };
        let meaning = member.meaning.as_ref().map(|meaning| format!(", {meaning}")).unwrap_or_default();
        format!("{}: {words}{meaning}", shortened(&member.name))
    };
    let members: Vec<String> = change.members.iter().map(member).collect();
    format!("{sign} {path} {}: {}", change.what, members.join("; "))
}

fn text(path: &str, change: &TextChange, unseen: Option<&str>) -> Vec<String> {
    match change {
        TextChange::LineEnds { before, after } => {
            vec![format!("! {path}: only the line ends change, {before} → {after}")]
        }
        TextChange::Elided { before, after } => {
            vec![format!("- {path}: {}", size(before)), format!("+ {path}: {}", size(after))]
        }
        TextChange::Lines { hunks, reflowed, .. } => {
            let note = match (unseen, reflowed) {
                (Some(unseen), _) => unseen,
                (None, true) => ", one long line broken at its rules",
                (None, false) => "",
            };
            hunks.iter().flat_map(|hunk| self::hunk(path, note, unseen.is_some(), hunk)).collect()
        }
    }
}

fn hunk(path: &str, note: &str, reveal: bool, hunk: &Hunk) -> Vec<String> {
    let mut lines = vec![format!("@@ {path}, line {}{note} @@", hunk.after)];
    lines.extend(hunk.lines.iter().map(|line| match line {
        DiffLine::Same(text) => format!("  {}", shortened(text)),
        DiffLine::Removed(pieces) => format!("- {}", joined(pieces, reveal)),
        DiffLine::Added(pieces) => format!("+ {}", joined(pieces, reveal)),
    }));
    lines
}
