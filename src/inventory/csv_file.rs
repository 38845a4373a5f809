//! One CSV file of the vendor's reporting: bytes in, lines with named columns and places out. Each table's reader is
//! built on it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::cell;
use super::file_kind::not_csv;
use super::layout;
use super::line::{Columns, ExportLine};
use super::seen_at::SeenAt;
use crate::model::{Finding, SourceLocation, SourceText, all_of};

/// Which table a reader expects: for messages.
pub(super) struct Expected {
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

/// The text of an export, or why it is not CSV.
pub(super) fn decode(file: &Path, bytes: &[u8]) -> Result<SourceText, Vec<Finding>> {
    const SAVE: &str = "Export it again, or save it from the spreadsheet as \"CSV UTF-8\"";
    if let Some((what, help)) = not_csv(bytes) {
        let place = SourceLocation::whole_file(file);
        return Err(vec![finding(place, "csv-encoding", what.to_owned(), Some(help))]);
    }
    SourceText::from_bytes(file, bytes).map_err(|place| {
        vec![finding(place, "csv-encoding", "this is not UTF-8 text".to_owned(), Some(SAVE))]
    })
}

/// A CSV file with a byte order mark, Windows line ends, `;`, `|` or tabs as separators, quoted fields, columns in any
/// order, and the empty lines and cells that spreadsheets add or drop.
pub(super) struct CsvFile<'s> {
    source: &'s SourceText,
    file: Arc<Path>,
    separator: u8,
    /// The number of bytes before the header.
    skip: usize,
}

impl<'s> CsvFile<'s> {
    pub(super) fn new(source: &'s SourceText) -> Self {
        let (separator, skip) = match layout::separator_line(source.text()) {
            Some((separator, length)) => (separator, length),
            None => (layout::separator(source.text()), 0),
        };
        Self { source, file: Arc::from(source.file()), separator, skip }
    }

    /// Calls `line` for each line that is not empty, and returns the columns. The error has findings about the whole
    /// file.
    pub(super) fn each_line(
        &self,
        expected: &Expected,
        mut line: impl FnMut(&ExportLine<'_>),
    ) -> Result<Columns, Vec<Finding>> {
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .from_reader(&self.source.text().as_bytes()[self.skip..]);
        let mut columns = None;
        let mut record = csv::StringRecord::new();
        loop {
            match csv.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let place = SourceLocation::whole_file(self.source.file());
                    return Err(vec![finding(place, "csv-line", error.to_string(), None)]);
                }
            }
            if record.iter().all(|field| field.trim().is_empty()) {
                // Spreadsheets leave rows of bare separators behind.
                continue;
            }
            let start = self.line_start(record.position().map_or(0, csv::Position::byte));
            let end = self.offset(csv.position().byte()).max(start);
            match &columns {
                None => columns = Some(self.columns(expected, &record, start)?),
                Some(columns) => {
                    let number = self.source.place(start..start).line;
                    line(&ExportLine { record: &record, columns, start, end, number });
                }
            }
        }
        columns.ok_or_else(|| {
            let place = SourceLocation::whole_file(self.source.file());
            vec![finding(place, "csv-header", "the file is empty".to_owned(), Some(expected.which))]
        })
    }

    /// Why a line does not have all fields of the header, and what to do; `None` if it has. Spreadsheets drop empty
    /// cells at a line's end and add some; but a last line without a line break may be cut off.
    pub(super) fn what_is_cut(&self, line: &ExportLine<'_>) -> Option<(String, &'static str)> {
        let (found, expected) = (line.record.len(), line.columns.count);
        // A quote that is never closed reaches to the end of the file.
        if found == expected && line.end < self.source.text().len() {
            return None;
        }
        let counts = format!("this line has {found} fields and the header has {expected}");
        let text = self.source.text().get(line.start..line.end).unwrap_or_default();
        let (_, is_closed) = layout::fields(text, self.separator);
        let is_cut = found < expected && !text.ends_with(['\r', '\n']);
        let is_longer = line.record.iter().skip(expected).any(|field| cell::text(field).is_some());
        if !is_closed {
            Some((
                "a quote is opened in this line and never closed".to_owned(),
                "The file may be cut off: export it again",
            ))
        } else if is_longer {
            Some((counts, "A quote may be missing here or in a line above"))
        } else if is_cut {
            Some((format!("{counts}, and the file ends here"), "The file may be cut off: export it again"))
        } else {
            None
        }
    }

    pub(super) fn file(&self) -> &Path {
        self.source.file()
    }

    pub(super) fn seen_at(&self, line: &ExportLine<'_>) -> SeenAt {
        SeenAt::Line { file: Arc::clone(&self.file), line: line.number }
    }

    /// The place of a line's cell.
    pub(super) fn cell(&self, line: &ExportLine<'_>, column: &str) -> SourceLocation {
        let position = line.columns.by_name.get(column).copied().unwrap_or_default();
        self.place(line.start, position)
    }

    /// Converts a byte offset of the reader to one in the file.
    fn offset(&self, byte: u64) -> usize {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        self.skip.saturating_add(byte).min(self.source.text().len())
    }

    /// Returns the beginning of a record, after blank lines that the reader skips.
    fn line_start(&self, byte: u64) -> usize {
        let start = self.offset(byte);
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

    /// Returns the place of a field.
    fn place(&self, start: usize, position: usize) -> SourceLocation {
        let rest = self.source.text().get(start..).unwrap_or_default();
        let field = layout::fields(rest, self.separator).0.get(position).cloned().unwrap_or(0..0);
        self.source.place(start + field.start..start + field.end)
    }
}
