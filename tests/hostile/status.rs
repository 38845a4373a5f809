//! 5xx responses, with and without the request having been processed. A create is never sent again automatically, except
//! after a 503 with Retry-After.

use std::io::Write as _;

use serde_json::json;

use crate::raw::{Raw, read_request, response};
use crate::scene::{Scene, at_once};
use crate::support::numbered;

#[track_caller]
fn doubtful(status: u16) {
    for (moment, held) in [("", 0), (",after", 2)] {
        for body in ["json", "html", "empty"] {
            let scene = Scene::creating(&format!("bulk:1:status={status}{moment},body={body}"))
                .ends(4, &[("in_doubt", 2)])
                .says(&[&format!("the server answered {status}"), "certctl recover"])
                .costs(1)
                .assert_doubts_are_frozen();
            assert_eq!(scene.sandbox.templates().len(), held, "{status}{moment}");
        }
    }
}

#[test]
fn status_500_with_and_without_processing() {
    doubtful(500);
}

#[test]
fn status_502_with_and_without_processing() {
    doubtful(502);
}

#[test]
fn status_503_with_and_without_processing() {
    doubtful(503);
}

#[test]
fn status_504_with_and_without_processing() {
    doubtful(504);
}

#[test]
fn status_503_with_retry_after_is_retried() {
    Scene::creating("bulk:1:status=503,retry-after=1")
        .ends(0, &[("applied", 2)])
        .costs(2)
        .next_apply_completes();
}

#[test]
fn status_502_with_retry_after_is_not_retried() {
    Scene::creating("bulk:1:status=502,retry-after=1")
        .ends(4, &[("in_doubt", 2)])
        .costs(1)
        .assert_doubts_are_frozen();
}

#[test]
fn update_is_sent_again_after_5xx() {
    at_once(&["status=500", "status=502,after", "status=503", "status=504,after"], |status| {
        let scene = Scene::updating(&[&format!("bulk:1:{status}")]).ends(0, &[("applied", 1)]);
        assert_eq!(scene.sandbox.times_sent("Changed"), 2, "{status}");
        scene.next_apply_completes();
    });
}

#[test]
fn run_stops_after_repeated_doubt() {
    let scene =
        Scene::of(&["bulk:*:status=502,after"], "batch_size = 10\nconcurrency = 1", &numbered(1..=40))
            .ends(4, &[("in_doubt", 30)])
            .says(&["3 requests in a row ended in doubt", "certctl recover", "30 in doubt, 10 not sent"])
            .costs(3)
            .assert_doubts_are_frozen();
    // The server is healthy again: the rest is sent, and only rows in doubt wait for a person.
    assert_eq!(scene.sandbox.templates().len(), 40);
    assert_eq!(crate::scene::keys(&scene.project, "applied").len(), 10);
}

#[test]
fn success_in_between_keeps_the_run_going() {
    let faults = ["bulk:1x2:reset-after", "bulk:4x2:status=500"];
    Scene::of(&faults, "batch_size = 10\nconcurrency = 1", &numbered(1..=60))
        .ends(4, &[("applied", 20), ("in_doubt", 40)])
        .costs(6)
        .assert_doubts_are_frozen();
}

const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

#[test]
fn rejection_reporting_changes_leaves_creates_in_doubt() {
    let done =
        json!({"data": {"APIBulkCreateCertificateTemplates": {"createdCount": 1, "createdIds": [ID]}}});
    let refusals = ["400", "401", "403", "404", "409", "413", "422", "429", "301", "503"];
    at_once(&refusals, |status| {
        let headers = [("Retry-After", "0"), ("Location", "https://academy.example.com/")];
        let server = Raw::answering(response(&format!("{status} No"), &headers, done.to_string().as_bytes()));
        let templates = numbered(1..=2);
        let project = server.project("http", &templates);
        project
            .apply()
            .exits(4)
            .says("and yet its answer says that something was done")
            .says("certctl recover");
        for key in ["t-001", "t-002"] {
            assert_eq!(project.row(key)["status"], "in_doubt", "{status}");
            assert_eq!(project.row(key)["attempt"]["candidateIds"], json!([ID]), "{status}");
        }
        assert_eq!(project.apply_json(4)["requests"], 0, "{status}");
        server.assert_each_row_was_sent_once(&templates);
    });
}

#[test]
fn rejection_reporting_no_change_counts_as_rejection() {
    let body =
        json!({"createdCount": 0, "updatedCount": 0, "createdIds": [], "backgroundJob": null, "errors": []});
    let server = Raw::answering(response("400 No", &[], body.to_string().as_bytes()));
    let project = server.project("http", &numbered(1..=1));
    project.apply().exits(3);
    assert_eq!(project.row("t-001")["status"], "failed");
}

#[test]
fn refused_key_hides_no_row_in_doubt() {
    for status in ["401 No", "403 No", "301 Elsewhere"] {
        // The first request gets no answer, all others are refused.
        let server = Raw::serving(move |stream, seen| {
            let Some(request) = read_request(stream) else { return };
            let is_first = !request.contains("000000000002");
            seen.note(request);
            if !is_first {
                let _ = stream.write_all(&response(status, &[], b""));
            }
        });
        let project = server.project("http", &numbered(1..=1));
        project.apply().exits(4);
        project.templates(&numbered(1..=2));
        let told = project.apply_json(4);
        assert_eq!(
            (&told["outcome"], &told["summary"]["not_sent"]),
            (&json!("in_doubt"), &json!(1)),
            "{status}"
        );
    }
    for status in ["401 No", "403 No", "301 Elsewhere"] {
        let answers = std::sync::atomic::AtomicUsize::new(0);
        let server = Raw::serving(move |stream, seen| {
            let Some(request) = read_request(stream) else { return };
            seen.note(request);
            if answers.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0 {
                let _ = stream.write_all(&response(status, &[], b""));
            }
        });
        let project = server.project("http", &numbered(1..=1));
        project.apply().exits(4);
        project.run(&["recover", "t-001", "--resend"]).exits(4).says("1 in doubt");
        assert_eq!(server.requests().len(), 2, "{status}");
    }
}
