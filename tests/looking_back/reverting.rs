//! `revert`: a saved plan that brings an earlier version back.

use super::support::{Sandbox, Template};
use super::with_versions;

#[test]
fn a_template_comes_back_by_a_reviewed_plan() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two", "Three"]);
    let before = project.read("state/test.json");
    let made = project
        .run(&["revert", "t-001", "--at", "1"])
        .exits(0)
        .says("~ title: \"Three\" → \"One\"")
        .says("-    title: \"Three\"\n+    title: One")
        .says("certctl apply revert.plan -e test");
    assert!(made.stdout.contains("the next plan shows the way forward again"), "{}", made.stdout);
    assert_eq!(project.read("state/test.json"), before);
    project.run(&["show", "revert.plan"]).exits(0).says("at serial 1");
    project.run(&["apply", "revert.plan"]).exits(0);
    assert_eq!(project.row("t-001")["attributes"]["title"], "One");
    assert_eq!(sandbox.templates().len(), 2);
    // The YAML still says otherwise, and the diff makes it say the same.
    project.run(&["plan"]).exits(0).says("~ title: \"One\" → \"Three\"");
    let diff: String = made.stdout.split_once("The YAML to match\n").unwrap().1.to_owned();
    project.write("yaml.diff", diff);
    project.in_shell("git apply --unidiff-zero yaml.diff", &[]).exits(0);
    project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn all_templates_go_back_and_none_is_deleted() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two"]);
    project
        .run(&["revert", "--to", "1", "--out", "back.plan"])
        .exits(0)
        .says("Left as it is: t-002. The state did not have it at serial 1, and nothing is deleted.");
    project.run(&["apply", "back.plan"]).exits(0);
    assert_eq!(project.row("t-001")["attributes"]["title"], "One");
    assert_eq!(project.row("t-002")["status"], "applied");
    project.run(&["revert", "--to", "1", "--out", "again.plan"]).exits(0).says("nothing to bring back");
    assert!(!project.file("again.plan").exists());
}

#[test]
fn what_is_in_doubt_stays_as_it_is() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two"]);
    sandbox.faults(&["bulk:*:reset-after"]);
    project.templates(&[Template::number(1).titled("Three"), Template::number(2)]);
    project.apply();
    sandbox.faults(&[]);
    let status = project.row("t-001")["status"].clone();
    assert_eq!(status, "in_doubt", "{}", project.row("t-001"));
    project.run(&["revert", "t-001", "--at", "1"]).exits(0).says("in doubt").says("certctl recover t-001");
    assert!(!project.file("revert.plan").exists());
}

#[test]
fn a_plan_of_an_older_state_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two"]);
    project.run(&["revert", "t-001", "--at", "1"]).exits(0);
    project.templates(&[Template::number(1).titled("Three"), Template::number(2)]);
    project.apply().exits(0);
    project
        .run(&["apply", "revert.plan"])
        .exits(5)
        .says("stale")
        .says("certctl revert t-001 --at 1 --out revert.plan -e test");
}

#[test]
fn a_serial_and_a_choice_are_needed() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One"]);
    for wrong in
        [&["revert"][..], &["revert", "t-001"], &["revert", "--at", "1"], &["revert", "t-001", "--to", "1"]]
    {
        project.run(wrong).exits(1);
    }
    project.run(&["revert", "--to", "9"]).exits(1).says("with the serial 9 is known");
    project.run(&["revert", "t-0", "--at", "1"]).exits(1).says("did you mean t-001?");
}
