//! Servers at `/helium` that misbehave. Whatever they answer: no panic, an exit code of the contract, and nothing is
//! recorded.

use serde_json::json;

use crate::scene::{EARLY, Scene, keys};
use crate::support::numbered;
use crate::support::terminal::Session;

/// Runs `observer status` with this fault; nothing may change.
#[track_caller]
fn fails(fault: &str, words: &str) {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.certificate("Title 001", EARLY);
    scene.sandbox.faults(&[fault]);
    let before = scene.project.snapshot();
    for command in [
        &["observer", "status"][..],
        &["import", "--from-observer"],
        &["import", "--from-observer", "--write", "templates"],
        &["drift", "--from-observer"],
        &["refresh", "-y", "--from-observer"],
        &["recover", "--from-observer"],
    ] {
        let run = scene.project.run(command).exits(1);
        assert!(run.stderr.contains(words), "{fault}: {words}\n{}", run.stderr);
    }
    assert!(scene.project.snapshot() == before, "{fault}");
}

#[test]
fn bodies_that_say_nothing_are_told() {
    fails("helium:*:html-200", "not JSON");
    fails("helium:*:empty-200", "empty");
    fails("helium:*:204", "empty");
    fails("helium:*:other-shape", "neither data nor errors");
    fails("helium:*:close-mid-body", "cannot be read");
    fails("helium:*:huge-body", "longer than");
    fails("helium:2+:html-200", "not JSON");
}

#[test]
fn errors_are_told() {
    fails("helium:*:errors=The academy is closed", "The academy is closed");
    fails("helium:2+:errors=The academy is closed", "The academy is closed");
    fails("helium:*:status=404", "404");
    fails("helium:*:status=401,body=empty", "API key");
    fails("helium:*:redirect=https://elsewhere.example.com/", "redirect");
    fails("helium:*:reset-before", "closed the connection");
}

#[test]
fn unreadable_answers_to_certify_leave_a_doubt() {
    for fault in
        ["html-200", "empty-200", "204", "other-shape", "close-mid-body", "huge-body", "status=500,body=html"]
    {
        let scene = Scene::applied(&["--fault", &format!("certify:*:{fault}")], &numbered(1..=2));
        let mut session = Session::start(&scene.project.command(&["observer", "certify"]), 200);
        session.shows("Type yes");
        session.types("yes\n");
        let (code, shown) = session.end();
        assert_eq!((code, scene.certified().len()), (4, 1), "{fault}: {shown}");
        let doubts = scene.project.state()["certificates_in_doubt"].clone();
        assert!(doubts["t-001"]["at"].is_string() && doubts.get("t-002").is_none(), "{fault}: {doubts}");
    }
}

#[test]
fn a_server_that_fails_for_a_while_is_asked_again() {
    let scene =
        Scene::applied(&["--fault", "helium:2:status=503", "--fault", "helium:3:429"], &numbered(1..=1));
    scene.certificate("Title 001", EARLY);
    assert_eq!(scene.status()["seen"][0]["key"], "t-001");
}

/// A server that counts the points of each certificate, with more certificates than `points` allow to ask about.
fn costly(points: &str) -> Scene {
    let scene = Scene::applied(&["--lists-count", "--max-points", points], &numbered(1..=40));
    for number in 1..=40 {
        scene.certificate(&format!("Title {number:03}"), EARLY);
    }
    scene
}

#[test]
fn certificates_that_cannot_be_listed_are_not_missing() {
    for points in ["30", "100"] {
        let scene = costly(points);
        let run = scene.project.run(&["observer", "status", "--json"]).exits(3);
        let status = run.json();
        assert_eq!((keys(&status["seen"]).len(), keys(&status["unseen"]).len()), (0, 40));
        for unseen in status["unseen"].as_array().unwrap() {
            let reason = unseen["reason"].as_str().unwrap();
            assert!(reason.contains("not known") && reason.contains("points"), "{points}: {reason}");
        }
        assert_eq!(status["findings"].as_array().unwrap().len(), 1, "{status}");
        let text = scene.project.run(&["observer", "status"]).exits(3);
        assert!(!text.stdout.contains("has no certificate") && !text.stdout.contains("certify"), "{text:?}");
        let (code, shown) = Session::start(&scene.project.command(&["observer", "certify"]), 200).end();
        assert_eq!((code, scene.certified().len()), (1, 0), "{points}: {shown}");
        assert!(shown.contains("nothing was sent"), "{shown}");
        let before = scene.project.snapshot();
        for command in [&["drift"][..], &["refresh", "-y"], &["recover"], &["import"]] {
            let run = scene.project.run(&[command, &["--from-observer"]].concat()).exits(3);
            run.says("not known");
        }
        assert!(scene.project.snapshot() == before, "{points}: nothing follows from it");
    }
}

#[test]
fn slow_answers_end_with_the_timeout() {
    let scene = Scene::applied(&["--fault", "helium:*:stall-before"], &numbered(1..=1));
    let settings = scene
        .project
        .read("certctl.toml")
        .replace("requests_per_minute", "timeout = \"1s\"\nrequests_per_minute");
    scene.project.write("certctl.toml", settings);
    scene.project.run(&["observer", "status"]).exits(1).says("no answer within 1s");
}

#[test]
fn a_wrong_password_is_told() {
    let mut scene = Scene::applied(&[], &numbered(1..=1));
    scene.project.set_env("CERTCTL_OBSERVER_PASSWORD", "another one");
    scene
        .project
        .run(&["observer", "status"])
        .exits(1)
        .says("cannot log in")
        .says("Check the `email` of the observer in certctl.toml")
        .says("Invalid email or password");
}

#[test]
fn another_user_is_refused() {
    let scene = Scene::applied(&["--observer-id", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f00"], &numbered(1..=1));
    scene.project.run(&["observer", "status"]).exits(1).says("user_id").says("nothing was read");
    assert_eq!(scene.queries().len(), 1);
}

#[test]
fn another_role_is_told() {
    let scene = Scene::applied(&["--observer-role", "MANAGER"], &numbered(1..=1));
    scene.project.run(&["observer", "status"]).exits(1).says("STUDENT");
}

#[test]
fn another_academy_is_named_and_not_taken() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.certificate("Title 001", EARLY);
    scene.project.templates(&numbered(7..=8));
    std::fs::remove_dir_all(scene.project.file("state")).unwrap();
    scene.project.forget_marks();
    scene.project.run(&["observer", "status"]).exits(0).says("right academy").says("Title 001");
    assert_eq!(scene.status()["seen"], json!([]));
}
