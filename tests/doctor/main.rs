//! `certctl doctor`: what it finds right and wrong, that it changes nothing, and that one broken environment stops no
//! other.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod git;
mod project;
#[path = "../hostile/raw.rs"]
#[expect(dead_code, reason = "another test file uses the rest")]
mod raw;
mod server;
mod state;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Project, Run};

/// What was found about a subject in an environment: its results and messages.
fn found(run: &Run, environment: Option<&str>, subject: &str) -> Vec<(String, String)> {
    let document = run.json();
    let checks = document["checks"].as_array().unwrap().iter();
    let is_it = |check: &&Value| check["environment"].as_str() == environment && check["subject"] == subject;
    let text = |check: &Value, member: &str| check[member].as_str().unwrap().to_owned();
    checks.filter(is_it).map(|check| (text(check, "result"), text(check, "message"))).collect()
}

/// The only thing that was found about a subject in the environment `test`.
#[track_caller]
fn only(run: &Run, subject: &str) -> (String, String) {
    let mut all = found(run, Some("test"), subject);
    assert_eq!(all.len(), 1, "{subject}: {all:?}\n{}", run.stdout);
    all.remove(0)
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "each caller is done with it")]
fn is(found: (String, String), result: &str, says: &str) {
    assert!(found.0 == result && found.1.contains(says), "{found:?} is not {result:?}: {says:?}");
}

/// Runs `doctor --json` and checks that no file changed, in the project or in the user's home.
#[track_caller]
fn doctor(project: &Project, code: i32) -> Run {
    let before = (project.snapshot(), support::files_below(project.home()));
    let run = project.run(&["doctor", "--json"]).exits(code);
    assert_eq!((project.snapshot(), support::files_below(project.home())), before, "a file was changed");
    has_commands(&run);
    run
}

/// Checks that everything that is wrong has a command to run.
#[track_caller]
fn has_commands(run: &Run) {
    let document = run.json();
    for check in document["checks"].as_array().unwrap().iter().filter(|check| check["result"] == "wrong") {
        assert!(!commands(check).is_empty(), "no command: {check:#}");
    }
}

/// The commands of a check's remedy.
fn commands(check: &Value) -> Vec<String> {
    let steps = check["remedy"].as_array().unwrap().iter();
    steps.filter_map(|step| step["command"].as_str()).map(str::to_owned).collect()
}

/// The commands for a subject in an environment.
fn commands_for(run: &Run, environment: Option<&str>, subject: &str) -> Vec<String> {
    let document = run.json();
    let checks = document["checks"].as_array().unwrap().iter();
    let is_it = |check: &&Value| check["environment"].as_str() == environment && check["subject"] == subject;
    checks.filter(is_it).flat_map(commands).collect()
}

/// What a shell prints when these lines are pasted, with this text at its stdin.
#[cfg(unix)]
fn pasted(project: &Project, lines: &str, stdin: &str) -> String {
    use std::process::{Command, Stdio};

    project.write("stdin.txt", stdin);
    let stdin = std::fs::File::open(project.file("stdin.txt")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", lines]).current_dir(project.path()).stdin(Stdio::from(stdin));
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}
