//! One CSV file of the vendor's reporting: bytes in, lines with named columns and places out. Each table's reader is
//! built on it. No more of the file is in memory at a time than a piece; what is kept of all lines is up to the reader.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::file_kind::not_csv;
use super::layout;
use super::line::{Columns, ExportLine};
use super::pieces::{CsvPiece, CsvPieces, NoPiece};
use crate::model::{Finding, SourceLocation, SourceText, all_of, io_words};

/// How much may be kept of one export, in bytes: the export of a stranger must not exhaust the memory.
const MOST_KEPT: usize = 1_000_000_000;

/// About how much memory a finding takes besides the line that it shows, in bytes.
pub(super) const FINDING: usize = 400;

/// Which table a reader expects: for messages.
pub(super) struct Expected {
    /// The name of the table.
    pub(super) table: &'static str,
    /// The columns without which nothing can be read.
    pub(super) columns: &'static [&'static str],
    /// What the file has to be, as one sentence without a full stop.
    pub(super) which: &'static str,
}

/// A finding about an export.
pub(super) fn finding(
    place: SourceLocation,
    rule: &'static str,
    message: String,
    help: Option<&str>,
) -> Finding {
    Finding { place, rule, message, help: help.map(str::to_owned), related: Vec::new(), option: None }
}

/// Calls `line` for each line of the file that is not empty, and returns the columns. `line` returns about how many bytes
/// of memory it keeps. The error has findings about the whole file.
pub(super) fn each_line(
    file: &Path,
    pieces: CsvPieces<impl Read>,
    expected: &Expected,
    line: impl FnMut(&ExportLine<'_>) -> usize,
) -> Result<Columns, Vec<Finding>> {
    each_line_within(MOST_KEPT, file, pieces, expected, line)
}

fn each_line_within(
    most_kept: usize,
    file: &Path,
    mut pieces: CsvPieces<impl Read>,
    expected: &Expected,
    mut line: impl FnMut(&ExportLine<'_>) -> usize,
) -> Result<Columns, Vec<Finding>> {
    let head = pieces.head().map_err(|error| no_piece(file, expected, &error))?;
    if let Some((what, help)) = not_csv(head) {
        let place = SourceLocation::whole_file(file);
        return Err(vec![finding(place, "csv-encoding", what.to_owned(), Some(help))]);
    }
    let shared_file: Arc<Path> = Arc::from(file);
    let (mut columns, mut kept) = (None, 0_usize);
    while let Some(piece) = pieces.next().map_err(|error| no_piece(file, expected, &error))? {
        let CsvPiece { text, lines_before, separator, skip } = piece;
        let source = decode(file, text, lines_before)?;
        let csv = CsvText { source: &source, file: Arc::clone(&shared_file), separator, skip };
        csv.each_line(expected, &mut columns, &mut |found| {
            kept += line(found);
            if kept > most_kept { Err(vec![too_much(file, found.number)]) } else { Ok(()) }
        })?;
    }
    columns.ok_or_else(|| {
        let place = SourceLocation::whole_file(file);
        vec![finding(place, "csv-header", "the file is empty".to_owned(), Some(expected.which))]
    })
}

/// Why there is no further piece of a file.
fn no_piece(file: &Path, expected: &Expected, why: &NoPiece) -> Vec<Finding> {
    let (line, message) = match why {
        NoPiece::Unreadable(error) => (1, format!("the file cannot be read: {}", io_words(error))),
        NoPiece::Endless(line) => (*line, "this line does not end: a quote may be missing".to_owned()),
    };
    let place = SourceLocation { line, ..SourceLocation::whole_file(file) };
    let help = format!("Export the table {} again", expected.table);
    vec![finding(place, "csv-line", message, Some(&help))]
}

fn too_much(file: &Path, line: usize) -> Finding {
    let place = SourceLocation { line, ..SourceLocation::whole_file(file) };
    let message =
        "certctl keeps at most 1 GB of what an export says, and up to this line the export says more";
    finding(place, "csv-size", message.to_owned(), Some("Export fewer templates at a time"))
}

/// The text of a piece, or why it is none.
fn decode(file: &Path, bytes: Vec<u8>, lines_before: usize) -> Result<SourceText, Vec<Finding>> {
    const SAVE: &str = "Export it again, or save it from the spreadsheet as \"CSV UTF-8\"";
    SourceText::part(file, bytes, lines_before).map_err(|place| {
        vec![finding(place, "csv-encoding", "this is not UTF-8 text".to_owned(), Some(SAVE))]
    })
}

/// Whole lines of a CSV file with a byte order mark, Windows line ends, `;`, `|` or tabs as separators, quoted fields,
/// columns in any order, and the empty lines and cells that spreadsheets add or drop.
pub(super) struct CsvText<'s> {
    source: &'s SourceText,
    file: Arc<Path>,
    separator: u8,
    /// The number of bytes before the header.
    skip: usize,
}

impl CsvText<'_> {
    /// Calls `line` for each line that is not empty. The first one of the file is the columns.
    fn each_line(
        &self,
        expected: &Expected,
        columns: &mut Option<Columns>,
        line: &mut impl FnMut(&ExportLine<'_>) -> Result<(), Vec<Finding>>,
    ) -> Result<(), Vec<Finding>> {
        let before = self.line_break();
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .from_reader(before.chain(&self.source.text().as_bytes()[self.skip..]));
        let offset = |byte: u64| self.offset(byte.saturating_sub(before.len() as u64));
        let mut record = csv::StringRecord::new();
        loop {
            match csv.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    let place = SourceLocation::whole_file(self.source.file());
                    return Err(vec![finding(place, "csv-line", error.to_string(), None)]);
                }
            }
            if record.iter().all(|field| field.trim().is_empty()) {
                // Spreadsheets leave rows of bare separators behind.
                continue;
            }
            let start = self.line_start(offset(record.position().map_or(0, csv::Position::byte)));
            let end = offset(csv.position().byte()).max(start);
            match columns {
                None => *columns = Some(self.columns(expected, &record, start)?),
                Some(columns) => {
                    let number = self.source.line(start);
                    line(&ExportLine { csv: self, record: &record, columns, start, end, number })?;
                }
            }
        }
    }

    pub(super) fn file(&self) -> Arc<Path> {
        Arc::clone(&self.file)
    }

    pub(super) fn separator(&self) -> u8 {
        self.separator
    }

    /// The text of a line, with its line break.
    pub(super) fn text_of(&self, line: &ExportLine<'_>) -> &str {
        self.source.text().get(line.start..line.end).unwrap_or_default()
    }

    /// Whether nothing follows a line.
    pub(super) fn ends_with(&self, line: &ExportLine<'_>) -> bool {
        line.end == self.source.text().len()
    }

    /// Converts a byte offset of the reader to one in the text.
    fn offset(&self, byte: u64) -> usize {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        self.skip.saturating_add(byte).min(self.source.text().len())
    }

    /// The line break before this part, for a reader that would take a byte order mark from the beginning: only the one at
    /// the file's beginning is none of a cell.
    fn line_break(&self) -> &'static [u8] {
        let is_begun = self.skip > 0 || self.source.line(0) > 1;
        let begins_with_mark =
            self.source.text().get(self.skip..).is_some_and(|text| text.starts_with('\u{feff}'));
        if is_begun && begins_with_mark { b"\n" } else { b"" }
    }

    /// Returns the beginning of a record, after blank lines that the reader skips.
    fn line_start(&self, start: usize) -> usize {
        let blank = self.source.text().get(start..).unwrap_or_default();
        start + (blank.len() - blank.trim_start_matches(['\r', '\n']).len())
    }

    fn columns(
        &self,
        expected: &Expected,
        record: &csv::StringRecord,
        start: usize,
    ) -> Result<Columns, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut by_name = HashMap::new();
        for (position, name) in record.iter().enumerate() {
            let name = layout::column(name);
            if name.is_empty() {
                continue;
            }
            if by_name.insert(name.clone(), position).is_some() {
                let message = format!("the column {name} is there twice");
                findings.push(finding(self.place(start, position), "csv-header", message, None));
            }
        }
        let lacking: Vec<&str> =
            expected.columns.iter().filter(|name| !by_name.contains_key(**name)).copied().collect();
        if !lacking.is_empty() {
            let there: Vec<String> = record.iter().take(20).map(layout::column).collect();
            let (columns, are) = if lacking.len() == 1 { ("column", "is") } else { ("columns", "are") };
            let message = format!(
                "the {columns} {} {are} required; the file has {}. Columns may be separated by commas, semicolons, tabs or |",
                all_of(&lacking),
                there.join(", ")
            );
            findings.push(finding(self.place(start, 0), "csv-header", message, Some(expected.which)));
        }
        let spelled = record.iter().map(|name| name.trim().to_owned()).collect();
        if findings.is_empty() {
            Ok(Columns { by_name, spelled, count: record.len() })
        } else {
            Err(findings)
        }
    }

    /// Returns the place of a field of the record that begins there.
    pub(super) fn place(&self, start: usize, position: usize) -> SourceLocation {
        let rest = self.source.text().get(start..).unwrap_or_default();
        let field = layout::fields(rest, self.separator).0.get(position).cloned().unwrap_or(0..0);
        self.source.place(start + field.start..start + field.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: Expected = Expected { table: "t", columns: &["id"], which: "Expected is t" };

    fn read(most_kept: usize, text: &str) -> Result<Vec<usize>, Vec<Finding>> {
        let mut numbers = Vec::new();
        let pieces = CsvPieces::of_size(text.as_bytes(), 4);
        each_line_within(most_kept, Path::new("t.csv"), pieces, &EXPECTED, |line| {
            numbers.push(line.number);
            10
        })?;
        Ok(numbers)
    }

    #[test]
    fn more_than_can_be_kept_is_refused() {
        let text = "id\na\n\nb\nc\n";
        assert_eq!(read(30, text).unwrap(), [2, 4, 5]);
        let refused = read(29, text).unwrap_err();
        assert_eq!((refused[0].rule, refused[0].place.line), ("csv-size", 5));
    }

    #[test]
    fn a_line_without_an_end_is_named() {
        let refused = read(99, &format!("id\na\n\"{}", "x\n".repeat(200))).unwrap_err();
        assert_eq!(
            (refused[0].place.line, refused[0].help.as_deref()),
            (3, Some("Export the table t again"))
        );
    }
}
