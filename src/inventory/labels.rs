//! The exported table `certificatetemplatelabels`: one line for each label of each template (vendor-api.md section 6.1).
//!
//! `import`, `drift` and `refresh` read it beside the templates. A template without lines here has labels that were not
//! seen: that a table does not show something proves nothing. If the template of one label is not known, no list of labels
//! is known to be complete, and none was seen.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::FieldTable;
use super::cell::{self, UnreadableCell};
use super::csv_file::{Expected, FINDING, each_line, finding};
use super::distinct_labels::DistinctLabels;
use super::layout;
use super::line::ExportLine;
use super::observation::{Observation, Unreadable, resource_of};
use super::pieces::CsvPieces;
use super::seen_at::SeenAt;
use crate::desired::label_objections;
use crate::model::{Attributes, Finding, LABEL_FIELDS, SourceLocation, TemplateId, Timestamp};

const TEMPLATE: &str = "certificatetemplateid";
const CHANGED: &str = "updatedat";
const FIELD: &str = "certificatefieldid";
const WHICH: &str = "Expected is the vendor's reporting table certificatetemplatelabels as CSV, with a header line and the \
                     columns certificatetemplateid, certificatefieldid, x, y, fontsize, fontcolor and textalign";
const EXPECTED: Expected = Expected {
    table: "certificatetemplatelabels",
    columns: &[TEMPLATE, FIELD, "x", "y", "fontsize", "fontcolor", "textalign"],
    which: WHICH,
};

/// About how much memory a label takes that is like another one, in bytes.
const LABEL: usize = 20;
/// About how much a template that has labels takes, besides the text of the first.
const LABELLED: usize = 300;
/// About how much a label takes that is like no other one, besides its text.
const DISTINCT: usize = 200;

/// Help for a label that may be of any template.
const OF_ANY: &str =
    "No label of this file counts, because this one may be of any template: export the table again";

/// The labels of all templates, and what cannot be read.
#[derive(Debug, Default)]
pub struct LabelTable {
    file: PathBuf,
    distinct: DistinctLabels,
    by_template: HashMap<TemplateId, TemplateLabels>,
    /// When a label of each template was last changed or deleted.
    changed: HashMap<TemplateId, Timestamp>,
    /// The first label of each certificate field.
    first_of_field: BTreeMap<String, SourceLocation>,
    /// Whether a label may be of any template.
    has_label_of_any: bool,
    findings: Vec<Finding>,
}

/// The labels of one template.
#[derive(Debug)]
struct TemplateLabels {
    /// The place of the first.
    first: SourceLocation,
    /// Each with the number of its line, by the number of its certificate field.
    by_field: BTreeMap<u32, (u32, usize)>,
    /// The first line that cannot be read.
    unreadable: Option<usize>,
}

/// Reads the export of labels; `now` is the present time. The error has findings about the whole file.
pub fn read_labels(file: &Path, source: impl Read, now: Timestamp) -> Result<LabelTable, Vec<Finding>> {
    read_label_pieces(file, CsvPieces::of(source), now)
}

/// The same, of a file that is cut into pieces.
pub(super) fn read_label_pieces(
    file: &Path,
    pieces: CsvPieces<impl Read>,
    now: Timestamp,
) -> Result<LabelTable, Vec<Finding>> {
    let mut table = LabelTable { file: file.to_owned(), ..LabelTable::default() };
    each_line(file, pieces, &EXPECTED, |line| {
        let before = table.counts();
        table.line(line, now);
        let [findings, templates, distinct] =
            std::array::from_fn(|at| table.counts()[at].saturating_sub(before[at]));
        let length = line.end - line.start;
        LABEL
            + findings * (FINDING + length)
            + templates * (LABELLED + length)
            + distinct * (DISTINCT + 2 * length)
    })?;
    Ok(table)
}

impl LabelTable {
    /// How many findings, templates with labels and different labels there are.
    fn counts(&self) -> [usize; 3] {
        [self.findings.len(), self.by_template.len() + self.changed.len(), self.distinct.count()]
    }

    fn line(&mut self, line: &ExportLine<'_>, now: Timestamp) {
        let before = self.findings.len();
        let mut find = |column: &str, rule, message: String, help: &str| {
            self.findings.push(finding(line.place(column), rule, message, Some(help)));
        };
        if let Some((message, help)) = line.what_is_cut() {
            find(TEMPLATE, "csv-line", message, help);
        }
        let template = match line.get(TEMPLATE).map(cell::id) {
            Some(Ok(id)) => id,
            other => {
                let missing = || format!("the {TEMPLATE} of this label is missing");
                let message = other.and_then(Result::err).map_or_else(missing, |wrong| wrong.message);
                let is_deleted = line.get("statusgroup").map(cell::status_group) == Some(Ok(true));
                find(TEMPLATE, "csv-cell", message, if is_deleted { WHICH } else { OF_ANY });
                self.has_label_of_any |= !is_deleted;
                return;
            }
        };
        let is_deleted = match line.get("statusgroup").map_or(Ok(false), cell::status_group) {
            Ok(is_deleted) => is_deleted,
            Err(UnreadableCell { message, help }) => {
                find("statusgroup", "csv-cell", message, help);
                false
            }
        };
        let changed = line.get(CHANGED).map_or(Ok(None), |text| cell::past(CHANGED, text, now));
        match changed {
            Ok(Some(at)) => {
                let newest = self.changed.entry(template.clone()).or_insert(at);
                *newest = at.max(*newest);
            }
            Ok(None) => {}
            Err(UnreadableCell { message, help }) => find(CHANGED, "csv-cell", message, help),
        }
        if is_deleted && self.findings.len() == before {
            return;
        }
        let label = self.label(line);
        let labels = self.by_template.entry(template).or_insert_with(|| TemplateLabels {
            first: line.place(TEMPLATE),
            by_field: BTreeMap::new(),
            unreadable: None,
        });
        if let Some(label) = label {
            match labels.by_field.entry(self.distinct.field(label)) {
                Entry::Vacant(vacant) => drop(vacant.insert((label, line.number))),
                Entry::Occupied(known) => {
                    let (same, first) = *known.get();
                    // Joined queries repeat lines.
                    if !self.distinct.are_equal(same, label) {
                        let field = self.distinct.id_of_field(*known.key());
                        let message =
                            format!("line {first} has another label of this template for the field {field}");
                        let help = "Delete one of the two in the admin page, and export the table again";
                        self.findings.push(finding(line.place(FIELD), "csv-twice", message, Some(help)));
                    }
                }
            }
        }
        if self.findings.len() > before {
            labels.unreadable.get_or_insert(line.number);
        }
    }

    /// The number of the label in a line. Only the first of equal lines is read.
    fn label(&mut self, line: &ExportLine<'_>) -> Option<u32> {
        let cells = DistinctLabels::cells(line);
        if let Some(known) = self.distinct.find(&cells) {
            return Some(known);
        }
        let (field, label) = self.read(line)?;
        let new = self.distinct.add(cells, &field, &label);
        self.first_of_field.entry(field).or_insert_with(|| line.place(FIELD));
        Some(new)
    }

    /// Reads every cell of a label; unreadable ones, and what `validate` would refuse, become findings.
    fn read(&mut self, line: &ExportLine<'_>) -> Option<(String, Value)> {
        let mut label = Map::new();
        for field in LABEL_FIELDS {
            let column = layout::column(field.name);
            match cell::value(field.value, &column, line.raw(&column).unwrap_or_default()) {
                Ok(Some(value)) => {
                    label.insert(field.name.to_owned(), value);
                }
                Ok(None) => {}
                Err(UnreadableCell { message, help }) => {
                    self.findings.push(finding(line.place(&column), "csv-cell", message, Some(help)));
                    return None;
                }
            }
        }
        let Some(field) = label.get(Attributes::LABEL_FIELD).and_then(Value::as_str).map(str::to_owned)
        else {
            let message = format!("the {FIELD} of this label is missing");
            self.findings.push(finding(line.place(FIELD), "csv-cell", message, Some(WHICH)));
            return None;
        };
        let label = Value::Object(label);
        let objections = label_objections(label.clone());
        for message in &objections {
            let message = format!("certctl would not accept this label: {message}");
            let help = "Put it right in the admin page, and export the table again";
            self.findings.push(finding(line.place(FIELD), "csv-cell", message, Some(help)));
        }
        objections.is_empty().then_some((field, label))
    }
}

impl LabelTable {
    /// Adds a finding for each certificate field that labels name and the export of fields lacks. The labels count all the
    /// same: they are what the server has.
    #[must_use]
    pub fn checked_with(mut self, fields: &FieldTable) -> Self {
        let lacking = self.first_of_field.iter().filter(|(id, _)| !fields.names(id));
        for (id, place) in lacking {
            let message = format!("the export of certificate fields has no field {id}");
            let help = "Export both tables at the same time, and whole";
            self.findings.push(finding(place.clone(), "csv-field", message, Some(help)));
        }
        self
    }
}

impl Observation {
    /// Adds the labels of each template. A template is unreadable as a whole if one of its labels is. Labels of a template
    /// that the export of templates lacks are a finding.
    #[must_use]
    pub fn with_labels(mut self, mut labels: LabelTable) -> Self {
        self = self.with_file(&labels.file);
        self.findings.append(&mut labels.findings);
        let file: Arc<Path> = Arc::from(labels.file.as_path());
        let templates = std::mem::take(&mut self.templates);
        for mut template in templates {
            let Some(own) = labels.by_template.remove(&template.id) else {
                self.templates.push(template);
                continue;
            };
            if let Some(line) = own.unreadable {
                let resource = resource_of(&template.natural_key);
                let seen_at = SeenAt::Line { file: Arc::clone(&file), line };
                self.unreadable.push(Unreadable { resource, seen_at });
            } else if labels.has_label_of_any {
                self.templates.push(template);
            } else {
                let read = labels.distinct.list(own.by_field.into_values().map(|(label, _)| label));
                template.values = template.values.with_shared(Attributes::LABELS, read);
                template.labels_at = labels.changed.get(&template.id).copied();
                self.templates.push(template);
            }
        }
        self.findings.extend(without_template(&self, labels.by_template));
        self
    }
}

/// A finding for each template that has labels and was not seen in any way.
fn without_template(observation: &Observation, labels: HashMap<TemplateId, TemplateLabels>) -> Vec<Finding> {
    let deleted: HashSet<&TemplateId> =
        observation.deleted.iter().filter_map(|deleted| deleted.id.as_ref()).collect();
    let is_seen = |id: &TemplateId| observation.other_ids.contains(id) || deleted.contains(id);
    let lacking = labels.into_iter().filter(|(id, _)| !is_seen(id));
    let mut findings: Vec<Finding> = lacking
        .map(|(id, own)| {
            let message = format!("the export of templates has no template {id}, which this label is for");
            let help = "Export both tables at the same time, and whole";
            finding(own.first, "csv-label", message, Some(help))
        })
        .collect();
    findings.sort();
    findings
}
