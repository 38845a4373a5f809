//! Background jobs that end late, badly or never, or that nobody knows.

use crate::scene::{Scene, at_once};
use crate::support::{Project, Sandbox, Template, numbered};

#[test]
fn a_job_that_ends_late_is_waited_for() {
    Scene::creating("bulk:*:job=late:3").ends(0, &[("applied", 2)]).the_next_apply_finishes();
}

#[test]
fn a_job_that_nobody_knows_leaves_creates_in_doubt() {
    let scene = Scene::creating("bulk:*:job=forget")
        .ends(4, &[("in_doubt", 2)])
        .says(&["forgotten by the server", "certctl recover"])
        .doubts_are_frozen();
    assert_eq!(scene.sandbox.templates().len(), 2);
}

#[test]
fn a_job_that_never_ends_is_left_pending() {
    let scene = Scene::of(&["bulk:*:job=never"], "job_timeout = \"1s\"", &numbered(1..=2))
        .ends(3, &[("pending", 2)])
        .says(&["has not ended", "To ask again: certctl apply"]);
    // Asked again, and never sent again.
    scene.project.run(&["plan"]).exits(0).says("2 pending");
    assert_eq!(scene.project.apply_json(3)["summary"]["pending"], 2);
    assert_eq!(scene.sandbox.times_sent("Title 001"), 1);
}

#[test]
fn a_job_that_outlasts_one_run_is_settled_by_the_next() {
    let scene = Scene::of(&["bulk:*:job=late:5"], "job_timeout = \"1s\"", &numbered(1..=2))
        .ends(3, &[("pending", 2)]);
    assert!(scene.project.row("t-001")["job"].is_string());
    scene.project.configure(&scene.sandbox.url, "job_timeout = \"60s\"");
    assert_eq!(scene.project.apply_json(0)["summary"]["created"], 2);
    assert_eq!(scene.sandbox.times_sent("Title 001"), 1);
    assert_eq!(scene.the_next_apply_finishes().sandbox.templates().len(), 2);
}

#[test]
fn a_job_that_fails_leaves_creates_in_doubt_and_updates_failed() {
    at_once(&["job=fail", "job=strange", "job=fail-stored"], |kind| {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(0);
        sandbox.faults(&[&format!("bulk:*:{kind}")]);
        project.templates(&[Template::number(1).titled("Changed"), Template::number(2)]);
        let result = project.apply_json(4);
        assert_eq!(result["summary"]["in_doubt"], 1, "{kind}");
        assert_eq!(result["summary"]["failed"], 1, "{kind}");
        sandbox.faults(&[]);
        let again = project.apply_json(4);
        assert_eq!(again["summary"]["updated"], 1, "{kind}: the update is sent again, the create is not");
        assert_eq!(sandbox.times_sent("Title 002"), 1, "{kind}");
    });
}

#[test]
fn a_job_whose_questions_are_refused_is_left_pending_and_the_server_in_peace() {
    let faults = ["bulk:*:job=late:1", "jobs:*:429=7200"];
    let scene = Scene::of(&faults, "", &numbered(1..=2))
        .ends(3, &[("pending", 2)])
        .says(&["the server asks to be left alone for", "certctl waits for at most 15m"]);
    scene.sandbox.faults(&[]);
    assert_eq!(scene.project.apply_json(0)["summary"]["created"], 2);
    assert_eq!(scene.sandbox.times_sent("Title 001"), 1);
}
