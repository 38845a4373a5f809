//! Servers that misbehave. In every case the sandbox's own log shows that no template was created twice.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Project, Sandbox, Template, numbered};

fn statuses(project: &Project) -> Vec<String> {
    let state = project.state();
    state["templates"]
        .as_object()
        .unwrap()
        .values()
        .map(|row| row["status"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_lost_answer_to_a_create_is_in_doubt_frozen_and_the_others_go_on() {
    // The server does not match natural keys: a second create would be a second template.
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:reset-after"]);
    let project = Project::on(&sandbox, "batch_size = 1");
    project.templates(&numbered(1..=3));
    let result = project.apply_json(4);
    assert_eq!(result["outcome"], "in_doubt");
    assert_eq!(result["summary"]["in_doubt"], 1);
    assert_eq!(result["summary"]["created"], 2);
    let doubtful =
        result["results"].as_array().unwrap().iter().find(|row| row["outcome"] == "in_doubt").unwrap();
    let key = doubtful["key"].as_str().unwrap().to_owned();
    let row = project.row(&key);
    assert_eq!(row["status"], "in_doubt");
    assert_eq!(row["attributes"], json!(null));
    assert!(row["attempt"]["digest"].as_str().unwrap().starts_with("sha256:"));
    let title = row["attempt"]["attributes"]["title"].as_str().unwrap().to_owned();

    // Frozen: neither an apply nor an edit sends it again.
    project.run(&["plan"]).exits(0).says("Plan: 0 to add, 0 to change, 0 to destroy, 1 in doubt.");
    assert_eq!(project.apply_json(4)["requests"], 0);
    assert_eq!(sandbox.times_sent(&title), 1);
    project.run(&["recover"]).exits(0).says(&key).says("--created").says("--not-created");

    // It was created: the admin page shows its id.
    let id = sandbox
        .templates()
        .iter()
        .find(|template| template["attributes"]["title"] == title.as_str())
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    project.run(&["recover", &key, "--created", &id]).exits(0);
    project.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(project.row(&key)["id"], id.as_str());
    assert_eq!(sandbox.templates().len(), 3);
    sandbox.assert_no_double_create();
}

#[test]
fn each_way_of_settling_a_create_in_doubt() {
    for (flag, times, status) in
        [("--not-created", 2, "applied"), ("--applied", 1, "applied"), ("--resend", 2, "applied")]
    {
        let sandbox = Sandbox::start(&["--fault", "bulk:1:reset-before"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(4);
        project.run(&["recover", "t-001", flag]).exits(0);
        project.run(&["recover", "t-001", flag]).exits(1).says("not in doubt");
        project.apply().exits(0);
        assert_eq!(sandbox.times_sent("Title 001"), times, "{flag}");
        assert_eq!(project.row("t-001")["status"], status, "{flag}");
        sandbox.assert_no_double_create();
    }
}

#[test]
fn a_create_in_doubt_stays_frozen_under_another_key() {
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:reset-after"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(4);
    project.templates(&[Template::number(1).keyed("renamed")]);
    let result = project.apply_json(4);
    assert_eq!(result["requests"], 0);
    assert_eq!(sandbox.templates().len(), 1);
}

#[test]
fn a_lost_answer_to_an_update_is_sent_again() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    sandbox.faults(&["bulk:1:reset-after"]);
    project.templates(&[Template::number(1).titled("Changed")]);
    let result = project.apply_json(0);
    assert_eq!(result["summary"]["updated"], 1);
    assert_eq!(sandbox.times_sent("Changed"), 2);
    sandbox.assert_no_double_create();
}

#[test]
fn an_update_that_stays_without_an_answer_is_in_doubt_and_the_next_apply_sends_it() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    sandbox.faults(&["bulk:*:reset-before"]);
    project.templates(&[Template::number(1).titled("Changed")]);
    project.apply().exits(4);
    let row = project.row("t-001");
    assert_eq!(row["status"], "in_doubt");
    assert_eq!(row["attributes"]["title"], "Title 001");
    // Back to the old title: the server may hold the new one, so it is sent all the same.
    sandbox.faults(&[]);
    project.templates(&numbered(1..=1));
    project.run(&["plan"]).exits(0).says("Plan: 0 to add, 1 to change, 0 to destroy.");
    assert_eq!(project.apply_json(0)["summary"]["updated"], 1);
    project.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(sandbox.templates()[0]["attributes"]["title"], "Title 001");
}

#[test]
fn a_wrong_key_costs_one_request_and_changes_nothing() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "batch_size = 1");
    project.set_env("CERTCTL_API_KEY", "wrong");
    project.templates(&numbered(1..=5));
    let result = project.apply_json(1);
    assert_eq!(result["outcome"], "error");
    assert_eq!(result["summary"]["not_sent"], 5);
    assert_eq!(sandbox.requests().len(), 1);
    assert!(!project.file("state/test.json").exists());
    assert!(!project.file("state/test.json.journal").exists());
}

#[test]
fn a_key_that_is_withdrawn_stops_the_run_with_the_rest_not_sent() {
    let sandbox = Sandbox::start(&["--fault", "bulk:3+:status=401,body=empty"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=5));
    let result = project.apply_json(3);
    assert_eq!(result["summary"]["created"], 2);
    assert_eq!(result["summary"]["not_sent"], 3);
    assert_eq!(sandbox.requests().len(), 3);
    sandbox.faults(&[]);
    assert_eq!(project.apply_json(0)["summary"]["created"], 3);
    sandbox.assert_no_double_create();
}

#[test]
fn after_429_the_server_is_left_alone_for_as_long_as_it_says() {
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:429=2"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    let began = Instant::now();
    assert_eq!(project.apply_json(0)["requests"], 2);
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!(sandbox.templates().len(), 2);
}

#[test]
fn creates_are_repeated_after_503_with_retry_after_and_after_no_other_5xx() {
    for (status, code, sent) in [
        ("status=503,retry-after=1", 0, 2),
        ("status=503", 4, 1),
        ("status=500,body=html", 4, 1),
        ("status=502,retry-after=1", 4, 1),
        ("status=504,after", 4, 1),
    ] {
        let sandbox = Sandbox::start(&["--no-upsert", "--fault", &format!("bulk:1:{status}")]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(code);
        assert_eq!(sandbox.times_sent("Title 001"), sent, "{status}");
        project.apply();
        assert_eq!(sandbox.times_sent("Title 001"), sent, "{status}");
        sandbox.assert_no_double_create();
    }
}

#[test]
fn a_request_that_is_too_large_is_halved() {
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:*:max-batch=3"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=10));
    let result = project.apply_json(0);
    assert_eq!(result["summary"]["created"], 10);
    assert_eq!(sandbox.templates().len(), 10);
}

#[test]
fn one_poisoned_row_among_a_hundred_is_found_by_halving() {
    for status in [400, 422] {
        let sandbox =
            Sandbox::start(&["--no-upsert", "--fault", &format!("bulk:*:poison={status},Title 042")]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=100));
        let result = project.apply_json(3);
        assert_eq!(result["summary"]["created"], 99);
        assert_eq!(result["summary"]["failed"], 1);
        assert!(result["requests"].as_u64().unwrap() <= 15, "{}", result["requests"]);
        assert_eq!(project.row("t-042")["status"], "failed");
        assert_eq!(sandbox.templates().len(), 99);
        sandbox.assert_no_double_create();
    }
}

#[test]
fn a_body_that_cannot_be_read_leaves_the_rows_in_doubt() {
    for kind in [
        "html-200",
        "empty-200",
        "204",
        "other-shape",
        "close-mid-body",
        "wrong-count=-1",
        "wrong-count=+1",
        "unattributed-error",
        "foreign-error",
    ] {
        let sandbox = Sandbox::start(&["--no-upsert", "--fault", &format!("bulk:1:{kind}")]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        let result = project.apply_json(4);
        assert_eq!(result["summary"]["in_doubt"], 2, "{kind}");
        assert_eq!(project.apply_json(4)["requests"], 0, "{kind}");
        assert_eq!(sandbox.templates().len(), 2, "{kind}");
        assert!(statuses(&project).iter().all(|status| status == "in_doubt"), "{kind}");
    }
}

#[test]
fn ids_that_may_be_anybodys_are_given_to_nobody() {
    for kind in ["too-many-ids", "no-ids", "duplicate-ids"] {
        let sandbox = Sandbox::start(&["--fault", &format!("bulk:1:{kind}")]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        assert_eq!(project.apply_json(0)["summary"]["created"], 2, "{kind}");
        for key in ["t-001", "t-002"] {
            assert_eq!(project.row(key)["id"], json!(null), "{kind}");
        }
    }
}

#[test]
fn a_job_that_ends_late_is_waited_for() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:job=late:3"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    assert_eq!(project.apply_json(0)["summary"]["created"], 2);
    assert_eq!(statuses(&project), ["applied", "applied"]);
    sandbox.assert_no_double_create();
}

#[test]
fn a_job_that_does_not_end_is_left_pending_for_the_next_run() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:job=late:8"]);
    let project = Project::on(&sandbox, "job_timeout = \"1s\"");
    project.templates(&numbered(1..=2));
    let result = project.apply_json(3);
    assert_eq!(result["summary"]["pending"], 2);
    assert_eq!(statuses(&project), ["pending", "pending"]);
    assert!(project.row("t-001")["job"].is_string());
    project.run(&["plan"]).exits(0).says("2 pending");
    project.configure(&sandbox.url, "job_timeout = \"60s\"");
    let result = project.apply_json(0);
    assert_eq!(result["summary"]["created"], 2);
    assert_eq!(sandbox.times_sent("Title 001"), 1);
    assert_eq!(sandbox.templates().len(), 2);
}

#[test]
fn a_job_that_fails_leaves_creates_in_doubt_and_updates_failed() {
    for kind in ["job=fail", "job=strange", "job=fail-stored"] {
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
    }
}

#[test]
fn rows_that_share_a_title_go_apart_once_an_error_fits_several() {
    let sandbox = Sandbox::start(&[
        "--no-upsert",
        "--fault",
        "bulk:*:error-only-title",
        "--fault",
        "bulk:*:reject=Same",
    ]);
    let project = Project::on(&sandbox, "batch_size = 4\nconcurrency = 1");
    let templates: Vec<Template> = (1..=8).map(|number| Template::number(number).titled("Same")).collect();
    project.templates(&templates);
    let result = project.apply_json(4);
    assert_eq!(result["summary"]["in_doubt"], 4, "the first request cannot be told apart");
    assert_eq!(result["summary"]["failed"], 4, "from then on each goes alone");
    assert_eq!(result["requests"], 5);
}

#[test]
fn nobody_there_is_an_error_and_changes_nothing() {
    // A port that was free a moment ago and that nobody listens on.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.configure(&format!("http://{address}"), "");
    project.templates(&numbered(1..=3));
    let result = project.apply_json(1);
    assert_eq!(result["summary"]["not_sent"], 3);
    assert_eq!(result["requests"], 0);
    assert!(!project.file("state/test.json").exists());
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Sandbox::start(&[]);
    let sandbox = Sandbox::start(&["--fault", &format!("bulk:*:redirect={}/incoming/v2", elsewhere.url)]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    project.apply().exits(1).says("url");
    assert_eq!(elsewhere.requests(), Vec::<Value>::new());
}
