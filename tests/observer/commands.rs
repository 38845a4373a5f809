//! `--from-observer` of the commands that take an observation.

use serde_json::{Value, json};

use crate::scene::{EARLY, Scene};
use crate::support::{Template, numbered};

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Writes into the state that certificates show templates as they are.
fn shows_now(scene: &Scene) {
    let mut state = scene.project.state();
    state["observer_shows"] = json!("now");
    scene.project.write("state/test.json", format!("{state:#}\n"));
    scene.project.forget_marks();
}

fn drift(scene: &Scene) -> Value {
    let run = scene.project.run(&["drift", "--from-observer", "--json"]);
    assert!(matches!(run.code, 0 | 2 | 3), "{run:?}");
    run.json()
}

#[test]
fn import_adopts_ids() {
    let scene = Scene::applied(&[], &numbered(1..=2));
    scene.certificate("Title 001", EARLY);
    std::fs::remove_dir_all(scene.project.file("state")).unwrap();
    scene.project.forget_marks();
    scene.project.run(&["import", "--from-observer"]).exits(0);
    assert_eq!(scene.project.row("t-001")["id"], scene.sandbox.id_of("Title 001"));
    assert_eq!(scene.project.row("t-002"), Value::Null);
}

#[test]
fn drift_counts_contents_only_when_known() {
    let scene = Scene::applied(&[], &numbered(1..=2));
    scene.certificate("Title 001", EARLY);
    scene.edit("Title 001", &json!({ "expirationDays": 90 }));
    let unknown = drift(&scene);
    assert_eq!(unknown["templates"], json!([]), "{unknown:#}");
    assert_eq!(unknown["stale"][0]["key"], "t-001", "{unknown:#}");
    assert_eq!(unknown["source"]["kind"], "observer");
    shows_now(&scene);
    let known = drift(&scene);
    assert_eq!(known["templates"][0]["key"], "t-001", "{known:#}");
    assert_eq!(known["templates"][0]["changes"][0]["after"], 90, "{known:#}");
    scene.project.run(&["drift", "--from-observer", "--detailed-exitcode"]).exits(2);
}

#[test]
fn labels_are_compared_too() {
    let label = |x: u32| {
        format!(
            "labels: [{{ certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6fa1, x: {x}, y: 2, fontSize: 12, fontColor: \
             \"#000000\", textAlign: left }}]"
        )
    };
    let scene = Scene::applied(&[], &[Template::number(1).with(&label(1))]);
    scene.certificate("Title 001", EARLY);
    shows_now(&scene);
    assert_eq!(drift(&scene)["summary"]["differing"], 0);
    let mut labels = scene.sandbox.templates()[0]["attributes"]["labels"].clone();
    labels[0]["x"] = json!(7);
    scene.edit("Title 001", &json!({ "labels": labels }));
    let drift = drift(&scene);
    assert_eq!(drift["templates"][0]["changes"][0]["after"], 7, "{drift:#}");
}

#[test]
fn a_lost_create_is_settled_by_a_later_certificate() {
    let scene = Scene::of(&["--fault", "bulk:1:reset-after"], &numbered(1..=2));
    scene.project.apply().exits(4);
    scene.certificate("Title 001", &now());
    let run = scene.project.run(&["recover", "--from-observer"]).exits(4);
    run.says("t-002");
    let row = scene.project.row("t-001");
    assert_eq!(row["id"], scene.sandbox.id_of("Title 001"), "{row:#}");
    assert_ne!(row["status"], "in_doubt", "{row:#}");
    assert_eq!(row["attributes"], Value::Null, "contents do not count: {row:#}");
    assert_eq!(scene.project.row("t-002")["status"], "in_doubt", "absence proves nothing");
}

#[test]
fn two_templates_of_a_course_settle_nothing() {
    let scene = Scene::of(&["--no-upsert", "--fault", "bulk:1:reset-after"], &numbered(1..=1));
    scene.project.apply().exits(4);
    scene.certificate("Title 001", &now());
    let other = json!({ "certificateId": "other", "templateId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6fff" });
    scene.certificate_showing("Title 001", &now(), &other);
    scene.project.run(&["recover", "--from-observer"]).exits(4);
    assert_eq!(scene.project.row("t-001")["status"], "in_doubt");
}

#[test]
fn refresh_takes_what_is_shown_now() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.certificate("Title 001", EARLY);
    scene.edit("Title 001", &json!({ "expirationDays": 90 }));
    scene.project.run(&["refresh", "--from-observer", "-y"]);
    scene.project.run(&["plan"]).exits(0).says("No changes.");
    shows_now(&scene);
    scene.project.run(&["refresh", "--from-observer", "-y"]).exits(0);
    scene.project.run(&["plan"]).exits(0).says("expirationDays");
    scene.project.apply().exits(0);
    assert_eq!(scene.sandbox.templates()[0]["attributes"]["expirationDays"], Value::Null);
}

#[test]
fn templates_are_written_when_contents_count() {
    let label = "labels: [{ certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6fa1, x: 1, y: 2, fontSize: 12, fontColor: \
                 \"#000000\", textAlign: left }]";
    let scene = Scene::applied(&[], &[Template::number(1), Template::number(2).with(label)]);
    scene.certificate("Title 001", EARLY);
    scene.certificate("Title 002", EARLY);
    std::fs::remove_file(scene.project.file("templates/all.yaml")).unwrap();
    scene.project.run(&["state", "rm", "t-*", "-y"]).exits(0);
    let write = ["import", "--from-observer", "--write", "templates"];
    let run = scene.project.run(&write).exits(3);
    run.says("may have been edited since their certificates were issued");
    shows_now(&scene);
    scene.project.run(&write).exits(0);
    scene.project.run(&["plan"]).exits(0).says("No changes.");
    let settings = scene.project.read("certctl.toml");
    assert!(settings.contains("8f14e45f-ceea-467f-a0e6-6b2d6a6f6fa1"), "the field is a variable: {settings}");
}
