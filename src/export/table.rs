//! Reading the export: bytes in, templates and findings out.

use std::collections::HashMap;
use std::path::Path;

use super::cell::{self, Unreadable};
use super::file_kind::not_csv;
use super::layout;
use crate::model::{Finding, NaturalKey, Place, SourceText, TemplateId, Timestamp};

/// One template that the server holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its id.
    pub id: TemplateId,
    /// What it is for; without an audience where the export does not show it.
    pub natural_key: NaturalKey,
    /// Whether the export shows for which audience it is: otherwise it may be any template of its resource.
    pub shows_audience: bool,
    /// Its title, where the export has that column.
    pub title: Option<String>,
    /// When it was last changed, where the export says.
    pub updated_at: Option<Timestamp>,
    /// Its line in the file.
    pub line: usize,
}

/// A line with something that cannot be read. Nothing follows from it, and nothing from other lines for its resource:
/// it may be a second template of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableLine {
    /// The course or learning path, as far as it can be read; without an audience.
    pub resource: NaturalKey,
    /// Its line in the file.
    pub line: usize,
}

/// A line for something that has no certificate templates as far as certctl knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The resource type that the line names.
    pub resource_type: String,
    /// Its line in the file.
    pub line: usize,
}

/// The export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The templates that exist, in the file's order.
    pub templates: Vec<Exported>,
    /// Lines that settle nothing.
    pub unreadable: Vec<UnreadableLine>,
    /// What is wrong with them, each with its place.
    pub findings: Vec<Finding>,
    /// Whether it has both columns that tell the audience of a template.
    pub has_audience: bool,
    /// How many lines are of templates that were deleted; they are passed over.
    pub deleted: usize,
    /// Lines that are passed over because of what they are for.
    pub foreign: Vec<Foreign>,
}

const NEEDED: [&str; 3] = ["id", "resourcetype", "resourceid"];
const SLUG: &str = "usercustomfieldslug";
const VALUE: &str = "usercustomfieldvalue";

/// Reads an export. A byte order mark, Windows line ends, `;`, `|` or tabs as separators, quoted fields, other columns
/// and columns in any order are fine, and so are the empty lines and cells that spreadsheets add or drop. The findings
/// of the error concern the whole file; those of single lines are in the table.
pub fn read(file: &Path, bytes: &[u8]) -> Result<Table, Vec<Finding>> {
    const SAVE: &str = "Export it again, or save it from the spreadsheet as \"CSV UTF-8\"";
    if let Some(message) = not_csv(bytes) {
        let place = Place::whole_file(file);
        return Err(vec![finding(place, "csv-encoding", message.to_owned(), Some(SAVE))]);
    }
    let source = SourceText::from_bytes(file, bytes).map_err(|place| {
        vec![finding(place, "csv-encoding", "this is not UTF-8 text".to_owned(), Some(SAVE))]
    })?;
    let (separator, skip) = match layout::separator_line(source.text()) {
        Some((separator, length)) => (separator, length),
        None => (layout::separator(source.text()), 0),
    };
    Reader { source: &source, separator, skip, findings: Vec::new(), ids: HashMap::new() }.read()
}

fn finding(place: Place, rule: &'static str, message: String, help: Option<&str>) -> Finding {
    Finding { place, rule, message, help: help.map(str::to_owned), related: Vec::new() }
}

struct Reader<'s> {
    source: &'s SourceText,
    separator: u8,
    /// Bytes before the header.
    skip: usize,
    findings: Vec<Finding>,
    /// Where in the table the template of each id is.
    ids: HashMap<TemplateId, usize>,
}

/// Which column is where.
struct Columns {
    by_name: HashMap<String, usize>,
    count: usize,
}

/// One line's fields by column.
struct Line<'r> {
    record: &'r csv::StringRecord,
    columns: &'r Columns,
    /// Where the line begins in the file.
    start: usize,
    /// Where it ends, its line break included.
    end: usize,
    number: usize,
}

impl Line<'_> {
    fn get(&self, column: &str) -> Option<&str> {
        cell::text(self.record.get(*self.columns.by_name.get(column)?)?)
    }

    /// The template's course or learning path, without an audience, as far as it can be read.
    fn resource(&self) -> NaturalKey {
        NaturalKey {
            resource_type: self
                .get("resourcetype")
                .and_then(cell::resource_type)
                .unwrap_or_default()
                .to_owned(),
            resource_id: self.get("resourceid").unwrap_or_default().to_lowercase(),
            user_custom_field_slug: None,
            user_custom_field_value: None,
        }
    }
}

/// What a line is.
enum Read {
    Template(Exported),
    Deleted,
    Foreign(Foreign),
}

impl Reader<'_> {
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
                    let place = Place::whole_file(source.file());
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
                    self.line(&Line { record: &record, columns, start, end, number }, &mut table);
                }
            }
        }
        let Some(columns) = columns else {
            let place = Place::whole_file(source.file());
            return Err(vec![finding(place, "csv-header", "the file is empty".to_owned(), Some(WHICH))]);
        };
        table.has_audience = columns.has(SLUG) && columns.has(VALUE);
        table.findings = self.findings;
        Ok(table)
    }

    /// Where in the file this byte of the reader's is.
    fn offset(&self, byte: u64) -> usize {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        self.skip.saturating_add(byte).min(self.source.text().len())
    }

    /// A record begins after the blank lines that the reader passes over.
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
        for needed in NEEDED {
            if !by_name.contains_key(needed) {
                let there: Vec<String> = record.iter().take(20).map(layout::column).collect();
                let message = format!(
                    "the column {needed} is required; the file has {}. Columns may be separated by commas, semicolons, \
                     tabs or |",
                    there.join(", ")
                );
                findings.push(finding(self.place(start, 0), "csv-header", message, Some(WHICH)));
            }
        }
        if findings.is_empty() { Ok(Columns { by_name, count: record.len() }) } else { Err(findings) }
    }

    /// Takes one line into the table.
    fn line(&mut self, line: &Line<'_>, table: &mut Table) {
        let before = self.findings.len();
        let read = self.template(line);
        if self.findings.len() > before {
            // Whatever else the line says, nothing follows from it.
            table.unreadable.push(UnreadableLine { resource: line.resource(), line: line.number });
            return;
        }
        match read {
            Some(Read::Template(template)) => self.once(template, line, table),
            Some(Read::Deleted) => table.deleted += 1,
            Some(Read::Foreign(foreign)) => table.foreign.push(foreign),
            None => {}
        }
    }

    /// Reads every cell that certctl knows; what cannot be read is a finding.
    fn template(&mut self, line: &Line<'_>) -> Option<Read> {
        if !self.is_whole(line) {
            return None;
        }
        let by_word = self.cell(line, "deleted", cell::deleted).unwrap_or(false);
        let by_group = self.cell(line, "statusgroup", cell::status_group).unwrap_or(false);
        let updated_at = self.cell(line, "updatedat", |text| cell::moment("updatedat", text)).flatten();
        if by_word || by_group {
            return Some(Read::Deleted);
        }
        let resource = line.resource();
        if resource.resource_type.is_empty()
            && let Some(other) = line.get("resourcetype")
        {
            let (resource_type, line) = (other.to_owned(), line.number);
            return Some(Read::Foreign(Foreign { resource_type, line }));
        }
        for (column, text) in
            [("resourcetype", &resource.resource_type), ("resourceid", &resource.resource_id)]
        {
            if text.is_empty() {
                let message = format!("the {column} of this template is missing");
                self.find(line, column, "csv-cell", message, WHICH);
            }
        }
        let id = cell::id(line.get("id")).map_err(|wrong| self.cannot_read(line, "id", wrong)).ok()?;
        let (natural_key, shows_audience) = self.audience(line, resource)?;
        let title = line.get("title").map(str::to_owned);
        Some(Read::Template(Exported {
            id,
            natural_key,
            shows_audience,
            title,
            updated_at,
            line: line.number,
        }))
    }

    /// Whether the line has the fields that the header promises. Spreadsheets drop empty cells at a line's end, and add
    /// some; but a last line without its line break may be cut off.
    fn is_whole(&mut self, line: &Line<'_>) -> bool {
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

    /// What the template is for, and whether the export shows for which audience.
    fn audience(&mut self, line: &Line<'_>, resource: NaturalKey) -> Option<(NaturalKey, bool)> {
        let (slug, value) = (line.get(SLUG), line.get(VALUE));
        match (slug, value, line.columns.has(SLUG) && line.columns.has(VALUE)) {
            (Some(slug), Some(value), _) => {
                let (slug, value) = (Some(slug.to_owned()), Some(value.to_owned()));
                let natural_key =
                    NaturalKey { user_custom_field_slug: slug, user_custom_field_value: value, ..resource };
                Some((natural_key, true))
            }
            (None, None, true) => Some((resource, true)),
            (Some(_), None, true) | (None, Some(_), true) => {
                let column = if slug.is_none() { SLUG } else { VALUE };
                let message =
                    format!("the {column} of this template is missing: an audience needs {SLUG} and {VALUE}");
                let help = "Look at the template in the admin page, and export the table again";
                self.find(line, column, "csv-cell", message, help);
                None
            }
            // A template for an audience has both, so one that is there and empty tells enough.
            (None, None, false) => {
                let shows = line.columns.has(SLUG) || line.columns.has(VALUE);
                Some((resource, shows))
            }
            (_, _, false) => Some((resource, false)),
        }
    }

    /// Reads a cell that may be absent.
    fn cell<T>(
        &mut self,
        line: &Line<'_>,
        column: &'static str,
        read: impl Fn(&str) -> Result<T, Unreadable>,
    ) -> Option<T> {
        read(line.get(column)?).map_err(|wrong| self.cannot_read(line, column, wrong)).ok()
    }

    /// The template, unless its line repeats an earlier one (a joined query does that); that two lines say different
    /// things of one id is a finding, and neither counts.
    fn once(&mut self, template: Exported, line: &Line<'_>, table: &mut Table) {
        let Some(first) = self.ids.get(&template.id).and_then(|position| table.templates.get(*position))
        else {
            self.ids.insert(template.id.clone(), table.templates.len());
            table.templates.push(template);
            return;
        };
        if (Exported { line: template.line, ..first.clone() }) == template {
            return;
        }
        let message = format!("line {} says something else of the id {}", first.line, template.id);
        let unreadable = [(first.line, &first.natural_key), (template.line, &template.natural_key)];
        table.unreadable.extend(
            unreadable.map(|(line, natural_key)| UnreadableLine { resource: resource_of(natural_key), line }),
        );
        self.find(line, "id", "csv-id", message, "Export the table certificatetemplates alone");
    }

    fn cannot_read(&mut self, line: &Line<'_>, column: &str, wrong: Unreadable) {
        self.find(line, column, "csv-cell", wrong.message, wrong.help);
    }

    fn find(&mut self, line: &Line<'_>, column: &str, rule: &'static str, message: String, help: &str) {
        let position = line.columns.by_name.get(column).copied().unwrap_or_default();
        let place = self.place(line.start, position);
        self.findings.push(finding(place, rule, message, Some(help)));
    }

    /// The place of a field.
    fn place(&self, start: usize, position: usize) -> Place {
        let rest = self.source.text().get(start..).unwrap_or_default();
        let field = layout::fields(rest, self.separator).0.get(position).cloned().unwrap_or(0..0);
        self.source.place(start + field.start..start + field.end)
    }
}

const WHICH: &str = "Expected is the vendor's reporting table certificatetemplates as CSV, with a header line and at \
                     least the columns id, resourcetype, resourceid; title, usercustomfieldslug, usercustomfieldvalue \
                     and updatedat make it certain";

impl Columns {
    fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }
}

/// A natural key without its audience: the course or learning path.
pub(super) fn resource_of(natural_key: &NaturalKey) -> NaturalKey {
    NaturalKey { user_custom_field_slug: None, user_custom_field_value: None, ..natural_key.clone() }
}
