//! How a CSV file is laid out: its separator, its header, and where a field stands.

use std::ops::Range;

/// What may separate fields: spreadsheets write semicolons where the comma is the decimal sign.
const SEPARATORS: [u8; 3] = *b",;\t";

/// The separator that a header line uses: the one that stands in it most often outside quotes.
pub(super) fn separator(header: &str) -> u8 {
    let count = |separator: u8| fields(header, separator).len();
    // Of equals the last wins, so the comma comes last.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// The line `sep=;` that spreadsheets put in front, and its length with the line break.
pub(super) fn separator_line(text: &str) -> Option<(u8, usize)> {
    let line = text.split_inclusive('\n').next()?;
    let separator = line.trim_end().strip_prefix("sep=")?.as_bytes();
    match separator {
        [separator] if SEPARATORS.contains(separator) => Some((*separator, line.len())),
        _ => None,
    }
}

/// A column's name as it is compared: `resourceType`, `Resource Type` and `resource_type` are one.
pub(super) fn column(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The bytes of each field of the record that begins at the text's beginning, quotes included.
pub(super) fn fields(text: &str, separator: u8) -> Vec<Range<usize>> {
    let (mut fields, mut start, mut quoted) = (Vec::new(), 0, false);
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                fields.push(start..position);
                return fields;
            }
            byte if byte == separator && !quoted => {
                fields.push(start..position);
                start = position + 1;
            }
            _ => {}
        }
    }
    fields.push(start..text.len());
    fields
}
