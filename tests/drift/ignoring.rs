//! `[drift] ignore`: differences that are meant.

use serde_json::json;

use crate::support::{Project, Sandbox};
use crate::{Export, applied, differences, drift, drift_json, three};

/// A project with these entries, whose server has another title and other styles for the first template.
fn with_entries(entries: &str) -> (Sandbox, Project, Export) {
    let (sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "customCss", json!("a { color: blue }"));
    export.set("Title 001", "title", json!("Edited"));
    let settings = project.read("certctl.toml");
    project.write("certctl.toml", format!("{settings}\n[drift]\nignore = [{entries}]\n"));
    (sandbox, project, export)
}

const STYLES: &str = "{ keys = \"t-*\", attribute = \"customCss\", reason = \"the design team tries styles\", until = \"2999-12-31\" }";

#[test]
fn ignored_attributes_do_not_count() {
    let (_sandbox, project, mut export) = with_entries(STYLES);
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(2);
    let run = run.says("Drift: 1 of 3 compared templates differs, 1 ignored.");
    run.says("meant: the design team tries styles (until 2999-12-31)").says("color: red").says("color: blue");
    let document = drift_json(&project, &export, 2);
    assert_eq!(differences(&document), ["t-001 title"]);
    let ignored = &document["templates"][1];
    assert_eq!((&ignored["key"], &ignored["ignored"]), (&json!("t-001"), &json!(true)));
    assert_eq!(ignored["reason"], "the design team tries styles");
    assert_eq!(ignored["changes"][0]["path"], "customCss");

    export.set("Edited", "title", json!("Title 001"));
    let document = drift_json(&project, &export, 0);
    assert_eq!((&document["summary"]["ignored"], &document["findings"]), (&json!(1), &json!([])));
}

#[test]
fn whole_templates_can_be_ignored() {
    let (_sandbox, project, mut export) = with_entries("{ key = \"t-001\", reason = \"retired\" }");
    let document = drift_json(&project, &export, 0);
    assert_eq!((&document["templates"][0]["reason"], differences(&document).len()), (&json!("retired"), 0));
    export.line("Edited").is_deleted = true;
    let document = drift_json(&project, &export, 0);
    assert_eq!(document["summary"]["deleted"], 0);
    drift(&project, &export, &[]).says("No drift in 3 compared templates, 1 ignored.").says("meant: retired");
}

#[test]
fn expired_and_idle_entries_are_warnings() {
    let entries = "{ key = \"t-001\", attribute = \"title\", reason = \"a\", until = 2026-01-01 }, \
                   { keys = [\"x-*\"], reason = \"b\" }, { key = \"t-002\", attributes = [\"asset\"], reason = \"c\" }";
    let (_sandbox, project, export) = with_entries(entries);
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(2);
    let run = run
        .says("Warning: [drift] ignore at certctl.toml:")
        .says("(a) expired on 2026-01-01 and no longer counts");
    run.says("(b) matches no template of the state").says("(c) explains no difference");
    let run = drift(&project, &export, &["--target", "t-001"]).exits(0).says("(a) expired");
    assert!(!run.stdout.contains("(b)") && !run.stdout.contains("(c)"), "{}", run.stdout);
    let document = drift_json(&project, &export, 2);
    assert_eq!(differences(&document), ["t-001 customCss", "t-001 title"]);
    let rules: Vec<&serde_json::Value> =
        document["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert_eq!(rules, ["drift-ignore"; 3]);
}

#[test]
fn a_wrong_entry_is_an_error() {
    let (_sandbox, project, export) = with_entries("{ key = \"t-001\", attribute = \"titel\" }");
    let run = drift(&project, &export, &[]).exits(1);
    run.says("reason is required in [drift.ignore]").says("(did you mean title?)").says("certctl.toml:");
}
