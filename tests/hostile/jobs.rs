//! Background jobs that end late, fail, never end, or are unknown to the server.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::raw::{Raw, json as answer, read_request};
use crate::scene::{Scene, at_once};
use crate::support::{Project, Sandbox, Template, numbered};

#[test]
fn late_job_is_awaited() {
    Scene::creating("bulk:*:job=late:3").ends(0, &[("applied", 2)]).next_apply_completes();
}

#[test]
fn unknown_job_leaves_creates_in_doubt() {
    let scene = Scene::creating("bulk:*:job=forget")
        .ends(4, &[("in_doubt", 2)])
        .says(&["forgotten by the server", "certctl recover"])
        .assert_doubts_are_frozen();
    assert_eq!(scene.sandbox.templates().len(), 2);
}

#[test]
fn endless_job_stays_pending() {
    let scene = Scene::of(&["bulk:*:job=never"], "job_timeout = \"1s\"", &numbered(1..=2))
        .ends(3, &[("pending", 2)])
        .says(&["has not ended", "To ask again: certctl apply -e test"]);
    // The job is queried again; the row is never sent again.
    scene.project.run(&["plan"]).exits(0).says("2 pending");
    assert_eq!(scene.project.apply_json(3)["summary"]["pending"], 2);
    assert_eq!(scene.sandbox.times_sent("Title 001"), 1);
}

#[test]
fn next_run_settles_a_long_job() {
    let scene = Scene::of(&["bulk:*:job=late:5"], "job_timeout = \"1s\"", &numbered(1..=2))
        .ends(3, &[("pending", 2)]);
    assert!(scene.project.row("t-001")["job"].is_string());
    scene.project.configure(&scene.sandbox.url, "job_timeout = \"60s\"");
    assert_eq!(scene.project.apply_json(0)["summary"]["created"], 2);
    assert_eq!(scene.sandbox.times_sent("Title 001"), 1);
    assert_eq!(scene.next_apply_completes().sandbox.templates().len(), 2);
}

#[test]
fn failed_job_leaves_creates_in_doubt_updates_failed() {
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
fn refused_job_queries_leave_it_pending() {
    let faults = ["bulk:*:job=late:1", "jobs:*:429=7200"];
    let scene = Scene::of(&faults, "", &numbered(1..=2))
        .ends(3, &[("pending", 2)])
        .says(&["the server asks to be left alone for", "a run waits for at most 15m"]);
    scene.sandbox.faults(&[]);
    assert_eq!(scene.project.apply_json(0)["summary"]["created"], 2);
    assert_eq!(scene.sandbox.times_sent("Title 001"), 1);
}

/// A server that starts a job with this id and answers every query with that body.
fn with_job(id: &str, told: &Value) -> Raw {
    let (began, told) = (
        answer(&json!({ "createdCount": 0, "backgroundJob": { "id": id, "status": "queued" } })),
        answer(told),
    );
    Raw::serving(move |stream, seen| {
        if let Some(request) = read_request(stream) {
            let _ = stream.write_all(if request.starts_with("GET ") { &told } else { &began });
            seen.note(request);
        }
    })
}

#[test]
fn answer_about_another_job_is_ignored() {
    let templates = numbered(1..=1);
    for other in ["other", "JOB-1", "", "..", &"j".repeat(1000)] {
        let server = with_job("job-1", &json!({ "id": other, "status": "complete" }));
        let project = server.project("http", &templates);
        project.configure(&format!("http://{}", server.address), "job_timeout = \"1s\"");
        project.apply().exits(3).says("job-1 has not ended");
        assert_eq!(project.row("t-001")["status"], "pending", "{other:?}");
    }
    // An answer without an id is about the requested job, and UUIDs are equal in any case.
    let uuid = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    for (id, told) in [("job-1", Value::Null), ("job-1", json!("job-1")), (uuid, json!(uuid.to_uppercase()))]
    {
        let server = with_job(id, &json!({ "id": told, "status": "complete" }));
        server.project("http", &templates).apply().exits(0);
    }
}

#[test]
fn job_ids_cannot_change_the_path() {
    let templates = numbered(1..=1);
    for id in ["..", ".", "a/b", "../ping", "a\\b", "a b", "a\u{7}b"] {
        let server = with_job(id, &json!({ "status": "complete" }));
        let project = server.project("http", &templates);
        project.apply().exits(4).says("the server began a job and did not say which");
        assert_eq!(project.row("t-001")["status"], "in_doubt", "{id:?}");
        assert_eq!(server.requests().len(), 1, "{id:?}");
    }
}
