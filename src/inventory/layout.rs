//! The layout of a CSV file: its separator, its header and its fields. Used to find the byte range of a field for
//! findings.

use std::ops::Range;

/// Possible separators: spreadsheets write semicolons where the comma is the decimal sign.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// Guesses the separator: the one that occurs most often in the header line outside quotes.
pub(super) fn separator(header: &str) -> u8 {
    let count = |separator: u8| fields(header, separator).0.len();
    // Among equal counts the last wins, so the comma comes last.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// Recognises the line `sep=;` that spreadsheets put first, quoted or not; returns the separator and the length of the
/// line in bytes.
pub(super) fn separator_line(text: &str) -> Option<(u8, usize)> {
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
