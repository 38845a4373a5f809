//! `observer status`: what the learner sees, and why not the rest.

use serde_json::json;

use crate::scene::{EARLY, Scene, keys};
use crate::support::{Template, numbered};

#[test]
fn templates_without_a_certificate_are_unseen() {
    let audience = Template::number(3).with("userCustomFieldSlug: region").with("userCustomFieldValue: EU");
    let mut templates = numbered(1..=2);
    templates.push(audience);
    let scene = Scene::applied(&[], &templates);
    scene.certificate("Title 001", EARLY);
    let status = scene.status();
    assert_eq!((keys(&status["seen"]), keys(&status["unseen"])), (vec!["t-001"], vec!["t-002", "t-003"]));
    assert_eq!(status["format"], "certctl.observer/v1");
    assert_eq!(status["seen"][0]["id"], scene.sandbox.id_of("Title 001"));
    assert_eq!(status["seen"][0]["issuedAt"], "2026-01-10T10:00:00Z");
    assert_eq!(status["shows"], "not known");
    assert!(status["unseen"][1]["reason"].as_str().unwrap().contains("region"), "{status}");
    let text = scene.project.run(&["observer", "status"]).exits(0);
    text.says("sees 1 of 3 templates").says("certctl observer certify -e test").says("Environment: test.");
}

#[test]
fn status_changes_nothing() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.certificate("Title 001", EARLY);
    let before = scene.project.snapshot();
    scene.status();
    assert!(scene.project.snapshot() == before);
    assert_eq!(scene.certified().len(), 0);
}

#[test]
fn logins_and_searches_of_each_form_work() {
    for arguments in [&["--plain-login"][..], &["--token-uses", "1"], &["--lists-count", "--no-search"]] {
        let scene = Scene::applied(arguments, &numbered(1..=3));
        scene.certificate("Title 002", EARLY);
        assert_eq!(keys(&scene.status()["seen"]), ["t-002"], "{arguments:?}");
    }
}

#[test]
fn queries_stay_below_the_points() {
    for (arguments, refusals) in
        [(&[][..], 0), (&["--lists-count"], 1), (&["--lists-count", "--no-search"], 3)]
    {
        let scene = Scene::applied(arguments, &numbered(1..=60));
        for number in 1..=60 {
            scene.certificate(&format!("Title {number:03}"), EARLY);
        }
        assert_eq!(scene.status()["seen"].as_array().unwrap().len(), 60);
        let costly = scene.queries().iter().filter(|query| query["points"].as_u64().unwrap() >= 1000).count();
        assert!(costly <= refusals, "{arguments:?}: {costly}");
    }
}

#[test]
fn the_observers_own_certificates_show_templates_until_they_are_taken_back() {
    let scene = Scene::applied(&[], &numbered(1..=3));
    scene.certificate_showing("Title 001", EARLY, &json!({ "deleted": true }));
    scene.certificate_showing("Title 002", EARLY, &json!({ "userId": "another" }));
    // An expired certificate shows its template all the same.
    scene.certificate_showing("Title 003", EARLY, &json!({ "expirationDate": "2026-02-01T00:00:00.000Z" }));
    assert_eq!(keys(&scene.status()["seen"]), ["t-003"]);
}

#[test]
fn the_newest_of_several_certificates_counts() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    for issued_at in [EARLY, "2026-03-10T10:00:00.000Z", "2026-02-10T10:00:00.000Z"] {
        scene.certificate("Title 001", issued_at);
    }
    assert_eq!(scene.status()["seen"][0]["issuedAt"], "2026-03-10T10:00:00Z");
}

#[test]
fn a_certificate_that_cannot_be_read_is_named() {
    let scene = Scene::applied(&["--certificates-show", "at-issue"], &numbered(1..=2));
    let template = json!({ "title": "Title 001", "resourceType": "course",
        "resourceId": "00000000-0000-4000-8000-000000000001", "expirationDays": "soon" });
    scene.certificate_showing("Title 001", EARLY, &json!({ "shown": template }));
    scene.certificate("Title 002", EARLY);
    let run = scene.project.run(&["observer", "status", "--json"]).exits(3);
    let status = run.json();
    assert_eq!(keys(&status["seen"]), ["t-002"]);
    assert!(status["findings"][0]["message"].as_str().unwrap().contains("expirationDays"), "{status}");
    assert!(status["unseen"][0]["reason"].as_str().unwrap().contains("cannot be read"), "{status}");
    scene.project.run(&["observer", "status"]).exits(3).says("expirationDays");
}

#[test]
fn the_embedded_server_has_an_observer() {
    let scene = Scene::of(&[], &numbered(1..=2));
    scene.project.write("certctl.toml", "[environments.test]\nurl = \"sandbox\"\n");
    scene.project.apply().exits(0);
    let status = scene.status();
    assert_eq!(keys(&status["unseen"]), ["t-001", "t-002"]);
}

#[test]
fn an_environment_without_observer_says_how() {
    let scene = Scene::of(&[], &numbered(1..=1));
    scene.project.configure(&scene.sandbox.url, "");
    scene.project.run(&["observer", "status"]).exits(1).says("[environments.test.observer]");
    let scene = Scene::of(&[], &numbered(1..=1));
    let mut project = scene.project;
    project.unset_env("CERTCTL_OBSERVER_PASSWORD");
    project.run(&["observer", "status"]).exits(1).says("CERTCTL_OBSERVER_PASSWORD").says("password_command");
}

#[test]
fn the_document_fits_its_schema() {
    let schema =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/certctl.observer-v1.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let scene = Scene::applied(&[], &numbered(1..=2));
    scene.certificate("Title 001", EARLY);
    let mut status = scene.status();
    assert!(validator.is_valid(&status), "{status:#}");
    status["shows"] = json!("perhaps");
    assert!(!validator.is_valid(&status), "the schema lets everything through");
}

#[test]
fn status_is_shown_while_another_run_writes() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.certificate("Title 001", EARLY);
    scene.project.templates(&[Template::number(1).titled("Changed")]);
    scene.project.apply().exits(0);
    let more: Vec<Template> =
        [Template::number(1).titled("Changed")].into_iter().chain(numbered(2..=2)).collect();
    scene.project.templates(&more);
    scene.sandbox.faults(&["bulk:1:stall-before"]);
    let before = scene.sandbox.requests().len();
    let other = scene.project.start(&["apply", "-y"]);
    scene.sandbox.has_read(before + 1);
    let run = scene.project.run(&["observer", "status", "--json", "--lock-timeout", "0s"]).exits(0);
    assert_eq!(run.json()["shows"], "not known");
    run.says("what was learned is not recorded");
    other.kill();
}
