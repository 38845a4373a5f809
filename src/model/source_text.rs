//! A text that a person wrote, and places in it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Place;

/// A file's text with its name.
#[derive(Clone, Debug)]
pub struct SourceText {
    file: PathBuf,
    text: String,
}

impl SourceText {
    /// A file's text. A byte order mark is not part of it.
    pub fn new(file: impl Into<PathBuf>, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { file: file.into(), text: text.to_owned() }
    }

    /// Reads a file's bytes; the error is the place of the first byte that is not UTF-8.
    pub fn from_bytes(file: impl Into<PathBuf>, bytes: &[u8]) -> Result<Self, Place> {
        let file = file.into();
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(file, text)),
            Err(error) => {
                let good = error.valid_up_to();
                let text = String::from_utf8_lossy(bytes).into_owned();
                Err(Self::new(file, &text).place(good..good + 1))
            }
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file's name.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The place of these bytes; a range that ends on another line is cut at its first line's end.
    pub fn place(&self, bytes: Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(bytes.start.min(self.text.len()));
        let line_start = self.text[..start].rfind('\n').map_or(0, |position| position + 1);
        let rest = &self.text[line_start..];
        let source_line = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let line_end = line_start + source_line.len();
        let end = self.text.floor_char_boundary(bytes.end.min(line_end)).max(start.min(line_end));
        Place {
            file: self.file.clone(),
            line: self.text[..line_start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            width: self.text[start.min(end)..end].chars().count().max(1),
            source_line: source_line.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let source = SourceText::new("a.yaml", "\u{feff}eins\r\nzwö drei\n");
        let place = source.place(source.text().find("drei").unwrap()..source.text().len());
        assert_eq!((place.line, place.column, place.width), (2, 5, 4));
        assert_eq!(place.source_line, "zwö drei");
        let end = source.place(999..1000);
        assert_eq!((end.line, end.column, end.width), (3, 1, 1));
    }

    #[test]
    fn the_first_byte_that_is_no_utf8_is_found() {
        let place = SourceText::from_bytes("a", b"ab\nCaf\xe9\n").unwrap_err();
        assert_eq!((place.line, place.column), (2, 4));
    }

    proptest::proptest! {
        #[test]
        fn every_range_of_every_text_has_a_place(text: String, start in 0_usize..40, length in 0_usize..40) {
            let place = SourceText::new("a", &text).place(start..start + length);
            proptest::prop_assert!(place.line >= 1 && place.column >= 1 && place.width >= 1);
        }
    }
}
