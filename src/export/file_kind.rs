//! Files that people give for a CSV file, told apart by how they begin.

/// What the file is, where it is not a text that could be CSV.
pub(super) fn not_csv(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"PK\x03\x04") {
        Some("this is a spreadsheet (.xlsx or .ods) or a zip archive, not a CSV file")
    } else if starts(b"\xd0\xcf\x11\xe0") {
        Some("this is an old Excel workbook (.xls), not a CSV file")
    } else if starts(b"\x1f\x8b") {
        Some("this is a gzip archive, not a CSV file: unpack it first")
    } else if starts(b"%PDF") {
        Some("this is a PDF, not a CSV file")
    } else if starts(b"\xff\xfe") || starts(b"\xfe\xff") || is_wide(bytes) {
        Some("this is UTF-16 text (Excel calls it \"Unicode Text\"), and certctl reads UTF-8")
    } else {
        None
    }
}

/// UTF-16 without a byte order mark: every second byte of a header line in Latin letters is zero.
fn is_wide(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).all(|byte| *byte == 0);
    head.len() == 8 && (zeros(0) != zeros(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_csv_is_named() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for (bytes, word) in [
            (b"PK\x03\x04rest".to_vec(), ".xlsx"),
            (b"\xd0\xcf\x11\xe0rest".to_vec(), ".xls"),
            (b"\x1f\x8brest".to_vec(), "gzip"),
            (wide("id;title"), "UTF-16"),
            (wide("\u{feff}id;title"), "UTF-16"),
        ] {
            assert!(not_csv(&bytes).is_some_and(|message| message.contains(word)), "{word}");
        }
        assert_eq!(not_csv(b"id,resourcetype"), None);
        assert_eq!(not_csv(b""), None);
        assert_eq!(not_csv(&[0; 8]), None);
    }
}
