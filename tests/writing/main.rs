//! `import --write` with the real program: from the vendor's exports to `No changes.`
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../../src/inventory/write/tests/estate.rs"]
mod estate;

mod beside;
mod editors;
mod exports;
mod extra;
mod files;
mod left_out;
mod walk;
mod whole;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use exports::Exports;
use support::{Project, Run};

/// A project with one environment, which no test connects to.
fn project() -> Project {
    let project = Project::empty();
    project.write("certctl.toml", TOML);
    project
}

const TOML: &str = "# Ours.\ntemplates = [\"templates/**/*.yaml\"]\n\n[environments.production]\nurl = \"https://academy.example.com\"\n";

/// The files of a project by name, without those that belong to the state.
fn files(project: &Project) -> BTreeMap<String, String> {
    let name = |path: &Path| path.strip_prefix(project.path()).unwrap().display().to_string();
    let files =
        project.snapshot().into_iter().map(|(path, bytes)| (name(&path), String::from_utf8(bytes).unwrap()));
    files.filter(|(name, _)| !name.starts_with("state/")).collect()
}

/// Puts the exports into the project, and imports them with these further arguments.
fn import(project: &Project, exports: &Exports, arguments: &[&str]) -> Run {
    exports.put(project);
    let all =
        ["import", "--from-csv", "t.csv", "--labels", "l.csv", "--fields", "f.csv", "--write", "templates"];
    project.run(&[&all, arguments].concat())
}

/// Checks that the YAML is valid and that nothing would change.
#[track_caller]
fn nothing_changes(project: &Project) {
    project.run(&["validate"]).exits(0);
    let plan = project.run(&["plan"]).exits(0);
    assert!(plan.stdout.starts_with("No changes."), "{}\n{}", plan.stdout, plan.stderr);
}

/// A template with this number and these attributes.
#[expect(clippy::needless_pass_by_value, reason = "callers write the attributes in place")]
fn template(number: usize, others: Value) -> Value {
    let mut template = json!({"id": estate::id(number), "title": format!("Cloud {number}"), "resourceType": "course",
        "resourceId": estate::id(10_000 + number)});
    for (name, value) in others.as_object().unwrap() {
        template[name] = value.clone();
    }
    template
}
