//! Cuts an export into pieces of whole lines, which [`super::csv_file`] reads one after the other: an export may be larger
//! than the memory.

use std::io::{self, Read};

use super::layout::{self, Beginning};

/// About how many bytes are in memory at a time.
const PIECE: usize = 1 << 20;
/// What spreadsheets put before everything else.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// The longest line, in pieces.
const LONGEST: usize = 64;

/// Why there is no further piece.
#[derive(Debug)]
pub(super) enum NoPiece {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// The line with this number does not end.
    Endless(usize),
}

/// A part of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CsvPiece {
    /// Whole lines of the file.
    pub(super) text: Vec<u8>,
    /// The number of lines in the pieces before.
    pub(super) lines_before: usize,
    /// The separator of the file.
    pub(super) separator: u8,
    /// The number of bytes before the header; 0 if it is in an earlier piece.
    pub(super) skip: usize,
}

/// The pieces of a file.
pub(super) struct CsvPieces<R> {
    source: R,
    size: usize,
    /// What was read and is in no piece yet.
    rest: Vec<u8>,
    is_at_end: bool,
    /// The separator; `None` before the first piece.
    separator: Option<u8>,
    /// The number of lines in all pieces so far.
    lines: usize,
}

impl<R: Read> CsvPieces<R> {
    pub(super) fn of(source: R) -> Self {
        Self::of_size(source, PIECE)
    }

    /// Pieces of at least so many bytes.
    pub(super) fn of_size(source: R, size: usize) -> Self {
        Self { source, size, rest: Vec::new(), is_at_end: false, separator: None, lines: 0 }
    }

    /// The first bytes of what is not in a piece yet.
    pub(super) fn head(&mut self) -> Result<&[u8], NoPiece> {
        self.fill(self.size)?;
        Ok(&self.rest)
    }

    /// The next piece; `None` at the end of the file. An empty file has one piece.
    pub(super) fn next(&mut self) -> Result<Option<CsvPiece>, NoPiece> {
        let mut size = 1;
        while size <= LONGEST {
            self.fill(size * self.size)?;
            if self.is_at_end && self.rest.is_empty() && self.separator.is_some() {
                return Ok(None);
            }
            let Some(Beginning { separator, skip }) = self.beginning() else {
                size *= 2;
                continue;
            };
            let whole = if self.is_at_end { self.rest.len() } else { self.whole_lines(separator) };
            if whole > 0 || self.is_at_end {
                return Ok(Some(self.take(whole, separator, skip)));
            }
            size *= 2;
        }
        Err(NoPiece::Endless(self.lines + 1))
    }

    /// Reads until there are so many bytes, or the file ends.
    fn fill(&mut self, size: usize) -> Result<(), NoPiece> {
        let missing = size.saturating_sub(self.rest.len());
        let read = self.source.by_ref().take(missing as u64).read_to_end(&mut self.rest);
        self.is_at_end |= read.map_err(NoPiece::Unreadable)? < missing;
        Ok(())
    }

    /// How the next piece begins; `None` if too little was read to tell.
    fn beginning(&self) -> Option<Beginning> {
        let known = self.separator.map(|separator| Beginning { separator, skip: 0 });
        known.or_else(|| layout::beginning(&String::from_utf8_lossy(&self.rest), self.is_at_end))
    }

    /// The length of the whole lines that were read.
    fn whole_lines(&self, separator: u8) -> usize {
        // A quote behind the file's byte order mark is at a field's beginning.
        let lines = self.rest.strip_prefix(BYTE_ORDER_MARK).filter(|_| self.separator.is_none());
        match lines.map(|lines| last_end(lines, separator)) {
            None => last_end(&self.rest, separator),
            Some(0) => 0,
            Some(end) => BYTE_ORDER_MARK.len() + end,
        }
    }

    fn take(&mut self, whole: usize, separator: u8, skip: usize) -> CsvPiece {
        let rest = self.rest.split_off(whole);
        let text = std::mem::replace(&mut self.rest, rest);
        let lines_before = self.lines;
        self.lines += memchr::memchr_iter(b'\n', &text).count();
        self.separator = Some(separator);
        CsvPiece { text, lines_before, separator, skip }
    }
}

/// Where the last whole line ends; 0 if there is none. As in RFC 4180, a quote counts only at a field's beginning, and
/// two in a quoted field are one.
fn last_end(text: &[u8], separator: u8) -> usize {
    let (mut end, mut is_quoted, mut is_beginning) = (0, false, true);
    let mut bytes = text.iter().enumerate().peekable();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b'"' if is_quoted => is_quoted = bytes.next_if(|(_, next)| **next == b'"').is_some(),
            b'"' if is_beginning => is_quoted = true,
            b'\n' if !is_quoted => end = at + 1,
            _ => {}
        }
        is_beginning = !is_quoted && (byte == separator || byte == b'\n' || byte == b'\r');
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, size: usize) -> Result<Vec<(String, usize)>, NoPiece> {
        let mut pieces = CsvPieces::of_size(text.as_bytes(), size);
        let mut all = Vec::new();
        while let Some(piece) = pieces.next()? {
            all.push((String::from_utf8(piece.text).unwrap(), piece.lines_before));
        }
        Ok(all)
    }

    #[test]
    fn pieces_are_whole_lines() {
        let text = "sep=;\n\na;b\n1;2\n3;\"x\ny\"\n5;6";
        let of = |own: &str, before| (own.to_owned(), before);
        let all = [of("sep=;\n\na;b\n1;2\n", 0), of("3;\"x\ny\"\n5;6", 4)];
        assert_eq!(pieces(text, 18).unwrap(), all);
        assert_eq!(pieces(text, 1000).unwrap(), [of(text, 0)]);
        assert_eq!(pieces("", 10).unwrap(), [of("", 0)]);
        assert_eq!(pieces("a\n", 2).unwrap(), [of("a\n", 0)]);
    }

    #[test]
    fn a_line_that_does_not_end_is_refused() {
        let text = format!("a,b\n1,\"{}", "x\n".repeat(200));
        assert!(matches!(pieces(&text, 5), Err(NoPiece::Endless(2))));
    }

    proptest::proptest! {
        #[test]
        fn pieces_are_the_file(text in "(a,b|\"|\"x\"|[,;\n]|\r\n|sep=;){0,30}", size in 1..40_usize) {
            let Ok(all) = pieces(&text, size) else { return Ok(()) };
            let mut line = 0;
            for (piece, before) in &all {
                proptest::prop_assert_eq!(*before, line);
                line += piece.matches('\n').count();
            }
            proptest::prop_assert_eq!(all.into_iter().map(|(piece, _)| piece).collect::<String>(), text);
        }
    }
}
