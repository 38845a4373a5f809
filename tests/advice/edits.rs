//! Edits of the state name the environment, and nothing on the server is forgotten silently.

use crate::support::{Project, Sandbox, Template, numbered};

fn applied(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    project
}

#[test]
fn forgetting_server_rows_needs_consent() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let before = project.state();
    project.run(&["state", "rm", "t-*"]).exits(1).says("t-001, t-002 and t-003: the server keeps them");
    assert_eq!(project.state(), before);
    project.run(&["state", "rm", "x*"]).exits(1).says("no template in the state matches x*");
    project
        .run(&["state", "rm", "t-00[12]", "-y"])
        .exits(0)
        .says("t-001 and t-002 are forgotten")
        .says("Environment: test.");
    assert_eq!(project.state()["templates"].as_object().unwrap().len(), 1);
}

#[test]
fn import_of_an_unknown_key_suggests_the_nearest() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    project
        .run(&["import", "t-0010", id])
        .exits(1)
        .says("the YAML has no template t-0010")
        .says("did you mean t-001?");
    project.run(&["import", "t-001", id]).exits(0).says("Environment: test.");
}

/// Three applied templates, and `t-004`, which the server rejected.
fn with_one_that_failed() -> (Sandbox, Project) {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let nowhere =
        Template { resource: "00000000-0000-0000-0000-000000000000".to_owned(), ..Template::number(4) };
    project.templates(&[&numbered(1..=3)[..], &[nowhere]].concat());
    project.apply().exits(3);
    (sandbox, project)
}

#[test]
fn next_plan_says_why_a_row_failed() {
    let (_sandbox, project) = with_one_that_failed();
    project.run(&["plan"]).exits(0).says("failed last time: Resource not found");
    assert_eq!(project.plan_json()["actions"][0]["last_error"], "Resource not found");
}

#[test]
fn apply_of_a_selection_says_what_remains() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    let run = project.run(&["apply", "-y", "--target", "t-001"]).exits(0);
    assert_eq!(run.stdout.lines().last(), Some("2 other templates were left out by --target."));
    let result = project.run(&["apply", "-y", "--exclude", "t-003", "--json"]).exits(0).json();
    assert_eq!(result["left_out"], 1);
}

#[test]
fn move_to_the_same_key_changes_nothing() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let before = project.read("state/test.json");
    let run =
        project.run(&["state", "mv", "t-001", "t-001"]).exits(0).says("Both keys are t-001: nothing to do.");
    assert!(!run.stdout.contains("state rm") && !run.stderr.contains("state rm"), "{run:?}");
    assert_eq!(project.read("state/test.json"), before);
    project.run(&["state", "mv", "t-009", "t-009"]).exits(1).says("the state has no template t-009");
}

#[test]
fn move_to_an_existing_key_is_explained() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let run = project.run(&["state", "mv", "t-001", "t-002"]).exits(1);
    let run = run
        .says("the state has another template t-002 already, and the server holds it, or may hold it")
        .says("To see what it is: certctl state show t-002")
        .says("Only after it has been deleted in the admin page, forget it: certctl state rm t-002 -e test");
    assert!(!run.stderr.contains("If that one is wrong"), "{run:?}");
}

#[test]
fn move_to_a_failed_row_may_forget_it() {
    let (_sandbox, project) = with_one_that_failed();
    project
        .run(&["state", "mv", "t-001", "t-004"])
        .exits(1)
        .says("the server is not known to hold it")
        .says("To forget it first: certctl state rm t-004 -e test");
}
