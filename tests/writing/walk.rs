//! The way of a team that adopts certctl: from the exports of an academy to the first reviewed change.
//!
//! `just walk` measures it with an optimised program.

use std::time::Instant;

use serde_json::{Value, json};

use crate::exports::Exports;
use crate::support::{Project, Run, Sandbox};
use crate::{files, import, nothing_changes};

const TEMPLATES: usize = 300;

/// The most that the YAML may take, in percent of the same attributes written out template by template.
const MOST_YAML: usize = 35;

/// A sandbox with the academy's templates, which no state knows.
fn academy() -> Sandbox {
    let sandbox = Sandbox::start(&[]);
    let maker = Project::on(&sandbox, "");
    import(&maker, &Exports::estate(TEMPLATES), &[]).exits(0);
    std::fs::remove_dir_all(maker.file("state")).unwrap();
    maker.forget_marks();
    maker.run(&["apply", "-y", "--max-changes", "300"]).exits(0);
    assert_eq!(sandbox.templates().len(), TEMPLATES);
    sandbox
}

/// What the reporting product shows of the server.
fn exported(sandbox: &Sandbox) -> Exports {
    let flat = |template: Value| {
        let mut flat = template["attributes"].clone();
        flat["id"] = template["id"].clone();
        flat
    };
    Exports::of(sandbox.templates().into_iter().map(flat).collect())
}

/// Runs a command and says how long it took.
#[expect(clippy::print_stdout, reason = "the walk is for measuring, too")]
fn timed(what: &str, run: impl FnOnce() -> Run) -> Run {
    let began = Instant::now();
    let run = run().exits(0);
    println!("{what}: {:.2} s", began.elapsed().as_secs_f64());
    run
}

#[test]
fn exports_lead_to_a_reviewed_change() {
    let sandbox = academy();
    let exports = exported(&sandbox);
    let project = Project::on(&sandbox, "");
    timed("import --write", || import(&project, &exports, &[])).says("300 templates written");
    timed("plan", || project.run(&["plan"])).says("No changes.");
    nothing_changes(&project);

    let written = files(&project).into_iter().filter(|(name, _)| name.starts_with("templates/"));
    let yaml: usize = written.map(|(_, text)| text.len()).sum();
    let whole: usize = exports.templates.iter().map(|template| template.to_string().len()).sum();
    println!("YAML: {yaml} bytes, {} % of {whole} bytes as JSON", yaml * 100 / whole);
    assert!(yaml * 100 < whole * MOST_YAML, "{yaml} of {whole} bytes");

    let before = project.read("templates/templates.yaml");
    let after = before.replacen("title: Cloud 101 Foundations\n", "title: Cloud 101 for Everybody\n", 1);
    assert_ne!(before, after);
    project.write("templates/templates.yaml", after);
    let sent = sandbox.requests().len();
    timed("plan of one edit", || project.run(&["plan", "--out", "change.plan"]))
        .says("Cloud 101 for Everybody");
    let plan = project.plan_json();
    assert_eq!(plan["summary"]["update"], 1, "{}", plan["summary"]);
    assert_eq!(plan["summary"]["unchanged"], json!(TEMPLATES - 1), "{}", plan["summary"]);
    assert_eq!(sandbox.requests().len(), sent, "nothing was sent so far");
    timed("apply of the reviewed plan", || project.run(&["apply", "change.plan"]));

    let requests = sandbox.requests().split_off(sent);
    let rows: usize =
        requests.iter().map(|request| request["body"]["templates"].as_array().unwrap().len()).sum();
    assert_eq!(rows, 1, "{requests:?}");
    assert_eq!(sandbox.templates().len(), TEMPLATES);
    let old = exports.templates.iter().find(|template| template["title"] == "Cloud 101 Foundations").unwrap();
    let new = exported(&sandbox).templates.into_iter().find(|template| template["id"] == old["id"]).unwrap();
    let mut expected = old.clone();
    expected["title"] = json!("Cloud 101 for Everybody");
    assert_eq!(new, expected, "everything else is as it was");
    nothing_changes(&project);
}
