//! Reads an export: bytes in, templates and findings out.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::path::Path;

use super::cell::{self, UnreadableCell};
use super::file_kind::not_csv;
use super::layout;
use super::line::{Columns, ExportLine};
use super::table::{Deleted, Exported, Foreign, Table, UnreadableLine, resource_of};
use crate::model::{
    Finding, NaturalKey, SourceLocation, SourceText, TEMPLATE_FIELDS, TemplateId, Timestamp, all_of,
};

const NEEDED: [&str; 3] = ["id", "resourcetype", "resourceid"];

pub(super) const WHICH: &str = "Expected is the vendor's reporting table certificatetemplates as CSV, with a header line and at \
                     least the columns id, resourcetype, resourceid; title, usercustomfieldslug, usercustomfieldvalue \
                     and updatedat make it certain";

/// Reads an export. Accepts a byte order mark, Windows line ends, `;`, `|` or tabs as separators, quoted fields, other
/// columns, any order of columns, and the empty lines and cells that spreadsheets add or drop. `now` is used to reject
/// times in the future. The error has findings about the whole file; those about single lines are in the table.
pub fn read(file: &Path, bytes: &[u8], now: Timestamp) -> Result<Table, Vec<Finding>> {
    const SAVE: &str = "Export it again, or save it from the spreadsheet as \"CSV UTF-8\"";
    if let Some((what, help)) = not_csv(bytes) {
        let place = SourceLocation::whole_file(file);
        return Err(vec![finding(place, "csv-encoding", what.to_owned(), Some(help))]);
    }
    let source = SourceText::from_bytes(file, bytes).map_err(|place| {
        vec![finding(place, "csv-encoding", "this is not UTF-8 text".to_owned(), Some(SAVE))]
    })?;
    let (separator, skip) = match layout::separator_line(source.text()) {
        Some((separator, length)) => (separator, length),
        None => (layout::separator(source.text()), 0),
    };
    ExportReader {
        source: &source,
        separator,
        skip,
        now,
        findings: Vec::new(),
        ids: HashMap::new(),
        natural_keys: HashMap::new(),
    }
    .read()
}

fn finding(place: SourceLocation, rule: &'static str, message: String, help: Option<&str>) -> Finding {
    Finding { place, rule, message, help: help.map(str::to_owned), related: Vec::new(), option: None }
}

pub(super) struct ExportReader<'s> {
    source: &'s SourceText,
    separator: u8,
    /// The number of bytes before the header.
    skip: usize,
    pub(super) now: Timestamp,
    findings: Vec<Finding>,
    /// The first line of each id.
    ids: HashMap<TemplateId, First>,
    /// The first line of each natural key that the export shows in full.
    natural_keys: HashMap<NaturalKey, usize>,
}

/// The first line that has an id.
struct First {
    line: usize,
    resource: NaturalKey,
    /// The index of its template in the table; `None` if the line has it as deleted.
    position: Option<usize>,
    /// Whether a later line contradicts it.
    is_contradicted: bool,
}

/// The content of a line.
pub(super) enum ReadLine {
    Template(Exported),
    Deleted(Deleted),
    Foreign(Foreign),
}

impl ExportReader<'_> {
    fn read(mut self) -> Result<Table, Vec<Finding>> {
        let source = self.source;
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .from_reader(&source.text().as_bytes()[self.skip..]);
        let (mut table, mut columns) = (Table::default(), None);
        let mut record = csv::StringRecord::new();
        loop {
            match csv.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let place = SourceLocation::whole_file(source.file());
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
                None => columns = Some(self.columns(&record, start)?),
                Some(columns) => {
                    let number = source.place(start..start).line;
                    self.line(&ExportLine { record: &record, columns, start, end, number }, &mut table);
                }
            }
        }
        let Some(columns) = columns else {
            let place = SourceLocation::whole_file(source.file());
            return Err(vec![finding(place, "csv-header", "the file is empty".to_owned(), Some(WHICH))]);
        };
        let names = TEMPLATE_FIELDS.into_iter().map(|field| field.name);
        table.columns = names.filter(|name| columns.has_attribute(name)).collect();
        self.drop_contradicted(&mut table);
        table.findings = self.findings;
        Ok(table)
    }

    /// Drops every id whose lines contradict each other.
    fn drop_contradicted(&self, table: &mut Table) {
        let contradicted = self.ids.iter().filter(|(_, first)| first.is_contradicted);
        let ids: HashSet<&TemplateId> = contradicted.map(|(id, _)| id).collect();
        table.templates.retain(|template| !ids.contains(&template.id));
        table.deleted.retain(|deleted| deleted.id.as_ref().is_none_or(|id| !ids.contains(id)));
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

    fn columns(&self, record: &csv::StringRecord, start: usize) -> Result<Columns, Vec<Finding>> {
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
        let lacking: Vec<&str> = NEEDED.into_iter().filter(|name| !by_name.contains_key(*name)).collect();
        if !lacking.is_empty() {
            let there: Vec<String> = record.iter().take(20).map(layout::column).collect();
            let (columns, are) = if lacking.len() == 1 { ("column", "is") } else { ("columns", "are") };
            let message = format!(
                "the {columns} {} {are} required; the file has {}. Columns may be separated by commas, semicolons, tabs or |",
                all_of(&lacking),
                there.join(", ")
            );
            findings.push(finding(self.place(start, 0), "csv-header", message, Some(WHICH)));
        }
        if findings.is_empty() { Ok(Columns { by_name, count: record.len() }) } else { Err(findings) }
    }

    /// Adds one line to the table.
    fn line(&mut self, line: &ExportLine<'_>, table: &mut Table) {
        let before = self.findings.len();
        let read = self.template(line);
        if self.findings.len() > before {
            // Nothing follows from the rest of the line.
            table.unreadable.push(UnreadableLine { resource: line.resource(), line: line.number });
            return;
        }
        match read {
            Some(ReadLine::Template(template)) => self.once(template, line, table),
            Some(ReadLine::Deleted(deleted)) => self.gone(deleted, line, table),
            Some(ReadLine::Foreign(foreign)) => table.foreign.push(foreign),
            None => {}
        }
    }

    /// Returns whether the line has all fields of the header. Spreadsheets drop empty cells at a line's end and add
    /// some; but a last line without a line break may be cut off.
    pub(super) fn is_whole(&mut self, line: &ExportLine<'_>) -> bool {
        let (found, expected) = (line.record.len(), line.columns.count);
        let counts = format!("this line has {found} fields and the header has {expected}");
        let text = self.source.text().get(line.start..line.end).unwrap_or_default();
        let (_, is_closed) = layout::fields(text, self.separator);
        let is_cut = found < expected && !text.ends_with(['\r', '\n']);
        let is_longer = line.record.iter().skip(expected).any(|field| cell::text(field).is_some());
        let (message, help) = if !is_closed {
            (
                "a quote is opened in this line and never closed".to_owned(),
                "The file may be cut off: export it again",
            )
        } else if is_longer {
            (counts, "A quote may be missing here or in a line above")
        } else if is_cut {
            (format!("{counts}, and the file ends here"), "The file may be cut off: export it again")
        } else {
            return true;
        };
        self.find(line, "id", "csv-line", message, help);
        false
    }

    /// Adds the template unless its line repeats an earlier one, as joined queries do. Two lines that contradict each
    /// other about one id are a finding, and neither counts.
    fn once(&mut self, template: Exported, line: &ExportLine<'_>, table: &mut Table) {
        let Some(first) = self.ids.get(&template.id) else {
            let resource = resource_of(&template.natural_key);
            let position = Some(table.templates.len());
            let first = First { line: template.line, resource, position, is_contradicted: false };
            self.ids.insert(template.id.clone(), first);
            self.is_alone(&template, line);
            table.templates.push(template);
            return;
        };
        let earlier = first.position.and_then(|position| table.templates.get(position));
        let repeats = |earlier: &Exported| Exported { line: template.line, ..earlier.clone() } == template;
        if !earlier.is_some_and(repeats) {
            self.contradicts(&template.id, resource_of(&template.natural_key), line, table);
        }
    }

    /// Adds a finding if the resource already has a template for this audience. Both count, because it is unknown which
    /// one is meant.
    fn is_alone(&mut self, template: &Exported, line: &ExportLine<'_>) {
        if !template.shows_audience {
            return;
        }
        match self.natural_keys.entry(template.natural_key.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert(template.line);
            }
            Entry::Occupied(first) => {
                let message = format!("line {} has another template for {}", first.get(), first.key());
                let help = "Delete one of the two in the admin page, and export the table again";
                self.find(line, "id", "csv-twice", message, help);
            }
        }
    }

    /// Records the id of a deleted template: no other line may have it as existing.
    fn gone(&mut self, deleted: Deleted, line: &ExportLine<'_>, table: &mut Table) {
        let Some(id) = &deleted.id else { return table.deleted.push(deleted) };
        match self.ids.get(id) {
            Some(First { position: Some(_), .. }) => {
                return self.contradicts(id, deleted.resource.clone(), line, table);
            }
            Some(_) => {}
            None => {
                let (line, resource) = (deleted.line, deleted.resource.clone());
                let first = First { line, resource, position: None, is_contradicted: false };
                self.ids.insert(id.clone(), first);
            }
        }
        table.deleted.push(deleted);
    }

    /// Marks this line and the first one of its id as unreadable.
    fn contradicts(
        &mut self,
        id: &TemplateId,
        resource: NaturalKey,
        line: &ExportLine<'_>,
        table: &mut Table,
    ) {
        let Some(first) = self.ids.get_mut(id) else { return };
        let message = format!("line {} says something else of the id {id}", first.line);
        if !std::mem::replace(&mut first.is_contradicted, true) {
            table.unreadable.push(UnreadableLine { resource: first.resource.clone(), line: first.line });
        }
        table.unreadable.push(UnreadableLine { resource, line: line.number });
        self.find(line, "id", "csv-id", message, "Export the table certificatetemplates alone");
    }

    pub(super) fn cannot_read(&mut self, line: &ExportLine<'_>, column: &str, wrong: UnreadableCell) {
        self.find(line, column, "csv-cell", wrong.message, wrong.help);
    }

    pub(super) fn find(
        &mut self,
        line: &ExportLine<'_>,
        column: &str,
        rule: &'static str,
        message: String,
        help: &str,
    ) {
        let position = line.columns.by_name.get(column).copied().unwrap_or_default();
        let place = self.place(line.start, position);
        self.findings.push(finding(place, rule, message, Some(help)));
    }

    /// Returns the place of a field.
    fn place(&self, start: usize, position: usize) -> SourceLocation {
        let rest = self.source.text().get(start..).unwrap_or_default();
        let field = layout::fields(rest, self.separator).0.get(position).cloned().unwrap_or(0..0);
        self.source.place(start + field.start..start + field.end)
    }
}
