//! Prints one change on the terminal, below its template.

use serde_json::Value;

use super::columns::columns;
use super::review::{
    ChangeKind, ChangedPiece, DiffLine, Hunk, LabelChange, LabelMember, ShownText, TextChange, around,
};
use super::safe_text::{is_right_to_left, revealed};
use super::value_text::size;
use super::{Style, safe_text, value_text};

/// The indentation of a change.
const INDENT: &str = "      ";
/// The indentation of the lines of a long text that changes.
const DEEPER: &str = "          ";
/// The same on a narrow terminal.
const LESS_DEEP: &str = "        ";
/// A terminal with fewer columns is narrow.
const NARROW: usize = 60;

/// Appends a change, indented.
pub(super) fn change(shown: &ShownText, style: Style, text: &mut String) {
    let path = safe_text(&shown.path);
    match &shown.kind {
        ChangeKind::Words { before, after } => words(&path, before, after, shown, style, text),
        ChangeKind::Text(change) => long(&path, change, shown, style, text),
        ChangeKind::Value { before, after, meaning } => {
            let (sign, words) = value(before.as_ref(), after.as_ref());
            let sign = style.signed(sign, &sign.to_string());
            text.push_str(&format!("{INDENT}{sign} {path}: {words}{}\n", in_words(meaning.as_ref())));
        }
        ChangeKind::Label(change) => label(&path, change, style, text),
    }
}

fn in_words(meaning: Option<&String>) -> String {
    meaning.map(|meaning| format!(", {meaning}")).unwrap_or_default()
}

fn value(before: Option<&Value>, after: Option<&Value>) -> (char, String) {
    match (before, after) {
        (None, after) => ('+', value_text::short(after)),
        (before, None) => ('-', format!("{} → (nothing)", value_text::short(before))),
        (before, after) => ('~', value_text::both(before, after)),
    }
}

fn deeper(style: Style) -> &'static str {
    if style.width() < NARROW { LESS_DEEP } else { DEEPER }
}

fn words(
    path: &str,
    before: &[ChangedPiece],
    after: &[ChangedPiece],
    shown: &ShownText,
    style: Style,
    text: &mut String,
) {
    let unseen = shown.unseen_words();
    let note = unseen.as_ref().map(|words| format!(" ({words})")).unwrap_or_default();
    let plain =
        |pieces: &[ChangedPiece]| pieces.iter().map(|piece| safe_text(&piece.text)).collect::<String>();
    let (old, new) = (plain(before), plain(after));
    let (from, to) =
        (pieces(before, '-', unseen.is_some(), style), pieces(after, '+', unseen.is_some(), style));
    let sign = style.signed('~', "~");
    let taken = columns(&format!("{INDENT}~ {path}: \"{old}\" → \"{new}\"{note}"));
    // Right-to-left letters would show the new text before the old one if both were on one line.
    if taken <= style.width() && !is_right_to_left(&old) && !is_right_to_left(&new) {
        text.push_str(&format!("{INDENT}{sign} {path}: \"{from}\" → \"{to}\"{note}\n"));
    } else {
        let deeper = deeper(style);
        let (minus, plus) = (style.signed('-', "-"), style.signed('+', "+"));
        text.push_str(&format!(
            "{INDENT}{sign} {path}:{note}\n{deeper}{minus} \"{from}\"\n{deeper}{plus} \"{to}\"\n"
        ));
    }
}

/// Joins pieces. Differences are marked by colour where there is colour, and by code points where they are
/// invisible.
fn pieces(pieces: &[ChangedPiece], sign: char, reveal: bool, style: Style) -> String {
    let piece = |piece: &ChangedPiece| match (piece.differs, reveal) {
        (false, _) => safe_text(&piece.text),
        (true, false) => style.differing(sign, &safe_text(&piece.text)),
        (true, true) => style.differing(sign, &revealed(&piece.text)),
    };
    pieces.iter().map(piece).collect()
}

fn label(path: &str, change: &LabelChange, style: Style, text: &mut String) {
    let sign = match change.what {
        "added" => '+',
        "removed" => '-',
        _ => '~',
    };
    let member = |member: &LabelMember| {
        let (_, words) = match (&member.before, &member.after) {
            (Some(before), None) if sign == '-' => ('-', value_text::short(Some(before))),
            (before, after) => value(before.as_ref(), after.as_ref()),
        };
        format!("{}: {words}{}", safe_text(&member.name), in_words(member.meaning.as_ref()))
    };
    let members: Vec<String> = change.members.iter().map(member).collect();
    let sign = style.signed(sign, &sign.to_string());
    text.push_str(&format!("{INDENT}{sign} {path} {}: {}\n", change.what, members.join("; ")));
}

fn long(path: &str, change: &TextChange, shown: &ShownText, style: Style, text: &mut String) {
    let (sign, deeper) = (style.signed('~', "~"), deeper(style));
    let mut head = |words: &str| text.push_str(&format!("{INDENT}{sign} {path}:{words}\n"));
    match change {
        TextChange::LineEnds { before, after } => {
            head(&format!(" only the line ends change, {before} → {after}"));
        }
        TextChange::Elided { before, after } => head(&format!(
            " too much to show\n{deeper}{} {}\n{deeper}{} {}",
            style.signed('-', "-"),
            size(before),
            style.signed('+', "+"),
            size(after)
        )),
        TextChange::Lines { hunks, reflowed, .. } => {
            let unseen = shown.unseen_words();
            head(&match (&unseen, reflowed) {
                (Some(words), _) => format!(" {words}"),
                (None, true) => " (one long line; broken at its rules to be read)".to_owned(),
                (None, false) => String::new(),
            });
            for hunk in hunks {
                self::hunk(hunk, unseen.is_some(), style, text);
            }
        }
    }
}

fn hunk(hunk: &Hunk, reveal: bool, style: Style, text: &mut String) {
    let deeper = deeper(style);
    let room = style.width() - deeper.len() - "+ ".len();
    text.push_str(&format!("{deeper}{}\n", style.faint(&format!("line {}", hunk.after))));
    let shown = |parts: &[ChangedPiece], sign: char| pieces(&around(parts, room), sign, reveal, style);
    for line in &hunk.lines {
        let line = match line {
            DiffLine::Same(same) => {
                format!("  {}", shown(&[ChangedPiece { text: same.clone(), differs: false }], ' '))
            }
            DiffLine::Removed(parts) => format!("{} {}", style.signed('-', "-"), shown(parts, '-')),
            DiffLine::Added(parts) => format!("{} {}", style.signed('+', "+"), shown(parts, '+')),
        };
        text.push_str(&format!("{deeper}{}\n", line.trim_end()));
    }
}
