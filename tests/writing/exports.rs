//! Exports of an academy, as an SQL client writes them.

use serde_json::{Value, json};

use crate::support::Project;
use crate::support::vendor_tables::{LABEL_COLUMNS, TEMPLATE_COLUMNS};
use crate::template;

const FIELDS: [(&str, &str); 6] = [
    ("Learner Name", "nameLabel"),
    ("Content Title", "courseLabel"),
    ("Issued On", "dateLabel"),
    ("Expires On", "expirationDateLabel"),
    ("Identifier", "identifier"),
    ("Dean", "textLabel"),
];
const TOPICS: [&str; 10] = [
    "Cloud",
    "Security",
    "Data",
    "Leadership",
    "Compliance",
    "Netzwerke für",
    "Design",
    "データ",
    "Safety",
    "Sales",
];
const SUBJECTS: [&str; 10] = [
    "Foundations",
    "in Practice",
    "for Managers",
    "Advanced: Part 2",
    "Refresher",
    "Straßen & Brücken",
    "Case Studies",
    "基礎",
    "for Partners",
    "Workshop",
];
const DESIGNS: [&str; 6] =
    ["landscape", "portrait", "partner-gold", "badge", "landscape-dark", "compliance-2026"];

/// A UUID with this number.
pub(crate) fn id(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-{number:012x}")
}

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

    /// So many templates in six designs, a few of them with a label somewhere else.
    pub(crate) fn estate(count: usize) -> Self {
        let of = |number: usize| {
            let design = number % 7 % 6;
            let mut labels = labels(design);
            if number % 10 == 3 {
                labels[number % 6]["x"] = json!(500 + number % 200);
            }
            let mut others = json!({
                "title": format!("{} {} {}", TOPICS[number % 10], 101 + number / 100 * 100, SUBJECTS[number / 10 % 10]),
                "asset": format!("https://cdn.example.com/2026/{}.png", DESIGNS[design]),
                "labels": labels,
                "customCss": css(design),
                "expirationDays": 365 * (1 + usize::from(!number.is_multiple_of(4))),
            });
            if number.is_multiple_of(3) {
                others["recertificationAction"] = json!("resetProgress");
                others["recertificationAutoReset"] = json!(true);
                others["recertificationInstructions"] = json!(format!(
                    "Your certificate expires soon.\n\nPlease take the course again. It opens {} days before that day, with your \
                     progress reset, and stays open for as long. What you did before stays in your transcript, marked as renewed.\n\n\
                     Questions? Write to academy@example.com.\n",
                    30 * (1 + number % 2)
                ));
            }
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
        let field = |(number, (label, kind)): (usize, &(&str, &str))| {
            vec![id(90_000 + number), (*label).to_owned(), (*kind).to_owned()]
        };
        let fields: Vec<Vec<String>> = FIELDS.iter().enumerate().map(field).collect();
        project
            .write("f.csv", csv(&[vec![vec!["id".into(), "label".into(), "type".into()]], fields].concat()));
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

/// The labels of a design.
pub(crate) fn labels(design: usize) -> Value {
    let label = |number: usize| {
        json!({"certificateFieldId": id(90_000 + number), "x": 800 + 10 * design, "y": 200 + 90 * number,
            "fontSize": 12 + 6 * (5 - number), "fontColor": if design.is_multiple_of(2) { "#12324a" } else { "#000000" },
            "textAlign": "center"})
    };
    (0..6).map(label).collect()
}

/// The style sheet of a design.
pub(crate) fn css(design: usize) -> String {
    format!(
        "@page {{\n  size: A4 landscape;\n  margin: 0;\n}}\n\n.certificate {{\n  width: {}px;\n  height: 1131px;\n  font-family: \"Source Sans \
         3\", \"Helvetica Neue\", sans-serif;\n  color: #12324a;\n}}\n\n.certificate .nameLabel {{\n  letter-spacing: 0.02em;\n  font-weight: \
         600;\n}}\n\n.certificate .identifier {{\n  opacity: 0.7;\n}}\n",
        1600 + design
    )
}
