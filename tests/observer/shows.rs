//! Learning what a certificate shows of a template that was edited after its issue.

use serde_json::{Value, json};

use crate::scene::{EARLY, Scene};
use crate::support::{Template, numbered};

/// Applies a template, issues a certificate, and applies another title later.
fn changed_after_the_issue(arguments: &[&str]) -> Scene {
    let scene = Scene::applied(arguments, &numbered(1..=1));
    scene.certificate("Title 001", EARLY);
    scene.project.templates(&[Template::number(1).titled("Changed")]);
    scene.project.apply().exits(0);
    scene
}

fn learned(scene: &Scene) -> (Value, Value) {
    (scene.status()["shows"].clone(), scene.project.state()["observer_shows"].clone())
}

#[test]
fn a_change_that_is_shown_teaches_now() {
    let scene = changed_after_the_issue(&[]);
    scene.project.run(&["observer", "status"]).exits(0).says("Learned just now from t-001");
    assert_eq!(learned(&scene), (json!("now"), json!("now")));
    let before = scene.project.snapshot();
    scene.status();
    assert!(scene.project.snapshot() == before, "nothing is written twice");
    scene.project.run(&["state", "verify"]).exits(0);
    scene.project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn a_change_that_is_not_shown_teaches_at_issue() {
    let scene = changed_after_the_issue(&["--certificates-show", "at-issue"]);
    assert_eq!(learned(&scene), (json!("at-issue"), json!("at-issue")));
    let drift = scene.project.run(&["drift", "--from-observer", "--json"]).json();
    assert_eq!(drift["templates"], json!([]), "{drift:#}");
}

#[test]
fn contents_that_were_never_ours_teach_nothing() {
    let scene = changed_after_the_issue(&[]);
    scene.edit("Changed", &json!({ "title": "By hand" }));
    assert_eq!(learned(&scene), (json!("not known"), Value::Null));
}

#[test]
fn a_certificate_issued_after_the_change_teaches_nothing() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.project.templates(&[Template::number(1).titled("Changed")]);
    scene.project.apply().exits(0);
    scene.certificate("Changed", &jiff::Timestamp::now().to_string());
    assert_eq!(learned(&scene), (json!("not known"), Value::Null));
}

#[test]
fn two_certificates_that_differ_teach_at_issue() {
    let scene = changed_after_the_issue(&["--certificates-show", "at-issue"]);
    scene.certificate("Changed", &jiff::Timestamp::now().to_string());
    std::fs::remove_file(scene.project.file("state/test.json.backup")).unwrap();
    assert_eq!(learned(&scene), (json!("at-issue"), json!("at-issue")));
}

fn git(scene: &Scene, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let mut git = std::process::Command::new("git");
    let status = git.args(identity).args(arguments).current_dir(scene.project.path()).status().unwrap();
    assert!(status.success(), "{arguments:?}");
}

fn titled(scene: &Scene, title: &str) {
    scene.project.templates(&[Template::number(1).titled(title)]);
    scene.project.apply().exits(0);
    git(scene, &["add", "-A"]);
    git(scene, &["commit", "-qm", title]);
}

#[test]
fn committed_states_are_earlier_ones_too() {
    let scene = Scene::of(&[], &[]);
    git(&scene, &["init", "-q"]);
    titled(&scene, "First");
    scene.certificate("First", EARLY);
    titled(&scene, "Second");
    std::fs::remove_file(scene.project.file("state/test.json.backup")).unwrap();
    assert_eq!(learned(&scene), (json!("now"), json!("now")));
}

#[test]
fn contents_that_came_back_teach_nothing() {
    let scene = Scene::of(&["--certificates-show", "at-issue"], &[]);
    git(&scene, &["init", "-q"]);
    titled(&scene, "First");
    scene.certificate("First", EARLY);
    titled(&scene, "Second");
    titled(&scene, "First");
    assert_eq!(learned(&scene), (json!("not known"), Value::Null));
}

#[test]
fn without_the_earlier_state_nothing_is_learned() {
    let scene = changed_after_the_issue(&[]);
    std::fs::remove_file(scene.project.file("state/test.json.backup")).unwrap();
    assert_eq!(learned(&scene), (json!("not known"), Value::Null));
}
