//! What is written beside what is there: configured templates, rows of the state, other environments.

use std::collections::BTreeMap;

use serde_json::json;

use crate::estate::{id, labels};
use crate::exports::Exports;
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
    let told = import(&project, &exports, &[])
        .exits(0)
        .says("1 adopted, 0 known already, 0 not adopted, 0 not in the export.\n")
        .says("2 templates written");
    assert!(!told.stdout.contains("not in the configuration"), "{}", told.stdout);
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

#[test]
fn keys_that_only_the_state_has_stay_with_their_templates() {
    let project = project();
    import(&project, &Exports::of((1..=2).map(|number| template(number, json!({}))).collect()), &[]).exits(0);
    std::fs::remove_file(project.file("templates/templates.yaml")).unwrap();
    // The first template is not seen any more, and another one has its title.
    let exports = Exports::of(vec![template(2, json!({})), template(3, json!({"title": "Cloud 1"}))]);
    import(&project, &exports, &[]).exits(0).says("2 templates written");
    project.run(&["plan"]).exits(0).says("1 orphaned");
    project.run(&["state", "show", "cloud-1"]).exits(0).says(&id(1));
    assert!(project.read("templates/templates.yaml").contains(&format!(
        "\n  cloud-1-{}: # {}",
        &id(3)[..8],
        id(3)
    )));
}

#[test]
fn keys_under_removed_are_not_written() {
    let project = project();
    let exports = Exports::of((1..=3).map(|number| template(number, json!({}))).collect());
    import(&project, &exports, &[]).exits(0);
    project.write("templates/templates.yaml", "removed:\n  - { from: cloud-1 }\n");
    import(&project, &exports, &[])
        .exits(3)
        .says("2 templates written")
        .says("t.csv:2:")
        .says("under `moved` or `removed`");
    project.run(&["plan"]).exits(0).says("1 to forget");
    project.write("templates/templates.yaml", "removed:\n  - { from: cloud-7 }\n");
    let exports = Exports::of(vec![template(2, json!({})), template(7, json!({}))]);
    import(&project, &exports, &[]).exits(0).says("1 template written");
    assert!(project.read("templates/templates-3.yaml").contains("\n  cloud-7-"));
}
