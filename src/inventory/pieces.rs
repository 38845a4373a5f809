//! Cuts a CSV file that is too large for the memory into pieces of whole lines, each below the header, so that
//! [`super::csv_file`] can read them one after the other.

use std::io::{self, Read};

use super::layout;

/// About how many bytes are in memory at a time.
const PIECE: usize = 8 << 20;
/// The longest line, in pieces.
const LONGEST: usize = 8;

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
    /// The header, and whole lines of the file.
    pub(super) text: Vec<u8>,
    /// What must be added to the number of a line below the header to get its number in the file.
    pub(super) lines_before: usize,
}

/// The pieces of a file.
pub(super) struct CsvPieces<R> {
    source: R,
    size: usize,
    /// What was read and is in no piece yet.
    rest: Vec<u8>,
    is_at_end: bool,
    /// Everything up to the end of the header, and the separator; `None` before the first piece.
    header: Option<(Vec<u8>, u8)>,
    /// The number of lines in all pieces so far.
    lines: usize,
}

impl<R: Read> CsvPieces<R> {
    pub(super) fn of(source: R) -> Self {
        Self { source, size: PIECE, rest: Vec::new(), is_at_end: false, header: None, lines: 0 }
    }

    /// The next piece; `None` at the end of the file. An empty file has one piece.
    pub(super) fn next(&mut self) -> Result<Option<CsvPiece>, NoPiece> {
        if self.header.is_some() && self.is_at_end && self.rest.is_empty() {
            return Ok(None);
        }
        for size in 1..=LONGEST {
            self.fill(size * self.size).map_err(NoPiece::Unreadable)?;
            let separator =
                self.header.as_ref().map_or_else(|| header(&self.rest).1, |(_, separator)| *separator);
            let whole = if self.is_at_end { self.rest.len() } else { last_end(&self.rest, separator) };
            if whole > 0 || self.is_at_end {
                return Ok(Some(self.take(whole)));
            }
        }
        Err(NoPiece::Endless(self.lines + 1))
    }

    /// Reads until there are so many bytes, or the file ends.
    fn fill(&mut self, size: usize) -> io::Result<()> {
        let missing = size.saturating_sub(self.rest.len());
        let read = self.source.by_ref().take(missing as u64).read_to_end(&mut self.rest)?;
        self.is_at_end |= read < missing;
        Ok(())
    }

    fn take(&mut self, whole: usize) -> CsvPiece {
        let rest = self.rest.split_off(whole);
        let own = std::mem::replace(&mut self.rest, rest);
        let before = self.lines;
        self.lines += lines(&own);
        match &self.header {
            None => {
                self.header = Some(header(&own));
                CsvPiece { text: own, lines_before: 0 }
            }
            Some((header, _)) => {
                CsvPiece { text: [header.as_slice(), &own].concat(), lines_before: before - lines(header) }
            }
        }
    }
}

/// The number of line breaks.
fn lines(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').count() - 1
}

/// Everything up to the end of the first line with names, and the separator of the file.
fn header(text: &[u8]) -> (Vec<u8>, u8) {
    let (mut start, mut named) = (0, None);
    for end in text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1) {
        let line = String::from_utf8_lossy(&text[start..end]);
        let line = line.trim_start_matches('\u{feff}');
        start = end;
        match layout::separator_line(line) {
            Some((separator, _)) => named = Some(separator),
            None if line.trim().is_empty() => {}
            None => return (text[..end].to_vec(), named.unwrap_or_else(|| layout::separator(line))),
        }
    }
    (text.to_vec(), named.unwrap_or_else(|| layout::separator(&String::from_utf8_lossy(text))))
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
        let mut pieces = CsvPieces { size, ..CsvPieces::of(text.as_bytes()) };
        let mut all = Vec::new();
        while let Some(piece) = pieces.next()? {
            all.push((String::from_utf8(piece.text).unwrap(), piece.lines_before));
        }
        Ok(all)
    }

    #[test]
    fn each_piece_has_the_header() {
        let text = "sep=;\n\na;b\n1;2\n3;\"x\ny\"\n5;6";
        let head = "sep=;\n\na;b\n";
        let of = |own: &str| format!("{head}{own}");
        let all = pieces(text, 18).unwrap();
        assert_eq!(all, [(of("1;2\n"), 0), (of("3;\"x\ny\"\n5;6"), 1)]);
        assert_eq!(pieces(text, 1000).unwrap(), [(text.to_owned(), 0)]);
        assert_eq!(pieces("", 10).unwrap(), [(String::new(), 0)]);
    }

    #[test]
    fn a_line_that_does_not_end_is_refused() {
        let text = format!("a,b\n1,\"{}", "x\n".repeat(100));
        assert!(matches!(pieces(&text, 5), Err(NoPiece::Endless(2))));
    }

    proptest::proptest! {
        #[test]
        fn pieces_are_the_file(text in "(a,b|\"|\"x\"|[,;\n]|\r\n|sep=;){0,30}", size in 1..40_usize) {
            let Ok(all) = pieces(&text, size) else { return Ok(()) };
            let head = header(all[0].0.as_bytes()).0.len();
            let rest: String = all[1..].iter().map(|(text, _)| &text[head..]).collect();
            proptest::prop_assert_eq!(format!("{}{rest}", all[0].0), text.clone());
            let mut line = lines(all[0].0.as_bytes());
            for (piece, before) in &all[1..] {
                proptest::prop_assert_eq!(before + lines(&piece.as_bytes()[..head]), line);
                line += lines(&piece.as_bytes()[head..]);
            }
        }
    }
}
