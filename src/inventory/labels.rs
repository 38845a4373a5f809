//! The exported table `certificatetemplatelabels`: one line for each label of each template (vendor-api.md section 6.1).
//!
//! `import`, `drift` and `refresh` read it beside the templates. A template without lines here has labels that were not
//! seen: that a table does not show something proves nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::FieldTable;
use super::cell::{self, UnreadableCell};
use super::csv_file::{CsvFile, Expected, decode, finding};
use super::layout;
use super::line::ExportLine;
use super::observation::{Observation, Unreadable, resource_of};
use super::seen_at::SeenAt;
use crate::desired::label_objections;
use crate::model::{Attributes, Finding, LABEL_FIELDS, SourceLocation, TemplateId, Timestamp};

const TEMPLATE: &str = "certificatetemplateid";
const CHANGED: &str = "updatedat";
const FIELD: &str = "certificatefieldid";
const WHICH: &str = "Expected is the vendor's reporting table certificatetemplatelabels as CSV, with a header line and the \
                     columns certificatetemplateid, certificatefieldid, x, y, fontsize, fontcolor and textalign";
const EXPECTED: Expected =
    Expected { columns: &[TEMPLATE, FIELD, "x", "y", "fontsize", "fontcolor", "textalign"], which: WHICH };

/// The labels of all templates, and what cannot be read.
#[derive(Debug, Default)]
pub struct LabelTable {
    file: PathBuf,
    by_template: HashMap<TemplateId, TemplateLabels>,
    /// When a label of each template was last changed or deleted.
    changed: HashMap<TemplateId, Timestamp>,
    /// The first label of each certificate field.
    first_of_field: BTreeMap<String, SourceLocation>,
    findings: Vec<Finding>,
}

/// The labels of one template.
#[derive(Debug)]
struct TemplateLabels {
    /// The place of the first.
    first: SourceLocation,
    /// Each with the number of its line, by certificate field.
    by_field: BTreeMap<String, (Value, usize)>,
    /// The first line that cannot be read.
    unreadable: Option<SeenAt>,
}

/// Reads the export of labels; `now` is the present time. The error has findings about the whole file.
pub fn read_labels(file: &Path, bytes: &[u8], now: Timestamp) -> Result<LabelTable, Vec<Finding>> {
    let source = decode(file, bytes)?;
    let csv = CsvFile::new(&source);
    let mut table = LabelTable { file: file.to_owned(), ..LabelTable::default() };
    csv.each_line(&EXPECTED, |line| table.line(&csv, line, now))?;
    Ok(table)
}

impl LabelTable {
    fn line(&mut self, csv: &CsvFile<'_>, line: &ExportLine<'_>, now: Timestamp) {
        let before = self.findings.len();
        let mut find = |column: &str, rule, message: String, help: &str| {
            self.findings.push(finding(csv.cell(line, column), rule, message, Some(help)));
        };
        if let Some((message, help)) = csv.what_is_cut(line) {
            find(TEMPLATE, "csv-line", message, help);
        }
        let template = match line.get(TEMPLATE).map(cell::id) {
            Some(Ok(id)) => id,
            Some(Err(UnreadableCell { message, help })) => return find(TEMPLATE, "csv-cell", message, help),
            None => {
                let message = format!("the {TEMPLATE} of this label is missing");
                return find(TEMPLATE, "csv-cell", message, WHICH);
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
        let label = self.label(csv, line);
        let labels = self.by_template.entry(template).or_insert_with(|| TemplateLabels {
            first: csv.cell(line, TEMPLATE),
            by_field: BTreeMap::new(),
            unreadable: None,
        });
        if let Some((field, label)) = label {
            if !self.first_of_field.contains_key(&field) {
                self.first_of_field.insert(field.clone(), csv.cell(line, FIELD));
            }
            match labels.by_field.get(&field) {
                None => drop(labels.by_field.insert(field, (label, line.number))),
                // Joined queries repeat lines.
                Some((same, _)) if *same == label => {}
                Some((_, first)) => {
                    let message =
                        format!("line {first} has another label of this template for the field {field}");
                    let help = "Delete one of the two in the admin page, and export the table again";
                    self.findings.push(finding(csv.cell(line, FIELD), "csv-twice", message, Some(help)));
                }
            }
        }
        if self.findings.len() > before {
            labels.unreadable.get_or_insert_with(|| csv.seen_at(line));
        }
    }

    /// Reads every cell of a label; unreadable ones, and what `validate` would refuse, become findings.
    fn label(&mut self, csv: &CsvFile<'_>, line: &ExportLine<'_>) -> Option<(String, Value)> {
        let mut label = Map::new();
        for field in LABEL_FIELDS {
            let column = layout::column(field.name);
            match cell::value(field.value, &column, line.raw(&column).unwrap_or_default()) {
                Ok(Some(value)) => {
                    label.insert(field.name.to_owned(), value);
                }
                Ok(None) => {}
                Err(UnreadableCell { message, help }) => {
                    self.findings.push(finding(csv.cell(line, &column), "csv-cell", message, Some(help)));
                    return None;
                }
            }
        }
        let Some(field) = label.get(Attributes::LABEL_FIELD).and_then(Value::as_str).map(str::to_owned)
        else {
            let message = format!("the {FIELD} of this label is missing");
            self.findings.push(finding(csv.cell(line, FIELD), "csv-cell", message, Some(WHICH)));
            return None;
        };
        let label = Value::Object(label);
        let objections = label_objections(label.clone());
        for message in &objections {
            let message = format!("certctl would not accept this label: {message}");
            let help = "Put it right in the admin page, and export the table again";
            self.findings.push(finding(csv.cell(line, FIELD), "csv-cell", message, Some(help)));
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
        let templates = std::mem::take(&mut self.templates);
        for mut template in templates {
            let Some(own) = labels.by_template.remove(&template.id) else {
                self.templates.push(template);
                continue;
            };
            if let Some(seen_at) = own.unreadable {
                let resource = resource_of(&template.natural_key);
                self.unreadable.push(Unreadable { resource, seen_at });
            } else {
                let read = own.by_field.into_values().map(|(label, _)| label).collect();
                template.values.insert(Attributes::LABELS, read);
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
