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

/// A server that shows templates as they were at issue, on which a person gave the template its next contents by hand
/// before the issue: `observer status` takes that for certificates that show templates as they are.
fn misled(templates: &[Template]) -> Scene {
    let scene = Scene::applied(&["--certificates-show", "at-issue"], templates);
    scene.edit("Title 001", &json!({ "title": "Hand B" }));
    scene.certificate("Hand B", EARLY);
    scene
}

fn title_in_state(scene: &Scene, key: &str) -> Value {
    scene.project.state()["templates"][key]["attributes"]["title"].clone()
}

fn apply(scene: &Scene, titles: &[&str]) {
    let templates: Vec<Template> =
        (1..).zip(titles).map(|(number, title)| Template::number(number).titled(title)).collect();
    scene.project.templates(&templates);
    scene.project.apply().exits(0);
}

#[test]
fn a_wrong_now_is_found_out_before_use() {
    let scene = misled(&numbered(1..=1));
    apply(&scene, &["Hand B"]);
    assert_eq!(learned(&scene).0, "now", "as documented");
    apply(&scene, &["Version 3"]);
    let before = scene.project.snapshot();
    let drift = scene.project.run(&["drift", "--from-observer", "--json"]);
    assert_eq!(drift.json()["templates"], json!([]));
    drift.says("that is wrong").says("certctl observer status -e test");
    scene.project.run(&["refresh", "--from-observer", "-y"]).exits(0).says("that is wrong");
    assert!(scene.project.snapshot() == before, "old contents were taken");
    assert_eq!(learned(&scene), (json!("at-issue"), json!("at-issue")));
}

#[test]
fn contents_before_the_last_apply_are_never_taken() {
    let scene = misled(&numbered(1..=2));
    apply(&scene, &["Hand B", "Title 002"]);
    assert_eq!(learned(&scene).0, "now", "as documented");
    // Too near to the apply to say what certificates show.
    scene.certificate("Title 002", &jiff::Timestamp::now().to_string());
    apply(&scene, &["Hand B", "Changed"]);
    let drift = scene.project.run(&["drift", "--from-observer", "--json"]).json();
    assert_eq!((&drift["templates"], &drift["stale"][0]["key"]), (&json!([]), &json!("t-002")), "{drift:#}");
    scene.project.run(&["refresh", "--from-observer", "-y"]).exits(0);
    assert_eq!(title_in_state(&scene, "t-002"), "Changed");
}

#[test]
fn one_template_of_several_teaches_no_now() {
    let scene = misled(&numbered(1..=2));
    scene.edit("Title 002", &json!({ "title": "Hand C" }));
    scene.certificate("Hand C", EARLY);
    apply(&scene, &["Hand B", "Changed"]);
    assert_eq!(learned(&scene), (json!("not known"), Value::Null));
}
