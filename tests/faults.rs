//! Servers that refuse, and the fate of rows in doubt. Servers that lie, break and flood are in `tests/hostile`. In
//! every case the sandbox's own log shows that no template was created twice.

mod support;

use support::{Project, Sandbox, Template, numbered};

#[test]
fn every_way_to_settle_a_create() {
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
fn create_in_doubt_stays_frozen_when_renamed() {
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
fn wrong_key_costs_one_request() {
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
fn revoked_key_stops_the_run() {
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
fn oversized_request_is_halved() {
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:*:max-batch=3"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=10));
    let result = project.apply_json(0);
    assert_eq!(result["summary"]["created"], 10);
    assert_eq!(sandbox.templates().len(), 10);
}

#[test]
fn halving_finds_the_faulty_row() {
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
fn unreachable_server_changes_nothing() {
    // A port that was free a moment ago, without a listener.
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
