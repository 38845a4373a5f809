//! Recognises files that people mistake for CSV, by their first bytes.

/// The kind of a file that cannot be CSV, and what to do.
pub(super) type NotCsv = (&'static str, &'static str);

const SAVE_AS: &str = "Open it and save it as \"CSV UTF-8\", or export the table again as CSV";
const EXPORT_AGAIN: &str = "Export the table certificatetemplates again, as CSV";

/// Returns the kind of the file; `None` if it may be CSV.
pub(super) fn not_csv(bytes: &[u8]) -> Option<NotCsv> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"PK\x03\x04") {
        Some(packed(bytes))
    } else if starts(b"\xd0\xcf\x11\xe0") {
        Some(("this is an old Excel file (.xls), not a CSV file", SAVE_AS))
    } else if starts(b"\x1f\x8b") {
        Some(("this is a gzip archive, not a CSV file", "Unpack it first"))
    } else if starts(b"%PDF") {
        Some(("this is a PDF, not a CSV file", EXPORT_AGAIN))
    } else if starts(b"\xff\xfe") || starts(b"\xfe\xff") || is_wide(bytes) {
        Some(("this is UTF-16 text (Excel calls it \"Unicode Text\"), and certctl reads UTF-8", SAVE_AS))
    } else {
        marked_up(bytes)
    }
}

/// Returns what a zip archive contains, by its first names.
fn packed(bytes: &[u8]) -> NotCsv {
    let head = &bytes[..bytes.len().min(4096)];
    let has = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    if has(b"[Content_Types].xml") || has(b"xl/") || has(b"_rels/") {
        ("this is an Excel file (.xlsx), not a CSV file", SAVE_AS)
    } else if has(b"opendocument.spreadsheet") {
        ("this is an OpenDocument file (.ods), not a CSV file", SAVE_AS)
    } else {
        ("this is a zip archive, not a CSV file", "Unpack it first")
    }
}

/// Recognises HTML pages and documents of other programs.
fn marked_up(bytes: &[u8]) -> Option<NotCsv> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = text[..text.len().min(1024)].to_ascii_lowercase();
    let has = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    match text.first() {
        Some(b'<') if has(b"<html") || has(b"<!doctype html") => Some((
            "this is a web page, not a CSV file",
            "It may be a login page or an error page in place of the export: export the table certificatetemplates again, as CSV",
        )),
        Some(b'<') => Some(("this is XML, not a CSV file", EXPORT_AGAIN)),
        Some(b'{' | b'[') => Some(("this is JSON, not a CSV file", EXPORT_AGAIN)),
        _ => None,
    }
}

/// Recognises UTF-16 without a byte order mark: in Latin text, every second byte of the header is zero.
fn is_wide(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).all(|byte| *byte == 0);
    head.len() == 8 && (zeros(0) != zeros(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_are_named() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let packed = |names: &str| [b"PK\x03\x04....", names.as_bytes()].concat();
        for (bytes, word) in [
            (packed("[Content_Types].xml"), "an Excel file (.xlsx)"),
            (packed("docProps/app.xml..xl/workbook.xml"), "an Excel file (.xlsx)"),
            (packed("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
            (packed("export.csv"), "a zip archive"),
            (b"\xef\xbb\xbf\n<!DOCTYPE html><html>".to_vec(), "a web page"),
            (b"<HTML><body>".to_vec(), "a web page"),
            (b"<?xml version='1.0'?><Workbook>".to_vec(), "XML"),
            (b" [{\"id\": 1}]".to_vec(), "JSON"),
            (b"\xd0\xcf\x11\xe0rest".to_vec(), ".xls"),
            (b"\x1f\x8brest".to_vec(), "gzip"),
            (wide("id;title"), "UTF-16"),
            (wide("\u{feff}id;title"), "UTF-16"),
        ] {
            assert!(
                not_csv(&bytes).is_some_and(|(what, help)| what.contains(word) && !help.is_empty()),
                "{word}"
            );
        }
        assert_eq!(not_csv(b"id,resourcetype"), None);
        assert_eq!(not_csv(b"\"id\",\"a <html> b\""), None);
        assert_eq!(not_csv(b""), None);
        assert_eq!(not_csv(&[0; 8]), None);
    }
}
