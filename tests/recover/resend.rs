//! Sending rows in doubt again.

use super::*;

#[test]
fn sends_each_row_alone() {
    let sandbox = Sandbox::start(&[]);
    let project = doubtful(&sandbox, 3, "");
    let before = sandbox.requests().len();
    let told = project.run(&["recover", "t-001", "t-003", "--resend"]).exits(0);
    told.says("warning: 2 creates are sent again, one a request").says("only the admin page can delete one");
    let sent: Vec<usize> = sandbox.requests()[before..]
        .iter()
        .map(|request| request["body"]["templates"].as_array().unwrap().len())
        .collect();
    assert_eq!(sent, [1, 1]);
    assert_eq!(project.row("t-001")["status"], "applied");
    assert_eq!(project.row("t-001")["settled"][0]["as"], "resend");
    assert_eq!(project.row("t-002")["status"], "in_doubt");
    assert_eq!(project.apply_json(4)["requests"], 0);
}

#[test]
fn changes_nothing_if_it_cannot_send() {
    let sandbox = Sandbox::start(&[]);
    let mut project = doubtful(&sandbox, 2, "");
    let before = project.read("state/test.json");
    project.run(&["recover", "--resend"]).exits(1).says("KEY is required: name the templates to settle");
    project.unset_env("CERTCTL_API_KEY");
    project.run(&["recover", "t-001", "--resend"]).exits(1).says("CERTCTL_API_KEY");
    project.set_env("CERTCTL_API_KEY", support::KEY);
    project.templates(&numbered(2..=2));
    project.run(&["recover", "t-001", "--resend"]).exits(1).says("the configuration no longer has t-001");
    assert_eq!(project.read("state/test.json"), before);
    // Not answered this time either: in doubt again.
    sandbox.faults(&["bulk:*:reset-before"]);
    project.run(&["recover", "t-002", "--resend"]).exits(4);
    assert_eq!(project.row("t-002")["status"], "in_doubt");
}

#[test]
fn leaves_an_unsent_row_in_doubt() {
    for fault in [
        "bulk:*:status=401",
        "bulk:*:redirect=https://elsewhere.example/",
        "bulk:*:429=7200",
        "bulk:*:status=503,retry-after=0",
    ] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = doubtful(&sandbox, 1, "");
        let before = project.read("state/test.json");
        sandbox.faults(&[fault]);
        project.run(&["recover", "t-001", "--resend"]).exits(4);
        assert_eq!(project.read("state/test.json"), before, "{fault}");
        sandbox.faults(&[]);
        // No ordinary apply carries out that request, and the row can still be settled.
        assert_eq!(project.apply_json(4)["requests"], 0, "{fault}");
        project.run(&["recover"]).exits(0).says("? t-001").says("--created ID");
        project.run(&["recover", "t-001", "--created", &sandbox.id_of("Title 001")]).exits(0);
        assert_eq!(project.apply_json(0)["requests"], 0, "{fault}");
        sandbox.assert_no_double_create();
    }
}

#[test]
fn leaves_doubt_if_the_server_is_down() {
    let sandbox = Sandbox::start(&[]);
    let project = doubtful(&sandbox, 1, "");
    drop(sandbox);
    let told = project.run(&["recover", "t-001", "--resend"]).exits(4);
    told.says("cannot reach").says("not sent again");
    assert_eq!(project.row("t-001")["status"], "in_doubt");
    project.run(&["recover", "t-001", "--applied"]).exits(0);
}

#[test]
fn is_explained_before_recording_if_impossible() {
    let sandbox = Sandbox::start(&[]);
    let project = doubtful(&sandbox, 1, "");
    let before = project.read("state/test.json");
    let mut elsewhere = Template::number(1);
    elsewhere.resource = Template::number(9).resource;
    project.templates(&[elsewhere]);
    let told = project.run(&["recover", "t-001", "--resend"]).exits(1);
    told.says("is for another resource or audience").says("Put the resource back").says("Nothing was sent");
    assert_eq!(project.read("state/test.json"), before);
    project.run(&["recover", "t-001"]).exits(0).says("1 template is in doubt");
    project.templates(&numbered(1..=1));
    project.run(&["recover", "t-001", "--resend"]).exits(0);
    assert_eq!(project.row("t-001")["status"], "applied");
}

#[test]
fn respects_required_saved_plans() {
    let sandbox = Sandbox::start(&[]);
    let project = doubtful(&sandbox, 1, "");
    let toml = project
        .read("certctl.toml")
        .replace("[environments.test.safety]\n", "[environments.test.safety]\nrequire_saved_plan = true\n");
    project.write("certctl.toml", toml);
    let before = sandbox.requests().len();
    project
        .run(&["recover", "t-001", "--resend"])
        .exits(0)
        .says("nothing was sent")
        .says("certctl plan --out");
    assert_eq!(sandbox.requests().len(), before);
    // If it turns out later, the request can be withdrawn.
    let state = project.read("state/test.json");
    project.run(&["recover", "t-001", "--created", &sandbox.id_of("Title 001")]).exits(0);
    assert_eq!(project.row("t-001")["settled"][0]["as"], "resend");
    assert_eq!(project.row("t-001")["settled"][1]["as"], "created");
    // The other way to settle the same state, so without the mark of the first.
    project.write("state/test.json", state);
    project.on_another_machine();
    project.run(&["plan", "--out", "again.plan"]).exits(0);
    project.run(&["apply", "again.plan"]).exits(0);
    assert_eq!(sandbox.times_sent("Title 001"), 2);
}
