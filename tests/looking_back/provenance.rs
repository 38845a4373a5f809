//! Each row says who applied it, and from where.

use serde_json::json;

use super::support::{Project, Sandbox, Template, numbered};

const RUN: &str = "https://github.com/acme/academy/actions/runs/42";

fn in_github(project: &mut Project) {
    for (name, value) in [
        ("GITHUB_SHA", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"),
        ("GITHUB_ACTOR", "ann\u{1b}[2J"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/academy"),
        ("GITHUB_RUN_ID", "42"),
    ] {
        project.set_env(name, value);
    }
}

#[test]
fn pipelines_leave_their_traces_in_rows() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.set_env("USER", "bob");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    assert_eq!(project.row("t-001")["appliedBy"], json!({ "actor": "bob" }));
    in_github(&mut project);
    project.templates(&[Template::number(1).titled("New"), Template::number(2)]);
    project.apply().exits(0);
    let by =
        json!({ "actor": "ann[2J", "commit": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "runUrl": RUN });
    assert_eq!(project.row("t-001")["appliedBy"], by);
    // A row that was not applied keeps what it said.
    assert_eq!(project.row("t-002")["appliedBy"], json!({ "actor": "bob" }));
    let shown = project.run(&["state", "show", "t-001"]).exits(0).says("by          ann[2J").says(RUN);
    assert!(!shown.stdout.contains('\u{1b}'));
}

#[test]
fn answers_of_other_runs_keep_the_sender() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "job_timeout = \"1s\"");
    sandbox.faults(&["bulk:1:job=never"]);
    project.set_env("CERTCTL_ACTOR", "ann");
    project.templates(&numbered(1..=1));
    project.apply();
    assert_eq!(
        project.row("t-001")["attempt"]["sentBy"],
        json!({ "actor": "ann" }),
        "{}",
        project.row("t-001")
    );
}

#[test]
fn states_without_senders_stay_as_they_are() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    for name in ["USER", "USERNAME"] {
        project.set_env(name, "");
    }
    project.apply().exits(0);
    let before = project.read("state/test.json");
    assert!(!before.contains("appliedBy"), "{before}");
    project.set_env("CERTCTL_ACTOR", "ann");
    project.apply().exits(0);
    assert_eq!(project.read("state/test.json"), before);
}
