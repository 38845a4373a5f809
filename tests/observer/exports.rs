//! `sandbox --export`: the tables of the reporting product, which certctl reads.

use serde_json::json;

use crate::scene::{EARLY, Scene};
use crate::support::{Project, Run, Template, certctl, numbered};

const LABEL: &str = "labels: [{ certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6fa1, x: 1, y: 2, fontSize: 12, fontColor: \
                     \"#000000\", textAlign: left }]";

#[test]
fn an_export_is_what_the_state_says() {
    let mut templates = numbered(1..=2);
    templates.push(
        Template::number(3)
            .titled("Ärger, \\\"quoted\\\"")
            .with(LABEL)
            .with("expirationDate: 2027-12-31")
            .with("userCustomFieldSlug: region")
            .with("userCustomFieldValue: EU"),
    );
    let project = Project::empty();
    project.write("certctl.toml", "[environments.test]\nurl = \"sandbox\"\n");
    project.templates(&templates);
    project.apply().exits(0);
    project.run(&["sandbox", "--export", "exports"]).exits(0).says("certificatetemplates.csv");
    let exports = [
        "--from-csv",
        "exports/certificatetemplates.csv",
        "--labels",
        "exports/certificatetemplatelabels.csv",
    ];
    let mut arguments =
        vec!["drift", "--json", "--detailed-exitcode", "--certificates", "exports/certificates.csv"];
    arguments.extend(exports);
    let drift = project.run(&arguments).exits(0).json();
    assert_eq!(drift["summary"]["compared"], 3, "{drift:#}");
    assert_eq!(drift["summary"]["differing"], 0, "{drift:#}");
}

#[test]
fn certificates_are_exported() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.jsonl");
    let store = store.to_str().unwrap();
    {
        let scene = Scene::applied(&["--store", store], &numbered(1..=1));
        scene.certificate("Title 001", EARLY);
        scene.certificate_showing("Title 001", EARLY, &json!({ "certificateId": "2", "userId": "another" }));
    }
    let mut command = certctl();
    command.args(["sandbox", "--store", store, "--export"]).arg(folder.path());
    Run::of(command.output().unwrap()).exits(0);
    let certificates = std::fs::read_to_string(folder.path().join("certificates.csv")).unwrap();
    assert_eq!(certificates.lines().count(), 3, "{certificates}");
    assert!(certificates.contains("2026-01-10 10:00:00.000000"), "{certificates}");
}

#[test]
fn there_must_be_something_to_export() {
    let mut command = certctl();
    command.args(["sandbox", "--store", "/nowhere/store.jsonl", "--export", "/nowhere/exports"]);
    Run::of(command.output().unwrap()).exits(1).says("no sandbox data");
}
