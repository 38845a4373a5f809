//! Reads an export: bytes in, templates and findings out.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::path::Path;

use super::cell::{self, UnreadableCell};
use super::csv_file::{CsvFile, Expected, decode, finding};
use super::extra::{self, ExtraColumn, KeptColumn, NotKept};
use super::line::{Columns, ExportLine};
use super::observation::{
    Deleted, Foreign, Observation, ObservationSource, Observed, Unreadable, resource_of,
};
use super::seen_at::SeenAt;
use crate::model::{Finding, NaturalKey, SourceLocation, TEMPLATE_FIELDS, TemplateId, Timestamp};

pub(super) const WHICH: &str = "Expected is the vendor's reporting table certificatetemplates as CSV, with a header line and at \
                     least the columns id, resourcetype, resourceid; title, usercustomfieldslug, usercustomfieldvalue \
                     and updatedat make it certain";

const EXPECTED: Expected = Expected { columns: &["id", "resourcetype", "resourceid"], which: WHICH };

/// Reads the export of templates. `now` is used to reject times in the future. The error has findings about the whole file; those about
/// single lines are in the observation.
pub fn read_templates(file: &Path, bytes: &[u8], now: Timestamp) -> Result<Observation, Vec<Finding>> {
    read_templates_keeping(file, bytes, now, &[])
}

/// The same, and keeps these columns that certctl does not know. The error also says which of them cannot be kept.
pub fn read_templates_keeping(
    file: &Path,
    bytes: &[u8],
    now: Timestamp,
    asked: &[ExtraColumn],
) -> Result<Observation, Vec<Finding>> {
    let source = decode(file, bytes)?;
    ExportReader {
        csv: &CsvFile::new(&source),
        now,
        asked,
        kept: OnceCell::new(),
        findings: Vec::new(),
        ids: HashMap::new(),
        natural_keys: HashMap::new(),
    }
    .read()
}

pub(super) struct ExportReader<'s> {
    pub(super) csv: &'s CsvFile<'s>,
    pub(super) now: Timestamp,
    /// The columns that are to be kept though certctl does not know them.
    pub(super) asked: &'s [ExtraColumn],
    /// Those that the file has.
    pub(super) kept: OnceCell<Vec<KeptColumn>>,
    findings: Vec<Finding>,
    /// The first line of each id.
    ids: HashMap<TemplateId, First>,
    /// The first line of each natural key that the export shows in full.
    natural_keys: HashMap<NaturalKey, usize>,
}

/// The first line that has an id.
struct First {
    seen_at: SeenAt,
    resource: NaturalKey,
    /// The index of its template in the observation; `None` if the line has it as deleted.
    position: Option<usize>,
    /// Whether a later line contradicts it.
    is_contradicted: bool,
}

/// The content of a line.
pub(super) enum ReadLine {
    Template(Observed),
    Deleted(Deleted),
    Foreign(Foreign),
}

impl ExportReader<'_> {
    fn read(mut self) -> Result<Observation, Vec<Finding>> {
        let csv = self.csv;
        let mut observation =
            Observation::empty(ObservationSource::Csv { files: Vec::new() }).with_file(csv.file());
        let columns = csv.each_line(&EXPECTED, |line| self.line(line, &mut observation))?;
        let names = TEMPLATE_FIELDS.into_iter().map(|field| field.name);
        observation.shown = names.filter(|name| columns.has_attribute(name)).collect();
        let kept = self.kept(&columns)?;
        self.drop_contradicted(&mut observation);
        extra::typed(&mut observation, &kept);
        observation.not_kept = extra::not_read(&columns, &kept);
        observation.findings = self.findings;
        Ok(observation)
    }

    fn kept(&self, columns: &Columns) -> Result<Vec<KeptColumn>, Vec<Finding>> {
        let wrong = |NotKept { message, help }| {
            finding(SourceLocation::whole_file(self.csv.file()), "csv-extra", message, Some(&help))
        };
        extra::kept(self.asked, columns).map_err(|all| all.into_iter().map(wrong).collect())
    }

    /// Drops every id whose lines contradict each other.
    fn drop_contradicted(&self, observation: &mut Observation) {
        let contradicted = self.ids.iter().filter(|(_, first)| first.is_contradicted);
        let ids: HashSet<&TemplateId> = contradicted.map(|(id, _)| id).collect();
        observation.other_ids.extend(ids.iter().map(|id| (*id).clone()));
        observation.templates.retain(|template| !ids.contains(&template.id));
        observation.deleted.retain(|deleted| deleted.id.as_ref().is_none_or(|id| !ids.contains(id)));
    }

    /// Adds one line to the observation.
    fn line(&mut self, line: &ExportLine<'_>, observation: &mut Observation) {
        let before = self.findings.len();
        let read = self.template(line);
        let is_left_out = self.findings.len() > before || matches!(read, Some(ReadLine::Foreign(_)));
        observation.other_ids.extend(line.get("id").filter(|_| is_left_out).and_then(|id| cell::id(id).ok()));
        if self.findings.len() > before {
            // Nothing follows from the rest of the line.
            observation
                .unreadable
                .push(Unreadable { resource: line.resource(), seen_at: self.csv.seen_at(line) });
            return;
        }
        match read {
            Some(ReadLine::Template(template)) => self.once(template, line, observation),
            Some(ReadLine::Deleted(deleted)) => self.gone(deleted, line, observation),
            Some(ReadLine::Foreign(foreign)) => observation.foreign.push(foreign),
            None => {}
        }
    }

    /// Returns whether the line has all fields of the header; if not, that is a finding.
    pub(super) fn is_whole(&mut self, line: &ExportLine<'_>) -> bool {
        let Some((message, help)) = self.csv.what_is_cut(line) else { return true };
        self.find(line, "id", "csv-line", message, help);
        false
    }

    /// Adds the template unless its line repeats an earlier one, as joined queries do. Two lines that contradict each
    /// other about one id are a finding, and neither counts.
    fn once(&mut self, template: Observed, line: &ExportLine<'_>, observation: &mut Observation) {
        let Some(first) = self.ids.get(&template.id) else {
            let resource = resource_of(&template.natural_key);
            let position = Some(observation.templates.len());
            let seen_at = template.seen_at.clone();
            let first = First { seen_at, resource, position, is_contradicted: false };
            self.ids.insert(template.id.clone(), first);
            self.is_alone(&template, line);
            observation.templates.push(template);
            return;
        };
        let earlier = first.position.and_then(|position| observation.templates.get(position));
        let repeats = |earlier: &Observed| {
            Observed { seen_at: template.seen_at.clone(), ..earlier.clone() } == template
        };
        if !earlier.is_some_and(repeats) {
            self.contradicts(&template.id, resource_of(&template.natural_key), line, observation);
        }
    }

    /// Adds a finding if the resource already has a template for this audience. Both count, because it is unknown which
    /// one is meant.
    fn is_alone(&mut self, template: &Observed, line: &ExportLine<'_>) {
        if !template.shows_audience {
            return;
        }
        match self.natural_keys.entry(template.natural_key.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert(line.number);
            }
            Entry::Occupied(first) => {
                let message = format!("line {} has another template for {}", first.get(), first.key());
                let help = "Delete one of the two in the admin page, and export the table again";
                self.find(line, "id", "csv-twice", message, help);
            }
        }
    }

    /// Records the id of a deleted template: no other line may have it as existing.
    fn gone(&mut self, deleted: Deleted, line: &ExportLine<'_>, observation: &mut Observation) {
        let Some(id) = &deleted.id else { return observation.deleted.push(deleted) };
        match self.ids.get(id) {
            Some(First { position: Some(_), .. }) => {
                return self.contradicts(id, deleted.resource.clone(), line, observation);
            }
            Some(_) => {}
            None => {
                let (seen_at, resource) = (deleted.seen_at.clone(), deleted.resource.clone());
                let first = First { seen_at, resource, position: None, is_contradicted: false };
                self.ids.insert(id.clone(), first);
            }
        }
        observation.deleted.push(deleted);
    }

    /// Marks this line and the first one of its id as unreadable.
    fn contradicts(
        &mut self,
        id: &TemplateId,
        resource: NaturalKey,
        line: &ExportLine<'_>,
        observation: &mut Observation,
    ) {
        let Some(first) = self.ids.get_mut(id) else { return };
        let earlier = first.seen_at.line().unwrap_or_default();
        let message = format!("line {earlier} says something else of the id {id}");
        if !std::mem::replace(&mut first.is_contradicted, true) {
            observation
                .unreadable
                .push(Unreadable { resource: first.resource.clone(), seen_at: first.seen_at.clone() });
        }
        observation.unreadable.push(Unreadable { resource, seen_at: self.csv.seen_at(line) });
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
        self.findings.push(finding(self.csv.cell(line, column), rule, message, Some(help)));
    }
}
