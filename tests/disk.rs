//! Full disks, read-only directories, files replaced during a run, and links: all are detected and explained, and nothing
//! is lost. The tests run the commands that the messages print.
#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the lint knows test functions, not the functions that they share"
)]

#[path = "disk/failed_sync.rs"]
mod failed_sync;
#[path = "disk/full_disk.rs"]
mod full_disk;
#[path = "disk/links.rs"]
mod links;
#[path = "disk/removed.rs"]
mod removed;
#[path = "disk/slow_sync.rs"]
mod slow_sync;
#[path = "disk/state_replaced.rs"]
mod state_replaced;
mod support;
#[path = "disk/unwritable.rs"]
mod unwritable;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::running::Running;
use support::{Project, Run, Sandbox, Template, numbered};

const STATE: &str = "state/test.json";
const JOURNAL: &str = "state/test.json.journal";

/// Runs the command that follows these words in a message.
#[track_caller]
fn typed(project: &Project, message: &str, after: &str) -> Run {
    let (_, rest) = message.split_once(after).unwrap_or_else(|| panic!("{after:?} is missing in: {message}"));
    let command = rest.lines().next().unwrap().trim();
    let arguments: Vec<&str> = command.split(' ').collect();
    let [program, arguments @ ..] = arguments.as_slice() else { panic!("{message}") };
    if *program == "certctl" {
        return project.run(arguments);
    }
    Run::of(Command::new(program).args(arguments).current_dir(project.path()).output().unwrap())
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// An apply of `t-002` whose answer the server delays, over a state of serial 2 with `t-001`.
fn applying(sandbox: &Sandbox, project: &Project) -> Running {
    applied_twice(sandbox, project);
    applying_a_third_time(sandbox, project)
}

fn applied_twice(sandbox: &Sandbox, project: &Project) {
    assert!(sandbox.requests().is_empty());
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    project.write("serial-1.json", project.read(STATE));
    project.templates(&[Template::number(1).titled("Second")]);
    project.apply().exits(0);
    project.write("serial-2.json", project.read(STATE));
}

fn applying_a_third_time(sandbox: &Sandbox, project: &Project) -> Running {
    let before = sandbox.requests().len();
    sandbox.faults(&["bulk:1:slow-drip=8"]);
    project.templates(&[Template::number(1).titled("Second"), Template::number(2)]);
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(before + 1);
    running
}

/// Both templates are recorded, and nothing is sent any more.
#[track_caller]
fn all_is_well(sandbox: &Sandbox, project: &Project) {
    assert_eq!(project.apply_json(0)["requests"], 0);
    assert_eq!(project.row("t-001")["attributes"]["title"], "Second");
    let ids: Vec<Value> = sandbox.templates().iter().map(|template| template["id"].clone()).collect();
    assert_eq!(vec![project.row("t-001")["id"].clone(), project.row("t-002")["id"].clone()], ids);
    for left in [JOURNAL, "state/test.json.rescued"] {
        assert!(!project.file(left).exists(), "{left} is left");
    }
}

#[test]
fn leftover_temporary_files_are_removed() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.set_env("CERTCTL_CRASH_AT", "state-written:1");
    assert_eq!(project.run(&["apply", "-y"]).code, -1, "it was killed");
    project.unset_env("CERTCTL_CRASH_AT");
    let left = || -> Vec<String> {
        let entries = fs::read_dir(project.file("state")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".certctl-tmp")).collect()
    };
    assert_eq!(left().len(), 1);
    // For another state in this directory, and for files that a person named like this.
    let others =
        [".certctl-tmp-test.json-2-abc123", ".certctl-tmp-other.json-abc123", ".certctl-tmp-test.json-mine"];
    for name in others {
        project.write(&format!("state/{name}"), "");
    }
    project.run(&["plan"]).exits(0);
    assert_eq!(left().len(), 4, "reading removes nothing");
    project.apply().exits(0);
    let mut kept = left();
    kept.sort();
    assert_eq!(kept, [others[1], others[0], others[2]]);
}

#[test]
fn file_system_without_locks_sends_nothing() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.set_env("CERTCTL_NO_LOCKS", "1");
    for command in [
        &["apply", "-y"][..],
        &["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"],
        &["state", "rm", "t-001", "-y"],
    ] {
        project.run(command).exits(1).says("cannot lock").says("test.json.lock").says("network share");
    }
    assert_eq!(sandbox.requests().len(), 0);
    project.run(&["plan"]).exits(0).says("1 to add");
    project.unset_env("CERTCTL_NO_LOCKS");
    project.apply().exits(0);
}
