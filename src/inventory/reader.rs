//! Reads an export: bytes in, templates and findings out.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::io::Read;
use std::path::Path;

use super::cell::{self, UnreadableCell};
use super::csv_file::{Expected, FINDING, each_line, finding};
use super::extra::{self, ExtraColumn, KeptColumn, NotKept};
use super::line::{Columns, ExportLine};
use super::observation::{
    Deleted, Foreign, Observation, ObservationSource, Observed, Unreadable, resource_of,
};
use super::pieces::CsvPieces;
use crate::model::{Finding, NaturalKey, SourceLocation, TEMPLATE_FIELDS, TemplateId, Timestamp};

pub(super) const WHICH: &str = "Expected is the vendor's reporting table certificatetemplates as CSV, with a header line and at \
                     least the columns id, resourcetype, resourceid; title, usercustomfieldslug, usercustomfieldvalue \
                     and updatedat make it certain";

const EXPECTED: Expected =
    Expected { table: "certificatetemplates", columns: &["id", "resourcetype", "resourceid"], which: WHICH };

/// About how much memory a line takes of which all texts are known from other lines, in bytes.
const LINE: usize = 1000;

/// Reads the export of templates. `now` is used to reject times in the future. The error has findings about the whole file; those about
/// single lines are in the observation.
#[cfg(any(test, feature = "internals"))]
pub fn read_templates(file: &Path, source: impl Read, now: Timestamp) -> Result<Observation, Vec<Finding>> {
    read_templates_keeping(file, source, now, &[])
}

/// The same, and keeps these columns that certctl does not know. The error also says which of them cannot be kept.
pub fn read_templates_keeping(
    file: &Path,
    source: impl Read,
    now: Timestamp,
    asked: &[ExtraColumn],
) -> Result<Observation, Vec<Finding>> {
    read_template_pieces(file, CsvPieces::of(source), now, asked)
}

/// The same, of a file that is cut into pieces.
pub(super) fn read_template_pieces(
    file: &Path,
    pieces: CsvPieces<impl Read>,
    now: Timestamp,
    asked: &[ExtraColumn],
) -> Result<Observation, Vec<Finding>> {
    let mut reader = ExportReader {
        now,
        asked,
        kept: OnceCell::new(),
        findings: Vec::new(),
        ids: HashMap::new(),
        natural_keys: HashMap::new(),
    };
    let mut observation = Observation::empty(ObservationSource::Csv { files: Vec::new() }).with_file(file);
    let columns = each_line(file, pieces, &EXPECTED, |line| {
        let before = reader.findings.len();
        let own = reader.line(line, &mut observation);
        LINE + own + (reader.findings.len() - before) * (FINDING + line.end - line.start)
    })?;
    let names = TEMPLATE_FIELDS.into_iter().map(|field| field.name);
    observation.shown = names.filter(|name| columns.has_attribute(name)).collect();
    let kept = reader.kept(file, &columns)?;
    reader.drop_contradicted(&mut observation);
    extra::typed(&mut observation, &kept);
    observation.not_kept = extra::not_read(&columns, &kept);
    observation.findings = reader.findings;
    Ok(observation)
}

pub(super) struct ExportReader<'s> {
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
    at: FirstAt,
    /// Whether a later line contradicts it.
    is_contradicted: bool,
}

/// What a line became in the observation, with the index there.
#[derive(Clone, Copy)]
enum FirstAt {
    Template(usize),
    Deleted(usize),
}

/// The content of a line.
pub(super) enum ReadLine {
    Template(Observed),
    Deleted(Deleted),
    Foreign(Foreign),
}

impl ExportReader<'_> {
    fn kept(&self, file: &Path, columns: &Columns) -> Result<Vec<KeptColumn>, Vec<Finding>> {
        let wrong = |NotKept { message, help }| {
            finding(SourceLocation::whole_file(file), "csv-extra", message, Some(&help))
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

    /// Adds one line to the observation. Returns how many bytes its texts take that no line had before.
    fn line(&mut self, line: &ExportLine<'_>, observation: &mut Observation) -> usize {
        let before = self.findings.len();
        let read = self.template(line);
        let is_left_out = self.findings.len() > before || matches!(read, Some(ReadLine::Foreign(_)));
        observation.other_ids.extend(line.get("id").filter(|_| is_left_out).and_then(|id| cell::id(id).ok()));
        if self.findings.len() > before {
            // Nothing follows from the rest of the line.
            observation.unreadable.push(Unreadable { resource: line.resource(), seen_at: line.seen_at() });
            return 0;
        }
        match read {
            Some(ReadLine::Template(template)) => {
                // Fields that are kept on request are not shared.
                let extra = if template.extra.is_empty() { 0 } else { line.end - line.start };
                let own = template.values.own_bytes() + extra;
                self.once(template, line, observation);
                return own;
            }
            Some(ReadLine::Deleted(deleted)) => self.gone(deleted, line, observation),
            Some(ReadLine::Foreign(foreign)) => observation.foreign.push(foreign),
            None => {}
        }
        0
    }

    /// Returns whether the line has all fields of the header; if not, that is a finding.
    pub(super) fn is_whole(&mut self, line: &ExportLine<'_>) -> bool {
        let Some((message, help)) = line.what_is_cut() else { return true };
        self.find(line, "id", "csv-line", message, help);
        false
    }

    /// Adds the template unless its line repeats an earlier one, as joined queries do. Two lines that contradict each
    /// other about one id are a finding, and neither counts.
    fn once(&mut self, template: Observed, line: &ExportLine<'_>, observation: &mut Observation) {
        let Some(first) = self.ids.get(&template.id) else {
            let at = FirstAt::Template(observation.templates.len());
            self.ids.insert(template.id.clone(), First { at, is_contradicted: false });
            self.is_alone(&template, line);
            observation.templates.push(template);
            return;
        };
        let earlier = match first.at {
            FirstAt::Template(position) => observation.templates.get(position),
            FirstAt::Deleted(_) => None,
        };
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
            Some(First { at: FirstAt::Template(_), .. }) => {
                return self.contradicts(id, deleted.resource.clone(), line, observation);
            }
            Some(_) => {}
            None => {
                let at = FirstAt::Deleted(observation.deleted.len());
                self.ids.insert(id.clone(), First { at, is_contradicted: false });
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
        let Some(earlier) = first.at.unreadable(observation) else { return };
        let number = earlier.seen_at.line().unwrap_or_default();
        let message = format!("line {number} says something else of the id {id}");
        if !std::mem::replace(&mut first.is_contradicted, true) {
            observation.unreadable.push(earlier);
        }
        observation.unreadable.push(Unreadable { resource, seen_at: line.seen_at() });
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
        self.findings.push(finding(line.place(column), rule, message, Some(help)));
    }
}

impl FirstAt {
    /// The line, as one from which nothing follows.
    fn unreadable(self, observation: &Observation) -> Option<Unreadable> {
        Some(match self {
            Self::Template(position) => {
                let Observed { natural_key, seen_at, .. } = observation.templates.get(position)?;
                Unreadable { resource: resource_of(natural_key), seen_at: seen_at.clone() }
            }
            Self::Deleted(position) => {
                let Deleted { resource, seen_at, .. } = observation.deleted.get(position)?;
                Unreadable { resource: resource.clone(), seen_at: seen_at.clone() }
            }
        })
    }
}
