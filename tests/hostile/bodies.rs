//! Invalid response bodies. The server created the templates nevertheless.

use std::time::{Duration, Instant};

use crate::raw::{Raw, json, response};
use crate::scene::Scene;
use crate::support::running::{PATIENCE, Running};
use crate::support::{Project, Run, Template, numbered};

/// Two creates with an unreadable answer.
#[track_caller]
fn unreadable(kind: &str, says: &str) {
    let scene = Scene::creating(&format!("bulk:1:{kind}"))
        .ends(4, &[("in_doubt", 2)])
        .says(&[says, "certctl recover"])
        .costs(1)
        .assert_doubts_are_frozen();
    assert_eq!(scene.sandbox.templates().len(), 2);
}

#[test]
fn html_pages_leave_creates_in_doubt() {
    unreadable("html-200", "the answer is not JSON");
}

#[test]
fn empty_200_leaves_creates_in_doubt() {
    unreadable("empty-200", "the answer is empty");
}

#[test]
fn status_204_leaves_creates_in_doubt() {
    unreadable("204", "the server answered 204");
}

#[test]
fn unexpected_json_leaves_creates_in_doubt() {
    unreadable("other-shape", "JSON, but not the documented object");
}

#[test]
fn body_falsely_declared_compressed_is_read() {
    Scene::creating("bulk:1:gzip-lie").ends(0, &[("applied", 2)]).next_apply_completes();
}

/// The client stops reading, and the run's memory stays far below the size of the body.
#[test]
fn one_gibibyte_body_is_cut_off() {
    let sandbox = crate::support::Sandbox::start(&["--no-upsert", "--fault", "bulk:1:huge-body"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    let (run, most) = measured(&project);
    run.exits(4).says("the answer is longer than 16 MiB").says("certctl recover");
    assert!(most < 100 << 20, "{} MiB", most >> 20);
    assert_eq!(project.apply_json(4)["requests"], 0);
    sandbox.assert_no_double_create();
}

/// Small JSON values need the most memory for their length.
#[test]
fn memory_stays_bounded_for_a_malicious_body() {
    let body = format!("{{\"createdIds\":[{}[]]}}", "[],".repeat(5 << 20));
    assert_in_doubt_and_cheap(
        response("200 OK", &[], body.as_bytes()),
        "a member of the answer has an unexpected type",
        700,
    );
}

#[test]
fn million_ids_are_not_copied_to_rows() {
    let ids: Vec<String> = (0..300_000).map(|id| format!("20000000-0000-4000-8000-{id:012}")).collect();
    let body = serde_json::json!({ "createdCount": 7, "createdIds": ids });
    let project = assert_in_doubt_and_cheap(json(&body), "does not add up", 250);
    assert!(project.read("state/test.json").len() < 100_000);
}

#[test]
fn huge_messages_are_not_kept() {
    let flood = "all work and no play ".repeat(100_000);
    let body = serde_json::json!({
        "warnings": vec![flood.as_str(); 3],
        "errors": [{ "error": flood.as_str() }],
    });
    let project = assert_in_doubt_and_cheap(json(&body), "fits no row of the request", 150);
    assert!(project.read("state/test.json").len() < 100_000);
    let error = serde_json::json!({ "message": flood.as_str() });
    let answer = response("500 Oops", &[], error.to_string().as_bytes());
    let project = assert_in_doubt_and_cheap(answer, "the server answered 500", 150);
    assert!(project.read("state/test.json").len() < 100_000);
}

#[test]
fn flood_of_unmatched_errors_is_summarised() {
    let errors: Vec<_> = (0..150_000)
        .map(|number| serde_json::json!({ "error": "no", "title": format!("Other {number}") }))
        .collect();
    let body = serde_json::json!({ "createdCount": 2, "errors": errors });
    let project = assert_in_doubt_and_cheap(json(&body), "149997 more errors than it was sent rows", 250);
    assert!(project.read("state/test.json").len() < 100_000);
}

mod uncertain_answers {
    use serde_json::{Value, json};

    use super::*;

    /// Two creates against a server with this answer, and the text that must be reported.
    #[track_caller]
    fn is_not_certain(body: &str, says: &str) {
        let server = Raw::answering(response("200 OK", &[], body.as_bytes()));
        let project = server.project("http", &numbered(1..=2));
        project.apply().exits(4).says(says).says("certctl recover");
        for key in ["t-001", "t-002"] {
            assert_eq!(project.row(key)["status"], "in_doubt", "{body}");
        }
        assert_eq!(project.apply_json(4)["requests"], 0);
    }

    fn enveloped(answer: &Value) -> Value {
        json!({ "APIBulkCreateCertificateTemplates": answer })
    }

    #[test]
    fn errors_beside_counts_leave_creates_in_doubt() {
        let ids = ["aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"];
        let done = json!({"createdCount": 2, "createdIds": ids});
        let body = json!({"data": enveloped(&done), "errors": [{"message": "Resolver timed out"}]});
        let server = Raw::answering(json_answer(&body));
        let project = server.project("http", &numbered(1..=2));
        project.apply().exits(4).says("also reports an error: Resolver timed out");
        assert_eq!(project.row("t-001")["attempt"]["candidateIds"], json!(ids));
    }

    fn json_answer(body: &Value) -> Vec<u8> {
        super::json(body)
    }

    #[test]
    fn contradicting_envelopes_leave_creates_in_doubt() {
        let [one, two] = [1, 2].map(|count| json!({ "createdCount": count }));
        let body = json!({"data": enveloped(&two), "APIBulkCreateCertificateTemplates": one});
        is_not_certain(&body.to_string(), "contradicts itself");
    }

    #[test]
    fn errors_in_other_words_leave_creates_in_doubt() {
        let done = json!({"createdCount": 2, "createdIds": []});
        for (beside, says) in [
            (json!({"error": "boom"}), "also reports an error: boom"),
            (json!({"message": "nothing was done", "success": false}), "message: nothing was done"),
        ] {
            for mut body in [json!({"data": enveloped(&done)}), done.clone()] {
                body.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
                is_not_certain(&body.to_string(), says);
            }
        }
    }

    #[test]
    fn same_answer_in_two_envelopes_is_read() {
        let mut body = json!({"createdCount": 2, "errors": []});
        body["data"] = enveloped(&json!({"createdCount": 2, "updatedCount": 0, "backgroundJob": null}));
        let server = Raw::answering(json_answer(&body));
        server.project("http", &numbered(1..=2)).apply().exits(0);
    }

    #[test]
    fn duplicate_members_leave_creates_in_doubt() {
        let title = &numbered(1..=1)[0].title;
        let body = format!(r#"{{"createdCount":2,"errors":[{{"title":"{title}"}}],"errors":[]}}"#);
        is_not_certain(&body, "appears twice");
    }

    #[test]
    fn completed_job_with_error_leaves_doubt() {
        let job = json!({"id": "7", "status": "complete", "errorMessage": "Row 2 was skipped"});
        let body = json!({"createdCount": 2, "backgroundJob": job});
        is_not_certain(&body.to_string(), "ended as complete: Row 2 was skipped");
    }

    #[test]
    fn harmless_spellings_of_answers_are_read() {
        let body =
            "\u{feff}{\"createdCount\": 2.0, \"backgroundJob\": {\"id\": \"7\", \"status\": \"completed\"}}";
        let server = Raw::answering(response("200 OK", &[], body.as_bytes()));
        let project = server.project("http", &numbered(1..=2));
        project.apply().exits(0);
        assert!(server.requests()[0].to_lowercase().contains("accept-encoding: identity"));
    }

    #[test]
    fn huge_records_are_shortened() {
        let title = &numbered(1..=1)[0].title;
        let error = json!({"title": title, "error": "no", "record": "x".repeat(4 << 20)});
        let server = Raw::answering(json_answer(&json!({"createdCount": 1, "errors": [error]})));
        let project = server.project("http", &numbered(1..=2));
        project.apply().exits(3);
        assert!(project.read("state/test.json").len() < 20_000);
    }
}

/// Half a gibibyte of zeros in a few mebibytes. certctl requests no compression and decompresses nothing.
#[test]
fn gzip_bombs_are_not_decompressed() {
    let bomb = gzip_of_zeros(512 << 20);
    assert!(bomb.len() < 4 << 20);
    let answer = response("200 OK", &[("Content-Encoding", "gzip")], &bomb);
    assert_in_doubt_and_cheap(answer, "its body is compressed (\"gzip\")", 100);
}

/// Two creates against a server with this answer: both are in doubt, nothing is sent again, and memory stays below the limit.
#[track_caller]
fn assert_in_doubt_and_cheap(answer: Vec<u8>, says: &str, mebibytes: u64) -> Project {
    let templates = numbered(1..=2);
    let server = Raw::answering(answer);
    let project = server.project("http", &templates);
    let (run, most) = measured(&project);
    let run = run.exits(4).says(says).says("certctl recover");
    assert!(run.stdout.len() < 100_000, "{} bytes of output", run.stdout.len());
    assert!(most < mebibytes << 20, "{} MiB", most >> 20);
    for Template { key, .. } in &templates {
        assert_eq!(project.row(key)["status"], "in_doubt");
        assert_eq!(project.row(key)["id"], serde_json::Value::Null);
    }
    assert_eq!(project.apply_json(4)["requests"], 0);
    server.assert_each_row_was_sent_once(&templates);
    project
}

/// An apply and its peak memory in bytes; 0 where the system does not report it.
fn measured(project: &Project) -> (Run, u64) {
    let mut running: Running = project.start(&["apply", "--auto-approve"]);
    let status = format!("/proc/{}/status", running.child().id());
    let (mut most, began) = (0, Instant::now());
    while running.child().try_wait().unwrap().is_none() {
        most = most.max(std::fs::read_to_string(&status).ok().and_then(|text| peak(&text)).unwrap_or(0));
        assert!(began.elapsed() < PATIENCE, "it hangs, or it says more than a pipe holds");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(most > 0 || !cfg!(target_os = "linux"), "no memory was measured");
    println!("at most {} MiB", most >> 20);
    (running.end(), most)
}

/// The high-water mark of resident memory, in bytes.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// This many zeros, compressed (RFC 1952, one block of RFC 1951 with fixed codes).
fn gzip_of_zeros(count: usize) -> Vec<u8> {
    const MAX_MATCH_LENGTH: usize = 258;
    // A literal zero, then matches of that zero, then the end of the block.
    let matches = (count - 1) / MAX_MATCH_LENGTH;
    let once = |bits: &'static str| bits.bytes().map(|bit| bit == b'1');
    let bits = once("110").chain(once("00110000"));
    let bits = bits.chain((0..matches).flat_map(|_| once("1100010100000"))).chain(once("0000000"));
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut byte, mut filled) = (0_u8, 0);
    for bit in bits {
        byte |= u8::from(bit) << filled;
        filled += 1;
        if filled == 8 {
            bytes.push(byte);
            (byte, filled) = (0, 0);
        }
    }
    bytes.push(byte);
    bytes.extend([0; 8]);
    bytes
}
