//! Connections that break, stall or are very slow.

use serde_json::json;

use crate::scene::{Scene, at_once};
use crate::support::{Template, numbered};

#[test]
fn reset_before_processing_leaves_creates_in_doubt() {
    let scene = Scene::creating("bulk:1:reset-before")
        .ends(4, &[("in_doubt", 2)])
        .says(&["sent, but no complete answer came", "certctl recover"])
        .assert_doubts_are_frozen();
    assert!(scene.sandbox.templates().is_empty());
    // Nothing was created, so it is sent again once a person has confirmed that.
    for key in ["t-001", "t-002"] {
        scene.project.run(&["recover", key, "--not-created"]).exits(0);
    }
    scene.next_apply_completes();
}

#[test]
fn reset_after_processing_affects_only_its_request() {
    let scene = Scene::of(&["bulk:1:reset-after"], "batch_size = 1", &numbered(1..=3))
        .ends(4, &[("applied", 2), ("in_doubt", 1)])
        .says(&["sent, but no complete answer came"])
        .assert_doubts_are_frozen();
    let project = &scene.project;
    let key = crate::scene::keys(project, "in_doubt").remove(0);
    let row = project.row(&key);
    assert_eq!(row["attributes"], json!(null));
    assert!(row["attempt"]["digest"].as_str().unwrap().starts_with("sha256:"));
    // It was created; the admin page shows its id.
    let held = scene.sandbox.templates();
    let found = |held: &&serde_json::Value| held["attributes"] == row["attempt"]["attributes"];
    let id = held.iter().find(found).unwrap()["id"].as_str().unwrap();
    project.run(&["recover", &key, "--created", id]).exits(0);
    project.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(project.row(&key)["id"], id);
    assert_eq!(scene.next_apply_completes().sandbox.templates().len(), 3);
}

#[test]
fn update_is_sent_again_after_a_reset() {
    let scene = Scene::updating(&["bulk:1:reset-after"]).ends(0, &[("applied", 1)]);
    assert_eq!(scene.sandbox.times_sent("Changed"), 2);
    scene.next_apply_completes();
}

#[test]
fn endless_resets_leave_update_for_next_apply() {
    let scene = Scene::updating(&["bulk:*:reset-before"]).ends(4, &[("in_doubt", 1)]);
    assert_eq!(scene.project.row("t-001")["attributes"]["title"], "Title 001");
    // Back to the old title: the server may hold the new one, so the update is sent nevertheless.
    scene.sandbox.faults(&[]);
    scene.project.templates(&numbered(1..=1));
    scene.project.run(&["plan"]).exits(0).says("Plan: 0 to add, 1 to change, 0 to destroy.");
    assert_eq!(scene.project.apply_json(0)["summary"]["updated"], 1);
    assert_eq!(scene.sandbox.templates()[0]["attributes"]["title"], "Title 001");
    scene.next_apply_completes();
}

#[test]
fn close_during_body_leaves_creates_in_doubt() {
    Scene::creating("bulk:1:close-mid-body")
        .ends(4, &[("in_doubt", 2)])
        .says(&["the answer was cut off"])
        .assert_doubts_are_frozen();
}

#[test]
fn timeout_leaves_creates_in_doubt() {
    at_once(&[("bulk:1:stall-before", 0), ("bulk:1:stall-after", 2)], |&(fault, held)| {
        let scene = Scene::of(&[fault], "timeout = \"1s\"", &numbered(1..=2))
            .ends(4, &[("in_doubt", 2)])
            .says(&["no answer within 1s"])
            .assert_doubts_are_frozen();
        assert_eq!(scene.sandbox.templates().len(), held, "{fault}");
    });
}

#[test]
fn slow_body_beyond_timeout_leaves_creates_in_doubt() {
    Scene::of(&["bulk:1:slow-drip=400"], "timeout = \"1s\"", &numbered(1..=2))
        .ends(4, &[("in_doubt", 2)])
        .says(&["the answer was cut off: no answer within 1s"])
        .assert_doubts_are_frozen();
}

#[test]
fn slow_body_within_timeout_is_read() {
    Scene::of(&["bulk:1:slow-drip=10"], "", &[Template::number(1)])
        .ends(0, &[("applied", 1)])
        .next_apply_completes();
}
