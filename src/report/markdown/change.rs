//! Changes as lines of a `diff` block.

use serde_json::Value;

use super::code::shortened;
use crate::report::value_text::size;
use crate::report::review::{Hunk, Kind, LabelChange, Line, Piece, Shown, TextChange};
use crate::report::value_text;

/// A change as lines: `-` and `+` for what goes and comes, `!` for what changes on one line, `@@` for places.
pub(super) fn lines(shown: &Shown) -> Vec<String> {
    let path = shortened(&shown.path);
    match &shown.kind {
        Kind::Words { before, after } => {
            vec![format!("- {path}: {}", joined(before)), format!("+ {path}: {}", joined(after))]
        }
        Kind::Value { before, after, meaning } => {
            let mut line = value(&path, before.as_ref(), after.as_ref());
            if let Some(meaning) = meaning {
                line.push_str(&format!(" ({meaning})"));
            }
            vec![line]
        }
        Kind::Label(change) => vec![label(&path, change)],
        Kind::Text(change) => text(&path, change),
    }
}

fn joined(pieces: &[Piece]) -> String {
    shortened(&pieces.iter().map(|piece| piece.text.as_str()).collect::<String>())
}

fn value(path: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    match (before, after) {
        (None, after) => format!("+ {path}: {}", value_text::short(after)),
        (before, None) => format!("- {path}: {}", value_text::short(before)),
        (before, after) => format!("! {path}: {}", shortened(&value_text::both(before, after))),
    }
}

fn label(path: &str, change: &LabelChange) -> String {
    let sign = match change.what {
        "added" => '+',
        "removed" => '-',
        _ => '!',
    };
    let member = |member: &crate::report::review::Member| {
        let words = match (&member.before, &member.after) {
            (Some(value), None) | (None, Some(value)) => value_text::short(Some(value)),
            (before, after) => value_text::both(before.as_ref(), after.as_ref()),
        };
        let meaning = member.meaning.as_ref().map(|meaning| format!(" ({meaning})")).unwrap_or_default();
        shortened(&format!("{} {words}{meaning}", member.name))
    };
    let members: Vec<String> = change.members.iter().map(member).collect();
    format!("{sign} {path} {}: {}", change.what, members.join(", "))
}

fn text(path: &str, change: &TextChange) -> Vec<String> {
    match change {
        TextChange::LineEnds { before, after } => {
            vec![format!("! {path}: only the line ends change, {before} → {after}")]
        }
        TextChange::Elided { before, after } => {
            vec![format!("- {path}: {}", size(before)), format!("+ {path}: {}", size(after))]
        }
        TextChange::Lines { hunks, only_white_space, reflowed } => {
            let note = match (only_white_space, reflowed) {
                (true, _) => ", only white space differs",
                (false, true) => ", one long line broken at its rules",
                (false, false) => "",
            };
            hunks.iter().flat_map(|hunk| self::hunk(path, note, hunk)).collect()
        }
    }
}

fn hunk(path: &str, note: &str, hunk: &Hunk) -> Vec<String> {
    let mut lines = vec![format!("@@ {path}, line {}{note} @@", hunk.after)];
    lines.extend(hunk.lines.iter().map(|line| match line {
        Line::Same(text) => format!("  {}", shortened(text)),
        Line::Removed(pieces) => format!("- {}", joined(pieces)),
        Line::Added(pieces) => format!("+ {}", joined(pieces)),
    }));
    lines
}
