//! The text of a file, and how byte ranges become line and column. `config`, `desired` and `export` use it for findings.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::SourceLocation;

/// Longer lines, in bytes, are not copied into findings: a generated file can be one line of megabytes, and each finding
/// would carry all of it.
const MAX_SOURCE_LINE: usize = 16 << 10;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A file's name and text.
#[derive(Clone, Debug)]
pub struct SourceText {
    file: PathBuf,
    text: String,
    /// Whether a byte order mark was removed from its beginning.
    is_marked: bool,
    /// The number of lines of the file before this text.
    lines_before: usize,
    /// Where each line begins. Computed once, so that thousands of findings in a large file do not each count lines.
    line_starts: OnceLock<Box<[usize]>>,
    /// How many characters precede each block of bytes, for thousands of places in one long line.
    blocks: OnceLock<Box<[usize]>>,
}

/// Bytes per block. Shorter lines are counted each time.
const BLOCK: usize = 4096;

impl SourceText {
    /// A file's text. A leading byte order mark is removed.
    pub fn new(file: impl Into<PathBuf>, text: &str) -> Self {
        let stripped = text.strip_prefix(BYTE_ORDER_MARK);
        let source = Self::of_text(file.into(), stripped.unwrap_or(text).to_owned());
        Self { is_marked: stripped.is_some(), ..source }
    }

    fn of_text(file: PathBuf, text: String) -> Self {
        Self {
            file,
            text,
            is_marked: false,
            lines_before: 0,
            line_starts: OnceLock::new(),
            blocks: OnceLock::new(),
        }
    }

    /// Like [`Self::from_bytes`], without copying the bytes.
    pub(crate) fn from_vec(file: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, SourceLocation> {
        match String::from_utf8(bytes) {
            Ok(text) if text.starts_with(BYTE_ORDER_MARK) => Ok(Self::new(file, &text)),
            Ok(text) => Ok(Self::of_text(file.into(), text)),
            Err(error) => Self::from_bytes(file, error.as_bytes()),
        }
    }

    /// Like [`Self::from_vec`], for whole lines of a file with so many lines before them. Only at the file's beginning, a
    /// byte order mark is one.
    pub(crate) fn part(
        file: impl Into<PathBuf>,
        bytes: Vec<u8>,
        lines_before: usize,
    ) -> Result<Self, SourceLocation> {
        let file = file.into();
        let decoded = match String::from_utf8(bytes) {
            Ok(text) if lines_before > 0 => Ok(Self::of_text(file, text)),
            Ok(text) => Self::from_vec(file, text.into_bytes()),
            Err(error) => Self::from_bytes(file, error.as_bytes()),
        };
        match decoded {
            Ok(text) => Ok(Self { lines_before, ..text }),
            Err(place) => Err(SourceLocation { line: place.line + lines_before, ..place }),
        }
    }

    /// Decodes a file's bytes; the error is the place of the first byte that is not UTF-8.
    pub fn from_bytes(file: impl Into<PathBuf>, bytes: &[u8]) -> Result<Self, SourceLocation> {
        let file = file.into();
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(file, text)),
            Err(error) => {
                let valid = error.valid_up_to();
                let text = String::from_utf8_lossy(bytes).into_owned();
                Err(Self::new(file, &text).place(valid..valid + 1))
            }
        }
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as it is in the file, with a byte order mark if it has one.
    pub fn whole(&self) -> Cow<'_, str> {
        self.marked(&self.text)
    }

    /// Another text for this file, with a byte order mark if the file has one.
    pub fn marked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_marked { Cow::Owned(format!("{BYTE_ORDER_MARK}{text}")) } else { Cow::Borrowed(text) }
    }

    /// The file's name.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line of a byte in the file, from 1.
    pub fn line(&self, byte: usize) -> usize {
        self.lines_before + self.lines_up_to(byte)
    }

    /// How many lines of this text begin at a byte or before it.
    fn lines_up_to(&self, byte: usize) -> usize {
        self.line_starts().partition_point(|line_start| *line_start <= byte)
    }

    /// The place of a byte range; a range over several lines is cut at the end of the first one.
    pub fn place(&self, bytes: Range<usize>) -> SourceLocation {
        let start = self.text.floor_char_boundary(bytes.start.min(self.text.len()));
        let line_starts = self.line_starts();
        let line = self.lines_up_to(start);
        let line_start = line.checked_sub(1).and_then(|line| line_starts.get(line)).copied().unwrap_or(0);
        let next_line = line_starts.get(line).copied().unwrap_or(self.text.len());
        let source_line = self.text[line_start..next_line].trim_end_matches('\n').trim_end_matches('\r');
        let line_end = line_start + source_line.len();
        let start = start.min(line_end);
        let end = self.text.floor_char_boundary(bytes.end.min(line_end)).max(start);
        SourceLocation {
            file: self.file.clone(),
            line: self.lines_before + line,
            column: self.characters(line_start, start) + 1,
            width: self.text[start..end].chars().count().max(1),
            source_line: if source_line.len() > MAX_SOURCE_LINE {
                String::new()
            } else {
                source_line.to_owned()
            },
        }
    }

    /// The number of characters between two byte offsets.
    fn characters(&self, start: usize, end: usize) -> usize {
        let begins = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
        let bytes = self.text.as_bytes();
        if end - start <= BLOCK {
            return bytes[start..end].iter().filter(begins).count();
        }
        let blocks = self.blocks.get_or_init(|| {
            let counts = bytes.chunks(BLOCK).map(|block| block.iter().filter(begins).count());
            let before = counts.scan(0, |sum, count| {
                let before = *sum;
                *sum += count;
                Some(before)
            });
            before.collect()
        });
        let up_to = |at: usize| {
            let block = (at / BLOCK).min(blocks.len().saturating_sub(1));
            blocks.get(block).copied().unwrap_or(0) + bytes[block * BLOCK..at].iter().filter(begins).count()
        };
        up_to(end) - up_to(start)
    }

    /// The byte offset of each line; the first is 0.
    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(self.text.match_indices('\n').map(|(position, _)| position + 1))
                .collect()
        })
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
    fn byte_order_marks_are_put_back() {
        for text in ["\u{feff}a\n", "a\n", ""] {
            let source = SourceText::new("a", text);
            assert_eq!((source.whole(), source.text()), (text.into(), text.trim_start_matches('\u{feff}')));
        }
    }

    #[test]
    fn huge_lines_are_not_copied() {
        let text = format!("a\n{}b", "x".repeat(MAX_SOURCE_LINE));
        let place = SourceText::new("a", &text).place(text.len() - 1..text.len());
        assert_eq!((place.line, place.column), (2, MAX_SOURCE_LINE + 1));
        assert_eq!(place.source_line, "");
    }

    #[test]
    fn columns_of_long_lines_count_characters() {
        let text = format!("a\n{}b{}", "é".repeat(BLOCK * 2 + 1), "x".repeat(BLOCK));
        let source = SourceText::new("a", &text);
        for (sign, column) in [("b", BLOCK * 2 + 2), ("x", BLOCK * 2 + 3)] {
            let at = text.find(sign).unwrap();
            assert_eq!((source.place(at..at + 1).column, source.place(at..at + 1).width), (column, 1));
        }
        assert_eq!(source.place(text.len()..text.len()).column, BLOCK * 3 + 3);
    }

    #[test]
    fn first_invalid_byte_is_found() {
        let place = SourceText::from_bytes("a", b"ab\nCaf\xe9\n").unwrap_err();
        assert_eq!((place.line, place.column), (2, 4));
    }

    proptest::proptest! {
        #[test]
        fn every_range_has_a_place(text in "[a-é\\r\\n\u{feff}]{0,12}|.{0,40}", start in 0_usize..40, length in 0_usize..40) {
            let place = SourceText::new("a", &text).place(start..start + length);
            proptest::prop_assert!(place.line >= 1 && place.column >= 1 && place.width >= 1);
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let line = text.split('\n').nth(place.line - 1).map(|line| line.trim_end_matches('\r'));
            proptest::prop_assert_eq!(line, Some(place.source_line.as_str()));
            proptest::prop_assert!(place.column + place.width <= place.source_line.chars().count() + 2);
        }
    }
}
