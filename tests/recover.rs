//! Settling rows in doubt and adopting existing templates, end to end.

#[path = "recover/attempts.rs"]
mod attempts;
#[path = "recover/exports.rs"]
mod exports;
#[path = "recover/exports_from_spreadsheets.rs"]
mod exports_from_spreadsheets;
#[path = "recover/from_csv.rs"]
mod from_csv;
#[path = "recover/list.rs"]
mod list;
#[path = "recover/resend.rs"]
mod resend;
mod support;

use serde_json::json;
use support::{Project, Sandbox, Template, numbered};

/// A project with this many templates, whose creates were all sent and never answered.
fn doubtful(sandbox: &Sandbox, count: u32, api: &str) -> Project {
    sandbox.faults(&["bulk:*:reset-after"]);
    let project = Project::on(sandbox, api);
    project.templates(&numbered(1..=count));
    project.apply().exits(4);
    sandbox.faults(&[]);
    project
}

/// A project whose creates became jobs that never end.
fn waiting(sandbox: &Sandbox, count: u32) -> Project {
    sandbox.faults(&["bulk:*:job=never"]);
    let project = Project::on(sandbox, "job_timeout = \"1s\"");
    project.templates(&numbered(1..=count));
    project.apply().exits(3).says("If it never ends: certctl recover");
    sandbox.faults(&[]);
    project
}

#[test]
fn endless_job_can_be_settled_by_key() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = waiting(&sandbox, 3);
    let list = project.run(&["recover"]).exits(0);
    list.says("Nothing is in doubt.\n\n3 templates are pending").says("The job may still be at work");
    project.run(&["recover", "t-002"]).exits(0).says("1 template is pending").says("  job       ");
    // What import says is true now.
    let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    project.run(&["import", "t-001", id]).exits(1).says("To settle it first: certctl recover t-001");
    // Patterns do not select it, and it is not sent again while the job may be working.
    project.run(&["recover", "t-*", "--not-created"]).exits(1).says("no template in doubt matches t-*");
    project
        .run(&["recover", "t-001", "--resend"])
        .exits(1)
        .says("the server's job")
        .says("cannot be sent again");
    project.run(&["recover", "t-001", "--created", id]).exits(0);
    project.run(&["recover", "t-002", "--applied"]).exits(0);
    let warned = project.run(&["recover", "t-003", "--not-created"]).exits(0);
    warned
        .says("warning: the server's job")
        .says("may still be at work on t-003")
        .says("makes a second template");
    assert_eq!(
        (&project.row("t-001")["status"], &project.row("t-001")["id"]),
        (&json!("applied"), &json!(id))
    );
    assert_eq!(project.row("t-002")["status"], "applied");
    assert_eq!(project.apply_json(0)["summary"]["created"], 1);
    assert_eq!(sandbox.times_sent("Title 003"), 2);
    assert_eq!(sandbox.times_sent("Title 001"), 1);
}
