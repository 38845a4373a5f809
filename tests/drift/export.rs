//! What the vendor's reporting product would export of a sandbox, and edits of it as a person makes them in the admin page.

use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::support::vendor_tables::{LABEL_COLUMNS, TEMPLATE_COLUMNS};

/// The exports of a server's templates.
#[derive(Clone)]
pub struct Export {
    pub lines: Vec<Line>,
}

/// One template.
#[derive(Clone)]
pub struct Line {
    pub id: String,
    pub attributes: Value,
    pub is_deleted: bool,
    pub updated_at: String,
}

impl Export {
    pub fn of(sandbox: &Sandbox) -> Self {
        let line = |template: Value| Line {
            id: template["id"].as_str().unwrap().to_owned(),
            attributes: template["attributes"].clone(),
            is_deleted: false,
            // Everything was changed just now, after certctl's requests in the test.
            updated_at: jiff::Timestamp::now().to_string(),
        };
        Self { lines: sandbox.templates().into_iter().map(line).collect() }
    }

    /// The line of the template with this title.
    pub fn line(&mut self, title: &str) -> &mut Line {
        self.lines.iter_mut().find(|line| line.attributes["title"] == title).unwrap()
    }

    /// Sets an attribute of the template with this title.
    pub fn set(&mut self, title: &str, name: &str, value: Value) {
        self.line(title).attributes[name] = value;
    }

    /// The table `certificatetemplates`.
    pub fn templates(&self) -> String {
        let header = TEMPLATE_COLUMNS.map(str::to_lowercase).join(",");
        let mut csv = format!("id,{header},statusgroup,updatedat\n");
        for line in &self.lines {
            let cells = TEMPLATE_COLUMNS.map(|name| cell(&line.attributes[name])).join(",");
            let status = if line.is_deleted { "d" } else { "a" };
            csv.push_str(&format!("{},{cells},{status},{}\n", line.id, line.updated_at));
        }
        csv
    }

    /// The table `certificatetemplatelabels`.
    pub fn labels(&self) -> String {
        let mut csv =
            format!("certificatetemplateid,{},statusgroup\n", LABEL_COLUMNS.map(str::to_lowercase).join(","));
        for line in &self.lines {
            for label in line.attributes["labels"].as_array().into_iter().flatten() {
                csv.push_str(&format!(
                    "{},{},a\n",
                    line.id,
                    LABEL_COLUMNS.map(|name| cell(&label[name])).join(",")
                ));
            }
        }
        csv
    }
}

/// A value as an SQL client writes it.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(value) => if *value { "t" } else { "f" }.to_owned(),
        other => other.to_string(),
    };
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A new template that certctl did not make.
pub fn foreign(number: u32, title: &str) -> Line {
    Line {
        id: format!("8f14e45f-ceea-467f-a0e6-{number:012}"),
        attributes: json!({
            "title": title, "resourceType": "course", "resourceId": format!("8f14e45f-0000-4000-8000-{number:012}")
        }),
        is_deleted: false,
        updated_at: "2026-01-15 08:00:00.000000".to_owned(),
    }
}
