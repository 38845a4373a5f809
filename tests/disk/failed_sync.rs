//! A disk that fails to sync a record. It may have dropped the unwritten data, and a second sync would succeed
//! nevertheless. So the file is not synced again, and nothing more is sent.

use certctl::crash::Point;

use super::{JOURNAL, STATE};
use crate::support::{Project, Sandbox, numbered};

/// Checks that the journal was moved to another file once, and its records were durable before anything else happened:
/// a second sync of the first file would have succeeded and proved nothing.
#[track_caller]
fn was_renewed_once(project: &Project) {
    let passed = project.read("passed");
    let passed: Vec<&str> = passed.lines().collect();
    let times = |point: Point| passed.iter().filter(|name| **name == point.name()).count();
    assert_eq!((times(Point::JournalCopied), times(Point::JournalRenewed)), (1, 1), "{passed:?}");
    let [failed, copied, renewed] = [Point::JournalMended, Point::JournalCopied, Point::JournalRenewed]
        .map(|point| passed.iter().position(|name| *name == point.name()).unwrap());
    assert!(failed < copied && copied < renewed, "{passed:?}");
    let between = &passed[failed..renewed];
    assert!(!between.contains(&Point::RecordDurable.name()), "the failed file was synced again: {between:?}");
}

/// Three templates, one per request, on a disk that fails at the `sync`th record (`open`, `intent`, `outcome`, and so on).
fn on_a_failing_disk(sandbox: &Sandbox, sync: u32) -> Project {
    let mut project = Project::on(sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=3));
    project.set_env("CERTCTL_FAIL_SYNC", &sync.to_string());
    let passed = project.file("passed").to_str().unwrap().to_owned();
    project.set_env("CERTCTL_CRASH_TRACE", &passed);
    project
}

#[test]
fn nothing_is_sent_before_it_is_durable() {
    for sync in [1, 2] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let mut project = on_a_failing_disk(&sandbox, sync);
        let run = project.run(&["apply", "-y", "--json"]).exits(1).says("cannot write the journal");
        assert_eq!(run.json()["summary"]["not_sent"], 3);
        assert_eq!(sandbox.requests().len(), 0, "sync {sync}");
        assert!(!project.file(STATE).exists(), "sync {sync}");
        let journal = std::fs::read_to_string(project.file(JOURNAL)).unwrap_or_default();
        assert_eq!(journal, "", "sync {sync}");
        project.unset_env("CERTCTL_FAIL_SYNC");
        assert_eq!(project.apply_json(0)["summary"]["created"], 3);
    }
}

#[test]
fn outcomes_go_into_a_new_file() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let mut project = on_a_failing_disk(&sandbox, 3);
    let run = project.run(&["apply", "-y", "--json"]).exits(3).says("cannot write the journal");
    let summary = run.json()["summary"].clone();
    assert_eq!((&summary["created"], &summary["not_sent"]), (&1.into(), &2.into()));
    assert!(!run.stdout.contains("not recorded"), "{}", run.stdout);
    was_renewed_once(&project);
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(project.row("t-001")["id"], sandbox.id_of("Title 001").as_str());
    project.unset_env("CERTCTL_FAIL_SYNC");
    assert_eq!(project.apply_json(0)["summary"]["created"], 2);
}

#[test]
fn new_file_has_every_record_once() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let mut project = on_a_failing_disk(&sandbox, 3);
    project.set_env("CERTCTL_CRASH_AT", &format!("{}:1", Point::RunEnded.name()));
    assert_eq!(project.run(&["apply", "-y"]).code, -1);
    was_renewed_once(&project);
    let journal = project.read(JOURNAL);
    let records: Vec<String> = journal
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["record"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(records, ["open", "intent", "outcome"]);
    project.unset_env("CERTCTL_CRASH_AT");
    project.unset_env("CERTCTL_FAIL_SYNC");
    assert_eq!(project.apply_json(0)["summary"]["created"], 2);
    sandbox.assert_no_double_create();
}

#[test]
fn edits_are_not_made_on_such_a_disk() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let before = project.read(STATE);
    for sync in ["1", "2"] {
        project.set_env("CERTCTL_FAIL_SYNC", sync);
        project.run(&["state", "mv", "t-001", "t-002"]).exits(1).says("cannot write the journal");
        assert_eq!(project.read(STATE), before);
    }
    project.unset_env("CERTCTL_FAIL_SYNC");
    project.run(&["plan"]).exits(0).says("No changes.");
}
