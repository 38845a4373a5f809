//! What is written beside what is there: configured templates, rows of the state, other environments.

use std::collections::BTreeMap;

use serde_json::json;

use crate::exports::{Exports, id, labels};
use crate::{TOML, files, import, nothing_changes, project, template};

#[test]
fn configured_templates_get_their_baseline() {
    let project = project();
    project.write(
        "templates/mine.yaml",
        format!("templates:\n  mine:\n    title: Cloud 1\n    resourceType: course\n    resourceId: {}\n    expirationDays: 30\n", id(10_001)),
    );
    let exports = Exports::of(
        (1..=3).map(|number| template(number, json!({"labels": labels(0), "expirationDays": 365}))).collect(),
    );
    import(&project, &exports, &[]).exits(0).says("1 adopted").says("2 templates written");
    let plan = project.run(&["plan"]).exits(0).says("Plan: 0 to add, 1 to change, 0 to destroy.");
    assert!(
        plan.stdout.contains("365") && plan.stdout.contains("30") && plan.stdout.contains("mine"),
        "{}",
        plan.stdout
    );
}

#[test]
fn rows_without_yaml_keep_their_keys() {
    let project = project();
    let exports = Exports::of((1..=3).map(|number| template(number, json!({}))).collect());
    import(&project, &exports, &[]).exits(0);
    project.run(&["state", "mv", "cloud-2", "an-older-name"]).exits(0);
    std::fs::remove_file(project.file("templates/templates.yaml")).unwrap();
    project.run(&["plan", "--allow-empty"]).exits(0).says("3 orphaned");
    import(&project, &exports, &[]).exits(0).says("3 templates written");
    assert!(project.read("templates/templates.yaml").contains("\n  an-older-name:"));
    nothing_changes(&project);
}

#[test]
fn other_environments_are_left_out() {
    let project = project();
    project.write("certctl.toml", format!("{TOML}\n[environments.sandbox]\nurl = \"sandbox\"\n"));
    project.write(
        "templates/mine.yaml",
        format!("templates:\n  mine: {{ title: A, resourceType: course, resourceId: {} }}\n", id(77)),
    );
    import(&project, &Exports::estate(5), &["-e", "production"]).exits(0);
    project.run(&["plan", "-e", "sandbox"]).exits(0).says("Plan: 1 to add");
    project.run(&["plan", "-e", "production"]).exits(0).says("Plan: 1 to add");
    assert!(project.read("templates/templates.yaml").contains("environments: [production]"));
}

#[test]
fn another_instance_is_said_to_be_one() {
    let project = project();
    import(&project, &Exports::estate(20), &[]).exits(0);
    let others = (500..520).map(|number| template(number, json!({}))).collect();
    let before = files(&project);
    let told = import(&project, &Exports::of(others), &[]);
    assert_ne!(told.code, 0, "{}", told.stdout);
    let exports = ["t.csv", "l.csv", "f.csv"];
    let changed = |files: BTreeMap<String, String>| {
        files.into_iter().filter(|(name, _)| !exports.contains(&name.as_str()))
    };
    assert!(changed(files(&project)).eq(changed(before)));
}
