//! Comparing a server with the state, end to end: what `certctl drift` finds, how it ends, and that it changes nothing.
#![expect(unreachable_pub, reason = "what the files share is public among them")]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod edits;
mod export;
mod hostile;
mod ignoring;
mod learners;
#[cfg(unix)]
mod postgres;
mod random;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Project, Run, Sandbox, Template, numbered};

use export::Export;

/// The id of a certificate field.
const FIELD: &str = "f6fadfa7-e5c1-4b62-9362-da5cc13da58a";

/// Templates 1 to 3; the first has a label, an asset and styles.
fn three() -> Vec<Template> {
    let mut templates = numbered(1..=3);
    templates[0] = templates[0]
        .clone()
        .with("asset: https://cdn.example.com/cloud.png")
        .with("customCss: \"a { color: red }\"")
        .with(&format!(
            "labels: [{{ certificateFieldId: {FIELD}, x: 120, y: 300, fontSize: 32, fontColor: \"#1a2b3c\", textAlign: center }}]"
        ));
    templates
}

/// A project whose templates were applied, and what an export of its server shows.
fn applied(templates: &[Template]) -> (Sandbox, Project, Export) {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(templates);
    project.apply().exits(0);
    let export = Export::of(&sandbox);
    (sandbox, project, export)
}

/// Writes the exports and compares them with the state.
fn drift(project: &Project, export: &Export, more: &[&str]) -> Run {
    project.write("templates.csv", export.templates());
    project.write("labels.csv", export.labels());
    let arguments = [&["drift", "--from-csv", "templates.csv", "--labels", "labels.csv"], more].concat();
    project.run(&arguments)
}

/// The same as JSON, with the exit code for schedules.
#[track_caller]
fn drift_json(project: &Project, export: &Export, code: i32) -> Value {
    drift(project, export, &["--json", "--detailed-exitcode"]).exits(code).json()
}

/// Every difference as `key path`, without those that are ignored.
fn differences(document: &Value) -> Vec<String> {
    let templates = document["templates"].as_array().unwrap().iter();
    let counted = templates.filter(|template| template["ignored"] == false);
    let paths = |template: &Value| {
        let key = template["key"].as_str().unwrap().to_owned();
        let changes = template["changes"].as_array().unwrap().clone();
        changes.into_iter().map(move |change| format!("{key} {}", change["path"].as_str().unwrap()))
    };
    counted.flat_map(paths).collect()
}
