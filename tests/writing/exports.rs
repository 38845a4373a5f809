//! Exports of an academy, as an SQL client writes them.

use serde_json::{Value, json};

use crate::estate;
use crate::support::Project;
use crate::support::vendor_tables::{LABEL_COLUMNS, TEMPLATE_COLUMNS};
use crate::template;

/// What is on the server.
#[derive(Clone)]
pub(crate) struct Exports {
    pub(crate) templates: Vec<Value>,
    /// The columns of the templates, besides the id.
    pub(crate) columns: Vec<&'static str>,
}

impl Exports {
    pub(crate) fn of(templates: Vec<Value>) -> Self {
        Self {
            templates,
            columns: TEMPLATE_COLUMNS.iter().copied().chain(["updatedAt", "statusGroup"]).collect(),
        }
    }

    /// So many templates of the academy.
    pub(crate) fn estate(count: usize) -> Self {
        let of = |number: usize| {
            let mut others = estate::attributes(number);
            others["title"] = json!(estate::title(number));
            template(number + 1, others)
        };
        Self::of((0..count).map(of).collect())
    }

    /// Writes the files t.csv, l.csv and f.csv.
    pub(crate) fn put(&self, project: &Project) {
        let mut lines =
            vec![["id"].iter().chain(&self.columns).map(|name| name.to_lowercase()).collect::<Vec<_>>()];
        let mut labels = vec![
            ["certificatetemplateid".to_owned()]
                .into_iter()
                .chain(LABEL_COLUMNS.map(str::to_lowercase))
                .collect(),
        ];
        for template in &self.templates {
            let cells = ["id"].iter().chain(&self.columns);
            lines.push(cells.map(|name| cell(name, &template[*name])).collect());
            for label in template["labels"].as_array().into_iter().flatten() {
                let cells = LABEL_COLUMNS.map(|name| cell(name, &label[name]));
                labels.push([cell("id", &template["id"])].into_iter().chain(cells).collect());
            }
        }
        project.write("t.csv", csv(&lines));
        project.write("l.csv", csv(&labels));
        let fields = std::iter::once(["id", "label", "type"].map(str::to_owned)).chain(estate::fields());
        project.write("f.csv", csv(&fields.map(Vec::from).collect::<Vec<_>>()));
    }
}

fn csv(lines: &[Vec<String>]) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    lines.iter().map(|line| line.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n").collect()
}

fn cell(name: &str, value: &Value) -> String {
    match (name, value) {
        ("updatedAt", Value::Null) => "2026-03-01 10:00:00.000000".to_owned(),
        ("statusGroup", Value::Null) => "a".to_owned(),
        ("expirationDate", Value::Null) => "9999-12-01 00:00:00.000000".to_owned(),
        ("recertificationAutoReset", Value::Null) => "f".to_owned(),
        (_, Value::Null) => String::new(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}
