//! Counts and ids that cannot be right. An id is assigned only if it is certain.

use serde_json::{Value, json};

use crate::raw::{Raw, json as answer};
use crate::scene::Scene;
use crate::support::{Sandbox, Template, numbered};

#[test]
fn too_small_a_count_leaves_creates_in_doubt() {
    miscounted("-1");
}

#[test]
fn too_large_a_count_leaves_creates_in_doubt() {
    miscounted("+1");
}

#[track_caller]
fn miscounted(by: &str) {
    let scene = Scene::creating(&format!("bulk:1:wrong-count={by}"))
        .ends(4, &[("in_doubt", 2)])
        .says(&["the server counted", "of 2 sent, which does not add up", "certctl recover"])
        .assert_doubts_are_frozen();
    assert_eq!(scene.sandbox.templates().len(), 2);
}

/// Two creates that are applied while their ids stay unknown.
#[track_caller]
fn without_ids(kind: &str, says: &[&str]) {
    let scene = Scene::creating(&format!("bulk:1:{kind}")).ends(0, &[("applied", 2)]).says(says);
    for key in ["t-001", "t-002"] {
        assert_eq!(scene.project.row(key)["id"], Value::Null, "{kind}");
    }
    scene.next_apply_completes();
}

#[test]
fn too_many_ids_are_assigned_to_no_row() {
    without_ids(
        "too-many-ids",
        &[
            "Warning: the server returned 3 ids for 2 created templates, so it is not known",
            "nothing has to be sent again",
        ],
    );
}

#[test]
fn missing_ids_are_not_invented() {
    without_ids("no-ids", &[]);
}

#[test]
fn duplicate_ids_are_assigned_to_no_row() {
    without_ids("duplicate-ids", &["Warning: the server returned ids that are doubled", "none was recorded"]);
}

#[test]
fn ids_of_other_templates_are_not_assigned() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = crate::support::Project::on(&sandbox, "batch_size = 1");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let first = project.row("t-001")["id"].clone();
    assert!(first.is_string());
    sandbox.faults(&["bulk:*:ids-of-others"]);
    project.templates(&numbered(1..=2));
    project.apply().exits(0).says("another template's, so it is not known");
    assert_eq!(project.row("t-001")["id"], first);
    assert_eq!(project.row("t-002")["id"], Value::Null);
    assert_eq!(project.apply_json(0)["requests"], 0);
    sandbox.assert_no_double_create();
}

#[test]
fn ids_of_other_templates_match_in_any_case() {
    let known = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    let templates = numbered(2..=2);
    let body = json!({ "createdCount": 1, "createdIds": [known.to_uppercase()] });
    let server = Raw::answering(answer(&body));
    let project = server.project("http", &templates);
    project.templates(&numbered(1..=1));
    project.run(&["import", "t-001", known]).exits(0);
    project.templates(&templates);
    // Nor where the state holds the id in upper case.
    for shouted in [false, true] {
        if shouted {
            project.run(&["state", "rm", "t-002", "-y"]).exits(0);
            let state = project.read("state/test.json");
            project.write("state/test.json", state.replace(known, &known.to_uppercase()));
        }
        project.apply().exits(0).says("another template's, so it is not known");
        assert_eq!(project.row("t-001")["id"], known);
        assert_eq!(project.row("t-002")["id"], Value::Null);
    }
}

#[test]
fn ids_differing_only_in_case_are_duplicates() {
    let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    let templates = numbered(1..=2);
    let body = json!({ "createdCount": 2, "createdIds": [id, id.to_uppercase()] });
    let server = Raw::answering(answer(&body));
    let project = server.project("http", &templates);
    project.apply().exits(0).says("the server returned ids that are doubled");
    for template in &templates {
        assert_eq!(project.row(&template.key)["id"], Value::Null);
    }
    server.assert_each_row_was_sent_once(&templates);
}

#[test]
fn invalid_ids_are_not_recorded() {
    let templates = numbered(1..=1);
    let placeholder = "00000000-0000-0000-0000-000000000000";
    let long = "x".repeat(5000);
    for id in ["", "two words", "\u{1b}[31m", &long, "abc", placeholder, "8f14e45fceea467fa0e66b2d6a6f6f01"] {
        let server = Raw::answering(answer(&json!({ "createdCount": 1, "createdIds": [id] })));
        let project = server.project("http", &templates);
        assert_eq!(project.apply_json(0)["summary"]["created"], 1, "{id:?}");
        assert_eq!(project.row("t-001")["id"], Value::Null, "{id:?}");
        assert_eq!(project.apply_json(0)["requests"], 0, "{id:?}");
        server.assert_each_row_was_sent_once(&templates);
    }
}

#[test]
fn ids_that_contradict_counts_are_shown_unassigned() {
    let [one, two] = [1, 2].map(|number| format!("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0{number}"));
    for (templates, body, says) in [
        (
            numbered(1..=1),
            json!({"createdCount": 0, "updatedCount": 1, "createdIds": [one]}),
            "the server returned 1 id and counted 0 created and 1 updated, so it is not known",
        ),
        (
            numbered(1..=1),
            json!({"createdCount": 1, "createdIds": [one, two]}),
            "the server returned 2 ids for 1 created template, so it is not known",
        ),
        (
            numbered(1..=3),
            json!({"createdCount": 2, "updatedCount": 1, "createdIds": [one, two]}),
            "the server returned 2 ids and counted 2 created and 1 updated, so it is not known",
        ),
    ] {
        let server = Raw::answering(answer(&body));
        let project = server.project("http", &templates);
        project.apply().exits(0).says(says);
        assert_eq!(project.row("t-001")["id"], Value::Null, "{body}");
    }
}

#[test]
fn creates_executed_as_updates_are_reported() {
    for (templates, body, says) in [
        (
            numbered(1..=1),
            json!({"createdCount": 0, "updatedCount": 1}),
            Some("Warning: the server says that it updated t-001, and did not create it"),
        ),
        (
            numbered(1..=3),
            json!({"createdCount": 1, "updatedCount": 2}),
            Some(
                "Warning: the server says that it updated 2 of 3 templates that were to be created, and not which",
            ),
        ),
        (numbered(1..=1), json!({"createdCount": 1}), None),
    ] {
        let server = Raw::answering(answer(&body));
        let project = server.project("http", &templates);
        let run = project.apply().exits(0);
        match says {
            Some(says) => {
                run.says(says).says("had a template for the same resource and audience already");
            }
            None => {
                assert!(!format!("{}{}", run.stdout, run.stderr).contains("server says"), "{}", run.stdout);
            }
        }
        // The result is as intended, and sending it again would change nothing.
        assert_eq!(project.row("t-001")["status"], "applied", "{body}");
        assert_eq!(project.apply_json(0)["requests"], 0);
        server.assert_each_row_was_sent_once(&templates);
    }
}

#[test]
fn counts_of_any_size_cause_no_panic() {
    let templates: Vec<Template> = numbered(1..=2);
    for counts in
        [json!([u64::MAX, u64::MAX]), json!([-1, 3]), json!([1.5, 0.5]), json!([1e300, 0]), json!(["2", 0])]
    {
        let body = json!({ "createdCount": counts[0], "updatedCount": counts[1] });
        let server = Raw::answering(answer(&body));
        let project = server.project("http", &templates);
        project.apply().exits(4).says("certctl recover");
        assert_eq!(project.apply_json(4)["requests"], 0, "{body}");
        server.assert_each_row_was_sent_once(&templates);
    }
}
