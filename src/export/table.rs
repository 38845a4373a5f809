//! Reading the export: bytes in, templates or findings out.

use std::collections::HashMap;
use std::path::Path;

use super::layout;
use crate::model::{Finding, NaturalKey, Place, SourceText, TemplateId, Timestamp};

/// One template that the server holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its id.
    pub id: TemplateId,
    /// What it is for; without audience where the export has no such columns.
    pub natural_key: NaturalKey,
    /// Its title, where the export has that column.
    pub title: Option<String>,
    /// When it was last changed, where the export says.
    pub updated_at: Option<Timestamp>,
    /// Its line in the file.
    pub line: usize,
}

/// The export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The templates that exist, in the file's order.
    pub templates: Vec<Exported>,
    /// Whether it tells the audience of a template.
    pub has_audience: bool,
    /// How many lines are of templates that were deleted; they are passed over.
    pub deleted: usize,
    /// How many lines are for something that has no certificate templates as far as certctl knows; passed over.
    pub foreign: usize,
}

/// At most this many findings: a file with another separator than it seems would have one for each line.
const MOST_FINDINGS: usize = 50;

const NEEDED: [&str; 3] = ["id", "resourcetype", "resourceid"];

/// Reads an export. A byte order mark, Windows line ends, `;` or tabs as separators, quoted fields, other columns and
/// columns in any order are fine.
pub fn read(file: &Path, bytes: &[u8]) -> Result<Table, Vec<Finding>> {
    let source = SourceText::from_bytes(file, bytes).map_err(|place| {
        let help = "Export it again, or save it from the spreadsheet as \"CSV UTF-8\"";
        vec![finding(place, "csv-encoding", "this is not UTF-8 text".to_owned(), Some(help))]
    })?;
    let (separator, skip) = match layout::separator_line(source.text()) {
        Some((separator, length)) => (separator, length),
        None => (layout::separator(source.text()), 0),
    };
    let mut reader = Reader { source: &source, separator, skip, findings: Vec::new() };
    let table = reader.read();
    if reader.findings.is_empty() { Ok(table) } else { Err(reader.findings) }
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
    number: usize,
}

impl Line<'_> {
    fn get(&self, column: &str) -> Option<&str> {
        let text = self.record.get(*self.columns.by_name.get(column)?)?.trim();
        // How SQL clients write a null.
        (!matches!(text, "" | "NULL" | "null" | "\\N")).then_some(text)
    }
}

impl Reader<'_> {
    fn read(&mut self) -> Table {
        let text = &self.source.text()[self.skip..];
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .from_reader(text.as_bytes());
        let (mut table, mut columns, mut lines) = (Table::default(), None, HashMap::new());
        for record in csv.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let place = Place::whole_file(self.source.file());
                    self.findings.push(finding(place, "csv-line", error.to_string(), None));
                    return table;
                }
            };
            let start = record.position().map_or(0, csv::Position::byte);
            let start = self.line_start(usize::try_from(start).unwrap_or(usize::MAX));
            let Some(known) = &columns else {
                match self.columns(&record, start) {
                    Some(found) => columns = Some(found),
                    None => return table,
                }
                continue;
            };
            let number = self.source.place(start..start).line;
            let line = Line { record: &record, columns: known, start, number };
            if let Some(template) = self.template(&line, &mut table)
                && let Some(template) = self.once(template, &line, &mut lines)
            {
                table.templates.push(template);
            }
            if self.findings.len() >= MOST_FINDINGS {
                return table;
            }
        }
        match columns {
            None => {
                let place = Place::whole_file(self.source.file());
                self.findings.push(finding(place, "csv-header", "the file is empty".to_owned(), Some(WHICH)));
            }
            Some(columns) => table.has_audience = columns.has_audience(),
        }
        table
    }

    /// A record begins after the blank lines that the reader passes over.
    fn line_start(&self, start: usize) -> usize {
        let start = (self.skip + start).min(self.source.text().len());
        let blank = self.source.text().get(start..).unwrap_or_default();
        start + (blank.len() - blank.trim_start_matches(['\r', '\n']).len())
    }

    fn columns(&mut self, record: &csv::StringRecord, start: usize) -> Option<Columns> {
        let mut by_name = HashMap::new();
        for (position, name) in record.iter().enumerate() {
            let name = layout::column(name);
            if name.is_empty() {
                continue;
            }
            if by_name.insert(name.clone(), position).is_some() {
                let message = format!("the column {name} is there twice");
                self.findings.push(finding(self.place(start, position), "csv-header", message, None));
            }
        }
        for needed in NEEDED {
            if !by_name.contains_key(needed) {
                let there: Vec<String> = record.iter().take(20).map(layout::column).collect();
                let message = format!("there is no column {needed}; the file has {}", there.join(", "));
                self.findings.push(finding(self.place(start, 0), "csv-header", message, Some(WHICH)));
            }
        }
        self.findings.is_empty().then_some(Columns { by_name, count: record.len() })
    }

    fn template(&mut self, line: &Line<'_>, table: &mut Table) -> Option<Exported> {
        if line.record.len() != line.columns.count {
            let message = format!(
                "this line has {} fields and the header has {}",
                line.record.len(),
                line.columns.count
            );
            self.find(line, "id", "csv-line", message, "A quote may be missing here or in a line above");
            return None;
        }
        if line.is_deleted() {
            table.deleted += 1;
            return None;
        }
        let id = match TemplateId::parse_uuid(line.get("id").unwrap_or_default()) {
            Ok(id) => id,
            Err(message) => {
                self.find(line, "id", "csv-id", message, WHICH);
                return None;
            }
        };
        let (Some(resource_type), Some(resource_id)) =
            (line.get("resourcetype").and_then(resource_type), line.get("resourceid"))
        else {
            table.foreign += 1;
            return None;
        };
        let natural_key = NaturalKey {
            resource_type: resource_type.to_owned(),
            resource_id: resource_id.to_lowercase(),
            user_custom_field_slug: line.audience("usercustomfieldslug"),
            user_custom_field_value: line.audience("usercustomfieldvalue"),
        };
        let title = line.get("title").map(str::to_owned);
        let updated_at = line.get("updatedat").and_then(Timestamp::parse);
        Some(Exported { id, natural_key, title, updated_at, line: line.number })
    }

    /// The template, unless its line repeats an earlier one (a joined query does that); that two lines say different
    /// things of one id is a finding.
    fn once(
        &mut self,
        template: Exported,
        line: &Line<'_>,
        lines: &mut HashMap<TemplateId, Exported>,
    ) -> Option<Exported> {
        let Some(first) = lines.get(&template.id) else {
            lines.insert(template.id.clone(), template.clone());
            return Some(template);
        };
        if (Exported { line: template.line, ..first.clone() }) != template {
            let message = format!("line {} says something else of the id {}", first.line, template.id);
            self.find(line, "id", "csv-id", message, "Export the table certificatetemplates alone");
        }
        None
    }

    fn find(&mut self, line: &Line<'_>, column: &str, rule: &'static str, message: String, help: &str) {
        let position = line.columns.by_name.get(column).copied().unwrap_or_default();
        let place = self.place(line.start, position);
        self.findings.push(finding(place, rule, message, Some(help)));
    }

    /// The place of a field.
    fn place(&self, start: usize, position: usize) -> Place {
        let fields = layout::fields(self.source.text().get(start..).unwrap_or_default(), self.separator);
        let field = fields.get(position).cloned().unwrap_or(0..0);
        self.source.place(start + field.start..start + field.end)
    }
}

const WHICH: &str = "Expected is the vendor's reporting table certificatetemplates as CSV, with a header line and at \
                     least the columns id, resourcetype, resourceid; title, usercustomfieldslug and \
                     usercustomfieldvalue make it more certain";

impl Columns {
    /// Both are needed to tell one audience from another.
    fn has_audience(&self) -> bool {
        ["usercustomfieldslug", "usercustomfieldvalue"].iter().all(|name| self.by_name.contains_key(*name))
    }
}

impl Line<'_> {
    fn audience(&self, column: &str) -> Option<String> {
        self.columns.has_audience().then(|| self.get(column).map(str::to_owned)).flatten()
    }

    /// The vendor's tables keep what was deleted, marked in one of two columns.
    fn is_deleted(&self) -> bool {
        let says = |column, words: &[&str]| {
            self.get(column).is_some_and(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
        };
        says("statusgroup", &["d", "deleted"]) || says("deleted", &["true", "t", "1", "yes"])
    }
}

/// The resource type as a template has it.
fn resource_type(text: &str) -> Option<&'static str> {
    match layout::column(text).as_str() {
        "course" => Some("course"),
        "learningpath" => Some("learningPath"),
        _ => None,
    }
}
