//! A change on the terminal, below its template.

use serde_json::Value;

use super::review::{Hunk, Kind, LabelChange, Line, Member, Piece, Shown, Size, TextChange};
use super::{Style, safe_text, value_text};

/// What begins each line of a change.
const INDENT: &str = "      ";
/// The longest line of a diff that is shown whole, in characters.
const LONGEST_LINE: usize = 160;
/// Characters that are kept before the first difference of a line that is cut.
const LEAD: usize = 40;
/// Two texts that are longer together stand below each other.
const ONE_LINE: usize = 100;

/// A change, each of its lines indented.
pub(super) fn change(shown: &Shown, style: Style, text: &mut String) {
    let path = safe_text(&shown.path);
    match &shown.kind {
        Kind::Words { before, after } => words(&path, before, after, style, text),
        Kind::Text(change) => long(&path, change, style, text),
        Kind::Value { before, after, meaning } => {
            let (sign, words) = value(before.as_ref(), after.as_ref());
            let sign = style.signed(sign, &sign.to_string());
            text.push_str(&format!("{INDENT}{sign} {path}: {words}{}\n", parenthesised(meaning.as_ref())));
        }
        Kind::Label(change) => label(&path, change, style, text),
    }
}

fn parenthesised(meaning: Option<&String>) -> String {
    meaning.map(|meaning| format!(" ({meaning})")).unwrap_or_default()
}

fn value(before: Option<&Value>, after: Option<&Value>) -> (char, String) {
    match (before, after) {
        (None, after) => ('+', value_text::short(after)),
        (before, None) => ('-', format!("{} → (nothing)", value_text::short(before))),
        (before, after) => ('~', value_text::both(before, after)),
    }
}

fn words(path: &str, before: &[Piece], after: &[Piece], style: Style, text: &mut String) {
    let plain = |pieces: &[Piece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
    let (old, new) = (plain(before), plain(after));
    let note = if squeezed(&old) == squeezed(&new) { " (only white space differs)" } else { "" };
    let (from, to) = (pieces(before, '-', style), pieces(after, '+', style));
    let sign = style.signed('~', "~");
    if old.chars().count() + new.chars().count() <= ONE_LINE {
        text.push_str(&format!("{INDENT}{sign} {path}: \"{from}\" → \"{to}\"{note}\n"));
    } else {
        let (minus, plus) = (style.signed('-', "-"), style.signed('+', "+"));
        text.push_str(&format!(
            "{INDENT}{sign} {path}:{note}\n{INDENT}    {minus} \"{from}\"\n{INDENT}    {plus} \"{to}\"\n"
        ));
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Pieces in a row; what differs stands out where there is colour.
fn pieces(pieces: &[Piece], sign: char, style: Style) -> String {
    let piece = |piece: &Piece| {
        let text = safe_text(&piece.text);
        if piece.differs { style.differing(sign, &text) } else { text }
    };
    pieces.iter().map(piece).collect()
}

fn label(path: &str, change: &LabelChange, style: Style, text: &mut String) {
    let sign = match change.what {
        "added" => '+',
        "removed" => '-',
        _ => '~',
    };
    let member = |member: &Member| {
        let (_, words) = match (&member.before, &member.after) {
            (Some(before), None) if sign == '-' => ('-', value_text::short(Some(before))),
            (before, after) => value(before.as_ref(), after.as_ref()),
        };
        format!("{} {words}{}", safe_text(&member.name), parenthesised(member.meaning.as_ref()))
    };
    let members: Vec<String> = change.members.iter().map(member).collect();
    let sign = style.signed(sign, &sign.to_string());
    text.push_str(&format!("{INDENT}{sign} {path} {}: {}\n", change.what, members.join(", ")));
}

fn long(path: &str, change: &TextChange, style: Style, text: &mut String) {
    let sign = style.signed('~', "~");
    let mut head = |words: &str| text.push_str(&format!("{INDENT}{sign} {path}:{words}\n"));
    match change {
        TextChange::LineEnds { before, after } => {
            head(&format!(" only the line ends change, {before} → {after}"));
        }
        TextChange::Elided { before, after } => head(&format!(
            " too much to show\n{INDENT}    {} {}\n{INDENT}    {} {}",
            style.signed('-', "-"),
            size(before),
            style.signed('+', "+"),
            size(after)
        )),
        TextChange::Lines { hunks, only_white_space, reflowed } => {
            head(match (only_white_space, reflowed) {
                (true, _) => " only white space differs",
                (false, true) => " (one long line; broken at its rules to be read)",
                (false, false) => "",
            });
            for hunk in hunks {
                self::hunk(hunk, style, text);
            }
        }
    }
}

/// A text that is not shown.
pub(super) fn size(size: &Size) -> String {
    let lines = if size.lines == 1 { "1 line".to_owned() } else { format!("{} lines", size.lines) };
    format!("{lines}, {} bytes, {}", size.bytes, size.digest)
}

fn hunk(hunk: &Hunk, style: Style, text: &mut String) {
    text.push_str(&format!("{INDENT}    {}\n", style.faint(&format!("line {}", hunk.after))));
    for line in &hunk.lines {
        let line = match line {
            Line::Same(same) => {
                format!("  {}", cut(&[Piece { text: same.clone(), differs: false }], ' ', style))
            }
            Line::Removed(parts) => format!("{} {}", style.signed('-', "-"), cut(parts, '-', style)),
            Line::Added(parts) => format!("{} {}", style.signed('+', "+"), cut(parts, '+', style)),
        };
        text.push_str(&format!("{INDENT}    {}\n", line.trim_end()));
    }
}

/// A line that is too long, around its first difference.
fn cut(parts: &[Piece], sign: char, style: Style) -> String {
    let length: usize = parts.iter().map(|piece| piece.text.chars().count()).sum();
    if length <= LONGEST_LINE {
        return pieces(parts, sign, style);
    }
    let lead: usize =
        parts.iter().take_while(|piece| !piece.differs).map(|piece| piece.text.chars().count()).sum();
    let start = if lead == length { 0 } else { lead.saturating_sub(LEAD) };
    let (mut skip, mut room, mut kept) = (start, LONGEST_LINE, Vec::new());
    for piece in parts {
        let shown: String = piece.text.chars().skip(skip).take(room).collect();
        skip = skip.saturating_sub(piece.text.chars().count());
        room -= shown.chars().count();
        kept.push(Piece { text: shown, differs: piece.differs });
    }
    let dots = |there: bool| if there { "…" } else { "" };
    format!(
        "{}{}{} ({length} characters)",
        dots(start > 0),
        pieces(&kept, sign, style),
        dots(start + LONGEST_LINE < length)
    )
}
