//! Ctrl-C, SIGTERM, a closed terminal, a closed pipe: whenever they happen, everything known is recorded.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::running::{Running, until};
use support::{Project, Run, Sandbox, numbered};

/// Sends a signal and waits for the end. Whether it ends in time is tested with simulated time (tests/properties).
#[track_caller]
fn stopped_by(mut running: Running, signal: &str) -> Run {
    running.signal(signal);
    running.end()
}

/// Whether these tests run under nohup, which child processes inherit.
fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    u64::from_str_radix(ignored.trim(), 16).is_ok_and(|signals| signals & 1 == 1)
}

/// The JSON document of an interrupted apply, with every row counted once.
#[track_caller]
fn summary(run: &Run, rows: u64) -> Value {
    let result = run.json();
    let summary = result["summary"].clone();
    let counted: u64 = summary.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, rows, "{result:#}");
    summary
}

#[test]
fn answer_in_time_is_recorded() {
    for signal in
        ["INT", "TERM", "HUP"].into_iter().filter(|signal| *signal != "HUP" || !hangups_are_ignored())
    {
        // Each of eight answers takes most of a second: however busy the machine is, there is more to send when the signal
        // arrives, and the requests in flight can be awaited.
        let sandbox = Sandbox::start(&["--fault", "bulk:2+:slow-drip=60"]);
        let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
        project.templates(&numbered(1..=9));
        let running = project.start(&["apply", "-y", "--json"]);
        sandbox.has_read(2);
        let run = stopped_by(running, signal).exits(130);
        let summary = summary(&run, 9);
        assert_eq!(summary["in_doubt"], 0);
        assert!(summary["created"].as_u64().unwrap() >= 2, "what was in flight is recorded");
        assert!(summary["not_sent"].as_u64().unwrap() >= 1);
        assert_eq!(run.json()["outcome"], "interrupted");
        assert!(!project.file("state/test.json.journal").exists(), "it was folded");
        project.run(&["state", "list"]).exits(0);
        sandbox.faults(&[]);
        assert_eq!(project.apply_json(0)["outcome"], "ok");
        assert_eq!(sandbox.templates().len(), 9);
    }
}

#[test]
fn unanswered_request_is_in_doubt() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2+:stall-after"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 2");
    project.templates(&numbered(1..=5));
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(3);
    let run = stopped_by(running, "TERM")
        .exits(4)
        .says("Waiting for the answers to 2 requests, for at most 6 seconds.");
    let summary = summary(&run, 5);
    assert_eq!(
        (&summary["created"], &summary["in_doubt"], &summary["not_sent"]),
        (&1.into(), &2.into(), &2.into())
    );
    sandbox.faults(&[]);
    let again = project.apply_json(4);
    assert_eq!((&again["summary"]["created"], &again["summary"]["in_doubt"]), (&2.into(), &2.into()));
    assert_eq!(sandbox.templates().len(), 5);
}

#[test]
fn wait_for_the_server_ends_immediately() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:429=600"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=2));
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(2);
    until("the wait is recorded", || project.read("state/test.json.journal").contains("\"retry\""));
    let run = stopped_by(running, "INT").exits(130);
    assert_eq!(summary(&run, 2)["not_sent"], 1);
    assert_eq!(project.apply_json(0)["summary"]["created"], 1);
}

#[test]
fn rows_with_a_running_job_are_pending() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:job=late:40"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(2);
    let run = stopped_by(running, "TERM").exits(130);
    assert_eq!(summary(&run, 2)["pending"], 2);
    assert_eq!(project.row("t-001")["status"], "pending");
    project.run(&["plan"]).exits(0).says("2 pending");
}

#[test]
fn wait_for_the_lock_ends_immediately() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    sandbox.faults(&["bulk:*:stall-after"]);
    project.templates(&numbered(1..=3));
    let holder = project.start(&["apply", "-y"]);
    sandbox.has_read(2);
    let before = project.read("state/test.json.journal");
    for (arguments, json) in [
        (&["apply", "-y", "--json"][..], true),
        (&["state", "mv", "t-001", "first"], false),
        (&["state", "rm", "t-001", "-y"], false),
        (&["recover", "t-001", "--applied"], false),
        (&["import", "t-003", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"], false),
    ] {
        let waiting = project.start(&[arguments, &["--lock-timeout", "10m"]].concat());
        // Nothing shows that it waits; an earlier signal must end it too.
        std::thread::sleep(Duration::from_millis(300));
        let run = stopped_by(waiting, "TERM").exits(130);
        let run = run.says(if arguments[0] == "apply" { "nothing was sent" } else { "nothing was changed" });
        if json {
            assert_eq!(run.json()["outcome"], "interrupted");
        }
    }
    assert_eq!(project.read("state/test.json.journal"), before);
    holder.kill();
}

#[test]
fn second_signal_ends_immediately_and_keeps_the_journal() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:stall-after"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=3));
    let mut running = project.start(&["apply", "-y"]);
    sandbox.has_read(2);
    running.signal("INT");
    // Two signals of one kind could arrive as one.
    running.signal("TERM");
    // One request is recorded and one is in flight: exit code 130 would wrongly mean that nothing is in doubt.
    running.end().exits(4).says("certctl recover");
    // It ended immediately: after the grace period, the journal would be part of the state.
    assert!(project.file("state/test.json.journal").exists());
    project.run(&["plan"]).exits(0).says("an earlier run has not finished").says("1 in doubt");
    let result = project.apply_json(4);
    assert_eq!((&result["summary"]["created"], &result["summary"]["in_doubt"]), (&1.into(), &1.into()));
    assert_eq!(sandbox.templates().len(), 3);
}

#[test]
fn second_signal_leaves_one_json_document() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-after"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let mut running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(1);
    running.signal("TERM");
    running.signal("INT");
    assert_eq!(running.end().exits(4).json()["outcome"], "in_doubt");
}

#[test]
fn signal_at_the_prompt_sends_nothing() {
    // Needs a terminal, made with `script`; without that program, the test is skipped.
    if Command::new("script").arg("--version").output().is_err() {
        return;
    }
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let line = format!("echo $$ > pid; exec {} apply", env!("CARGO_BIN_EXE_certctl"));
    let mut command = project.command(&[]);
    let mut terminal = Command::new("script");
    terminal
        .args(["--quiet", "--return", "--flush", "--command", &line, "typescript"])
        .current_dir(project.path());
    terminal.envs(command.env_remove("NOTHING").get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut running = Running::start(terminal.stdin(Stdio::piped()));
    let typed = || std::fs::read_to_string(project.file("typescript")).unwrap_or_default();
    until("the prompt", || typed().contains("Type yes"));
    // Waiting would close stdin, and the end of input is another way to leave a prompt.
    let _typing = running.child().stdin.take();
    let process = project.read("pid").trim().to_owned();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    until("the end", || typed().contains("nothing was sent"));
    assert_eq!(running.child().wait().unwrap().code(), Some(130), "{}", typed());
    assert!(typed().contains("nothing was sent"), "{}", typed());
    assert_eq!(sandbox.requests().len(), 0);
    assert!(!project.file("state/test.json.journal").exists());
    project.apply().exits(0);
}

#[test]
fn closed_stdout_still_records_everything() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:slow-drip=5"]);
    let mut project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.set_env("CERTCTL_LOG", "trace");
    project.templates(&numbered(1..=3));
    let mut running = project.start(&["apply", "-y", "-v"]);
    drop(running.child().stdout.take());
    drop(running.child().stderr.take());
    running.end().exits(0);
    project.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(project.state()["templates"].as_object().unwrap().len(), 3);

    // `certctl plan | head -1`
    let mut many = project.start(&["plan", "-v"]);
    drop(many.child().stdout.take());
    many.end().exits(0);
}
