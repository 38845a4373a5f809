//! `state restore`: an earlier version in place of a state that is lost or damaged.

use super::support::{Sandbox, Template};
use super::with_versions;

#[test]
fn states_that_can_be_read_are_not_restored() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two"]);
    let before = project.snapshot();
    project
        .run(&["state", "restore", "1", "-y"])
        .exits(5)
        .says("can be read")
        .says("certctl revert --to 1 --out revert.plan -e test");
    assert_eq!(project.snapshot(), before);
}

#[test]
fn newest_version_replaces_a_damaged_state() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two"]);
    project.write("state/test.json", "{ damaged");
    project.run(&["plan"]).exits(1);
    project.run(&["state", "restore", "2"]).exits(1).says("certctl state restore 2 --auto-approve -e test");
    project.run(&["state", "restore", "7", "-y"]).exits(1).says("Known are 1 to 2");
    project.run(&["state", "restore", "2", "-y"]).exits(0).says("has serial 3 now").says("test.json.damaged");
    assert_eq!(project.read("state/test.json.damaged"), "{ damaged");
    project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn what_newer_versions_say_is_in_doubt() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two"]);
    std::fs::remove_file(project.file("state/test.json")).unwrap();
    project
        .run(&["state", "restore", "1", "-y"])
        .exits(0)
        .says("2 templates are in doubt then")
        .says("certctl recover");
    assert_eq!(project.row("t-002")["status"], "in_doubt");
    // What the server may hold is not sent again by itself.
    project.templates(&[Template::number(1).titled("Two"), Template::number(2)]);
    let requests = sandbox.requests().len();
    project.run(&["plan"]).exits(0).says("in doubt");
    assert_eq!(sandbox.requests().len(), requests);
    sandbox.assert_no_double_create();
}
