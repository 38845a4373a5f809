//! What every released version left behind (`release/samples` wrote it) is read by this one, and what a newer one may leave
//! behind is refused without touching it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use support::Project;

/// The folders of the released versions.
fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let versions: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    assert!(!versions.is_empty());
    versions
}

/// A copy of a version's project.
fn project(version: &Path, name: &str) -> Project {
    let project = Project::empty();
    copy(&version.join(name), project.path());
    project
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// Puts `new` in place of `old`, which must be there, in the state.
fn alter(project: &Project, file: &str, old: &str, new: &str) {
    let text = project.read(file);
    assert!(text.contains(old), "{file} has no {old}");
    project.write(file, text.replacen(old, new, 1));
}

#[test]
fn state_of_each_version_is_read() {
    for version in versions() {
        let project = project(&version, "applied");
        let rows = project.run(&["state", "list"]).exits(0);
        rows.says("cloud-101").says("cloud-201");
        project.run(&["state", "verify"]).exits(0);
        project.run(&["plan"]).exits(0).says("0 to add, 1 to change").says("second edition");
    }
}

#[test]
fn saved_plan_of_each_version_is_applied() {
    for version in versions() {
        let project = project(&version, "applied");
        project.run(&["show", "change.plan"]).exits(0).says("second edition");
        project.run(&["apply", "change.plan"]).exits(0);
        project.run(&["plan"]).exits(0).says("No changes.");
    }
}

#[test]
fn interrupted_run_of_each_version_is_known() {
    for version in versions() {
        let project = project(&version, "interrupted");
        let plan = project.run(&["plan"]).exits(0);
        plan.says("1 to add").says("1 in doubt");
        project.run(&["recover"]).exits(0).says("cloud-101");
    }
}

#[test]
fn newer_states_are_refused_and_left_alone() {
    for version in versions() {
        for (old, new) in [
            ("certctl.state/v1", "certctl.state/v2"),
            ("\"serial\": 1,", "\"serial\": 1,\n  \"shards\": 4,"),
            ("\"protect\": false,", "\"protect\": false,\n      \"shard\": 4,"),
        ] {
            let project = project(&version, "applied");
            alter(&project, "state/production.json", old, new);
            let before = project.read("state/production.json");
            for command in ["plan", "apply"] {
                project.run(&[command]).exits(1).says("newer");
            }
            assert_eq!(project.read("state/production.json"), before);
        }
    }
}

#[test]
fn newer_journals_are_refused_and_left_alone() {
    for version in versions() {
        for (old, new) in
            [("certctl.journal/v1", "certctl.journal/v2"), ("\"record\":\"intent\"", "\"record\":\"shard\"")]
        {
            let project = project(&version, "interrupted");
            alter(&project, "state/production.json.journal", old, new);
            let before = project.read("state/production.json.journal");
            project.run(&["plan"]).exits(1).says("newer");
            assert_eq!(project.read("state/production.json.journal"), before);
        }
    }
}

#[test]
fn newer_plans_are_refused() {
    for version in versions() {
        let project = project(&version, "applied");
        alter(&project, "change.plan", "certctl.plan/v1", "certctl.plan/v2");
        project.run(&["apply", "change.plan"]).exits(1).says("does not know");
    }
}
