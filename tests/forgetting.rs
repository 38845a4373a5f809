//! `removed` in the YAML: the state forgets a template.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use serde_json::{Value, json};
use support::{Project, Sandbox, Template, numbered};

/// Three applied templates, of which the YAML has only the first, and this at its end.
fn left(sandbox: &Sandbox, more: &str) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    one_and(&project, more);
    project
}

/// Only the first template, and this.
fn one_and(project: &Project, more: &str) {
    project.templates(&numbered(1..=1));
    project.write("templates/more.yaml", more);
}

const BOTH: &str = "removed:\n  - { from: t-002 }\n  - { from: t-003 }\n";

fn keys(project: &Project) -> Vec<String> {
    project.state()["templates"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_state_forgets_and_nothing_is_sent() {
    let sandbox = Sandbox::start(&[]);
    let project = left(&sandbox, BOTH);
    let sent = sandbox.requests().len();
    let verdict = "Plan: 0 to add, 0 to change, 0 to destroy, 2 to forget. Environment: test.";
    project
        .run(&["plan", "--detailed-exitcode"])
        .exits(2)
        .says(verdict)
        .says("  - t-002  forget")
        .says("and nothing later is known: delete \"Title 002\"");
    let plan = project.plan_json();
    assert_eq!((&plan["summary"]["forget"], &plan["summary"]["orphan"]), (&json!(2), &json!(0)));
    let action = &plan["actions"][0];
    assert_eq!((&action["action"], &action["key"]), (&json!("forget"), &json!("t-002")));
    assert_eq!(action["source"], json!({"file": "templates/more.yaml", "line": 2}));
    assert_eq!((&action["before"]["title"], &action["after"]), (&json!("Title 002"), &Value::Null));

    let report = project.apply_json(0);
    let result = &report["results"][0];
    assert_eq!((&result["action"], &result["outcome"]), (&json!("forget"), &json!("forgotten")));
    assert_eq!((&report["outcome"], &report["requests"]), (&json!("ok"), &json!(0)));
    assert_eq!(keys(&project), ["t-001"]);
    assert_eq!(sandbox.requests().len(), sent, "no request");
    // The entries may stay.
    project.run(&["plan", "--detailed-exitcode"]).exits(0).says("No changes. Environment: test.");
    project.apply().exits(0);
}

#[test]
fn forgetting_needs_no_key() {
    let sandbox = Sandbox::start(&[]);
    let mut project = left(&sandbox, BOTH);
    project.unset_env("CERTCTL_API_KEY");
    project.apply().exits(0).says("- t-002  forgotten").says("0 not sent, 2 forgotten; 0 requests.");
    assert_eq!(keys(&project), ["t-001"]);
}

#[test]
fn an_entry_without_a_row_is_harmless() {
    let sandbox = Sandbox::start(&[]);
    let project = left(&sandbox, "removed: [{ from: never-was }, { from: t-002, environments: [other] }]\n");
    let toml = project.read("certctl.toml");
    project.write("certctl.toml", format!("{toml}\n[environments.other]\nurl = \"sandbox\"\n"));
    project
        .run(&["plan", "-e", "test"])
        .exits(0)
        .says("2 orphaned")
        .says("or write removed: [{ from: t-002 }] into the YAML, and the next apply forgets it");
}

#[test]
fn a_saved_plan_forgets_what_it_says() {
    let sandbox = Sandbox::start(&[]);
    let project = left(&sandbox, BOTH);
    project.run(&["plan", "--out", "forget.plan"]).exits(0);
    project.run(&["show", "forget.plan"]).exits(0).says("2 to forget");
    // A configured key is in use, whatever the plan says.
    project.templates(&numbered(1..=2));
    project.write("templates/more.yaml", "");
    project.run(&["apply", "forget.plan"]).exits(5).says("the configuration no longer has t-002, and it has");
    one_and(&project, BOTH);
    project.run(&["apply", "forget.plan"]).exits(0);
    assert_eq!(keys(&project), ["t-001"]);
    project.run(&["apply", "forget.plan"]).exits(5).says("As planned already: t-002, t-003");
}

#[test]
fn a_protected_template_takes_two_steps() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    let protected =
        |protect: bool| [Template::number(1), Template::number(2).with(&format!("protect: {protect}"))];
    project.templates(&protected(true));
    project.apply().exits(0);
    one_and(&project, "removed: [{ from: t-002 }]\n");
    project.run(&["plan"]).exits(5).says("1 orphaned").says("put it back with `protect: false`");
    project.apply().exits(5);
    assert_eq!(keys(&project), ["t-001", "t-002"]);
    project.write("templates/more.yaml", "");
    project.templates(&protected(false));
    project.apply().exits(0);
    one_and(&project, "removed: [{ from: t-002 }]\n");
    project.apply().exits(0);
    assert_eq!(keys(&project), ["t-001"]);
}

#[test]
fn what_is_in_doubt_is_settled_first() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:reset-after"]);
    let project = Project::on(&sandbox, "");
    project.templates(&[Template::number(2)]);
    project.apply().exits(4);
    one_and(&project, "removed: [{ from: t-002 }]\n");
    let says = "t-002 is in `removed`, and is forgotten only once it is known what became of it";
    project.run(&["plan"]).exits(0).says("1 in doubt").says(says);
    project.apply().exits(4);
    assert_eq!(keys(&project), ["t-001", "t-002"]);
    project.run(&["recover", "t-002", "--not-created"]).exits(0);
    project.run(&["plan"]).exits(0).says("1 to forget").says("the server is not known to have it");
    project.apply().exits(0);
    assert_eq!(keys(&project), ["t-001"]);
}

/// The first template, and the second under a new key, with both others under `removed`.
fn succeeded(sandbox: &Sandbox) -> Project {
    let project = left(sandbox, BOTH);
    project.templates(&[Template::number(1), Template::number(2).keyed("new")]);
    project
}

#[test]
fn what_would_take_its_place_is_held_back() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = succeeded(&sandbox);
    let sent = sandbox.requests().len();
    project
        .run(&["plan"])
        .exits(0)
        .says("Plan: 0 to add, 0 to change, 0 to destroy, 1 perhaps renamed, 1 to forget, 1 held back.")
        .says("new looks like t-002 renamed")
        .says("certctl state rm t-002 -e test")
        .says("t-002 is in `removed`, and is not forgotten yet: new is for the same resource and audience");
    // A selection frees no place for a later apply.
    project.run(&["apply", "-y", "--target", "t-002"]).exits(0);
    project.run(&["plan", "--target", "new"]).exits(0).says("1 held back");
    project.apply();
    project.apply();
    assert_eq!(
        (keys(&project), sandbox.requests().len()),
        (vec!["t-001".to_owned(), "t-002".to_owned()], sent)
    );
    // A person decides.
    project.run(&["state", "rm", "t-002", "-y"]).exits(0);
    project.run(&["plan"]).exits(0).says("Plan: 1 to add, 0 to change, 0 to destroy.");
}

#[test]
fn a_known_deletion_makes_room() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = succeeded(&sandbox);
    let state = project.state();
    let id = state["templates"]["t-002"]["id"].as_str().unwrap();
    let export = sandbox.export();
    let line = |line: &str| format!("{line},{}\n", if line.starts_with(id) { "d" } else { "a" });
    let (head, lines) = export.split_once('\n').unwrap();
    let lines: String = lines.lines().map(line).collect();
    project.write("templates.csv", format!("{head},statusgroup\n{lines}"));
    project.run(&["refresh", "--from-csv", "templates.csv", "-y"]).exits(0).says("t-002");
    project.run(&["plan"]).exits(0).says("Plan: 1 to add, 0 to change, 0 to destroy, 2 to forget.");
}

#[test]
fn a_selection_counts() {
    let sandbox = Sandbox::start(&[]);
    let project = left(&sandbox, BOTH);
    project.run(&["apply", "-y", "--target", "t-003"]).exits(0).says("- t-003  forgotten");
    assert_eq!(keys(&project), ["t-001", "t-002"]);
}

#[test]
fn too_many_are_refused() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=10));
    project.apply().exits(0);
    let entries: String = (5..=10).map(|number| format!("  - {{ from: t-{number:03} }}\n")).collect();
    project.templates(&numbered(1..=4));
    project.write("templates/more.yaml", format!("removed:\n{entries}"));
    let limited = project.read("certctl.toml").replace("max_change_percent = 100", "max_change_percent = 30");
    project.write("certctl.toml", limited);
    project.apply().exits(5).says("the plan updates or forgets 6 of the 10 templates in the state");
    project.run(&["apply", "-y", "--max-changes", "6"]).exits(0);
    assert_eq!(keys(&project).len(), 4);
}

#[test]
fn every_report_says_it() {
    let sandbox = Sandbox::start(&[]);
    let project = left(&sandbox, BOTH);
    let reports =
        ["--report", "markdown=plan.md", "--report", "html=plan.html", "--report", "json=plan.json"];
    project.run(&[&["plan"], &reports[..]].concat()).exits(0);
    assert!(project.read("plan.md").contains("| `-` | 2 | to forget"), "{}", project.read("plan.md"));
    assert!(project.read("plan.html").contains("data-kind=\"forget\""));
    assert!(project.read("plan.json").contains("\"action\": \"forget\""));
    project.run(&[&["apply", "-y"], &reports[..]].concat()).exits(0);
    assert!(project.read("plan.md").contains("forgotten"), "{}", project.read("plan.md"));
}
