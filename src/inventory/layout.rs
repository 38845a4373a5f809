//! The layout of a CSV file: its separator, its header and its fields. Used to find the byte range of a field for
//! findings.

use std::ops::Range;

/// Possible separators: spreadsheets write semicolons where the comma is the decimal sign.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// How a file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) separator: u8,
    /// The number of bytes before the header.
    pub(super) skip: usize,
}

/// Returns how a file begins, from its first part or all of it; `None` if that does not have the end of the first line.
pub(super) fn beginning(text: &str, is_all: bool) -> Option<Beginning> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((separator, skip)) = separator_line(text) {
        let is_whole = is_all || text[..skip].ends_with('\n');
        return is_whole.then_some(Beginning { separator, skip });
    }
    let has_end =
        |separator: u8| fields(text, separator).0.last().is_some_and(|field| field.end < text.len());
    let is_whole = is_all || SEPARATORS.into_iter().all(has_end);
    is_whole.then(|| Beginning { separator: separator(text), skip: 0 })
}

/// Guesses the separator: the one that occurs most often in the header line outside quotes.
fn separator(header: &str) -> u8 {
    let count = |separator: u8| fields(header, separator).0.len();
    // Among equal counts the last wins, so the comma comes last.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// Recognises the line `sep=;` that spreadsheets put first, quoted or not; returns the separator and the length of the
/// line in bytes.
fn separator_line(text: &str) -> Option<(u8, usize)> {
    let line = text.split_inclusive('\n').next()?;
    // A tab is a separator here and must not be trimmed.
    let bare = line.trim_end_matches(['\r', '\n', ' ']);
    let bare = bare.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(bare);
    let (word, separator) = bare.split_at_checked(4)?;
    match separator.as_bytes() {
        [separator] if word.eq_ignore_ascii_case("sep=") && SEPARATORS.contains(separator) => {
            Some((*separator, line.len()))
        }
        _ => None,
    }
}

/// Normalises a column's name: `resourceType`, `Resource Type` and `resource_type` are equal.
pub(super) fn column(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the byte range of each field of the first record, quotes included, and whether its last quote is closed. As
/// in RFC 4180, a quote counts only at a field's beginning, and two in a quoted field are one.
pub(super) fn fields(text: &str, separator: u8) -> (Vec<Range<usize>>, bool) {
    let (mut fields, mut start, mut quoted, mut closed_at) = (Vec::new(), 0, false, None);
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if quoted => {
                quoted = false;
                closed_at = Some(position);
            }
            b'"' => quoted = position == start || closed_at.is_some_and(|closed| closed + 1 == position),
            b'\n' | b'\r' if !quoted => {
                fields.push(start..position);
                return (fields, true);
            }
            byte if byte == separator && !quoted => {
                fields.push(start..position);
                start = position + 1;
            }
            _ => {}
        }
    }
    fields.push(start..text.len());
    (fields, !quoted)
}
