//! The exported table `certificatetemplatelabels`: one line for each label of each template (vendor-api.md section 6.1).
//!
//! `import`, `drift` and `refresh` read it beside the templates. A template without lines here has labels that were not
//! seen: that a table does not show something proves nothing.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::cell::{self, UnreadableCell};
use super::csv_file::{CsvFile, Expected, decode, finding};
use super::layout;
use super::line::ExportLine;
use super::observation::{Observation, Unreadable, resource_of};
use crate::desired::label_objections;
use crate::model::{Attributes, Finding, LABEL_FIELDS, TemplateId};

const TEMPLATE: &str = "certificatetemplateid";
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
    findings: Vec<Finding>,
}

/// The labels of one template.
#[derive(Debug, Default)]
struct TemplateLabels {
    /// Each with the number of its line, by certificate field.
    by_field: BTreeMap<String, (Value, usize)>,
    is_unreadable: bool,
}

/// Reads the export of labels. The error has findings about the whole file.
pub fn read_labels(file: &Path, bytes: &[u8]) -> Result<LabelTable, Vec<Finding>> {
    let source = decode(file, bytes)?;
    let csv = CsvFile::new(&source);
    let mut table = LabelTable { file: file.to_owned(), ..LabelTable::default() };
    csv.each_line(&EXPECTED, |line| table.line(&csv, line))?;
    Ok(table)
}

impl LabelTable {
    fn line(&mut self, csv: &CsvFile<'_>, line: &ExportLine<'_>) {
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
        if is_deleted && self.findings.len() == before {
            return;
        }
        let label = self.label(csv, line);
        let labels = self.by_template.entry(template).or_default();
        if let Some((field, label)) = label {
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
        labels.is_unreadable |= self.findings.len() > before;
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

impl Observation {
    /// Adds the labels of each template. A template is unreadable as a whole if one of its labels is.
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
            if own.is_unreadable {
                let (resource, seen_at) = (resource_of(&template.natural_key), template.seen_at);
                self.unreadable.push(Unreadable { resource, seen_at });
            } else {
                let read = own.by_field.into_values().map(|(label, _)| label).collect();
                template.values.insert(Attributes::LABELS, read);
                self.templates.push(template);
            }
        }
        self
    }
}
