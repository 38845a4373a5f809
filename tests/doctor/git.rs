//! How git is set up for a state, with commands that put it right.

use std::process::Command;

use crate::support::{Project, Sandbox, numbered};
use crate::{doctor, found, is, only};

fn git(project: &Project, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(project.path()).env("HOME", project.home());
    for name in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{name}_NAME"), "a").env(format!("GIT_{name}_EMAIL"), "a@example.com");
    }
    let output = git.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A project with a state that is committed.
fn committed(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    git(&project, &["init", "-q", "-b", "main"]);
    git(&project, &["add", "state/test.json"]);
    git(&project, &["commit", "-q", "-m", "state"]);
    project
}

#[test]
#[cfg(unix)]
fn commands_set_git_up() {
    let sandbox = Sandbox::start(&[]);
    let project = committed(&sandbox);
    let run = doctor(&project, 0);
    let merging = found(&run, Some("test"), "merging");
    assert_eq!(merging.len(), 3, "{merging:?}");
    is(only(&run, "history"), "right", "no newer state is known");
    let document = run.json();
    let checks = document["checks"].as_array().unwrap().iter().filter(|check| check["subject"] == "merging");
    for command in checks.flat_map(|check| check["remedy"].as_array().unwrap()) {
        let command = command["command"].as_str().unwrap();
        let mut shell = Command::new("sh");
        let pasted = shell.args(["-c", command]).current_dir(project.path()).env("HOME", project.home());
        assert!(pasted.status().unwrap().success(), "{command}");
    }
    is(only(&doctor(&project, 0), "merging"), "right", "has certctl join two versions");
}

#[test]
fn ignored_states_are_worth_a_look() {
    let sandbox = Sandbox::start(&[]);
    let project = committed(&sandbox);
    git(&project, &["rm", "-q", "--cached", "state/test.json"]);
    project.write(".gitignore", "state/\n");
    let merging = found(&doctor(&project, 0), Some("test"), "merging");
    is(merging[0].clone(), "look", "git ignores state/test.json, so no commit has the state");
}
