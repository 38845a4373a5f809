//! The high-water mark of one user on one machine.

use std::fs;
use std::path::Path;

use crate::support::{NO_HOME, Project, Run, Sandbox, Template, at_home, numbered};
use crate::work::{STATE, Work};

#[test]
fn new_state_is_not_confused_with_mark() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work { project: Project::on(&sandbox, "") };
    work.project.templates(&numbered(1..=2));
    work.project.apply().exits(0);
    // Somebody else's first apply, on another machine.
    let other = Work { project: Project::on(&sandbox, "") };
    other.project.templates(&[Template::number(3)]);
    other.project.apply().exits(0);
    work.project.write(STATE, other.project.read(STATE));
    let refusal = work.project.run(&["plan"]).exits(5).says("were started independently");
    work.paste(&refusal);
    work.project.run(&["plan"]).exits(0).says("0 to add, 0 to change").says("1 orphaned");
}

#[test]
fn only_writing_commands_raise_the_mark() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.title("One");
    work.project.run(&["plan"]).exits(0);
    work.project.run(&["validate"]).exits(0);
    assert!(!work.project.home().join("state").exists());
    work.project.apply().exits(0);
    let written = || (fs::read(work.project.mark()).unwrap(), fs::read(work.project.file(STATE)).unwrap());
    let (mark, state) = written();
    assert_eq!(mark, state, "the mark is the whole state");
    // A newer one that came through git is not this machine's.
    let theirs = work
        .project
        .read(STATE)
        .replace("\"writes\": [", "\"writes\": [\n    \"00000000-0000-4000-8000-000000000000\",");
    work.project.write(STATE, theirs);
    for arguments in [&["plan"][..], &["apply", "--auto-approve"], &["state", "list"]] {
        work.project.run(arguments).exits(0);
        assert_eq!(written().0, mark, "{arguments:?}");
    }
    work.project.run(&["state", "mv", "t-001", "t-002"]).exits(0);
    let (mark, state) = written();
    assert_eq!(mark, state);
}

#[test]
fn read_only_home_stops_nothing() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    for (title, verbose) in [("One", false), ("Two", true)] {
        work.title(title);
        let arguments: &[&str] = if verbose { &["-v", "apply", "-y"] } else { &["apply", "-y"] };
        let run = work.unmarked(arguments).exits(0);
        assert_eq!(run.stderr.contains("is not kept on this machine"), verbose, "{}", run.stderr);
    }
}

#[test]
fn missing_home_is_reported_once() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.title("One");
    let mut command = work.project.command(&["-v", "apply", "-y"]);
    let run =
        Run::of(command.env("HOME", "relative").env_remove("XDG_STATE_HOME").output().unwrap()).exits(0);
    assert_eq!(run.stderr.matches("set HOME or XDG_STATE_HOME").count(), 1, "{}", run.stderr);
    // The system knows a user's home even if the environment does not name it.
    let mut command = work.project.command(&["-v", "plan"]);
    let run = Run::of(command.env_remove("HOME").env_remove("XDG_STATE_HOME").output().unwrap()).exits(0);
    assert!(!run.stderr.contains("is not kept on this machine"), "{}", run.stderr);
}

#[test]
fn unreadable_marks_are_reported_once() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    fs::write(work.project.mark(), "nonsense").unwrap();
    work.title("Three");
    let run = work.project.run(&["-v", "apply", "-y"]).exits(0);
    assert_eq!(run.stderr.matches("cannot be read").count(), 1, "{}", run.stderr);
}

#[test]
fn without_xdg_the_mark_is_in_home() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.title("One");
    let mut command = work.project.command(&["apply", "-y"]);
    Run::of(command.env_remove("XDG_STATE_HOME").output().unwrap()).exits(0);
    assert!(work.project.home().join(".local/state/certctl/marks").is_dir());
}

#[test]
fn unreadable_mark_is_logged_only_verbosely() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    fs::write(work.project.mark(), "nonsense").unwrap();
    let run = work.project.run(&["plan"]).exits(0);
    assert_eq!(run.stderr, "");
    work.project.run(&["-v", "plan"]).exits(0).says("cannot be read");
    work.apply_and_commit("Newest");
    assert_eq!(fs::read(work.project.mark()).unwrap(), fs::read(work.project.file(STATE)).unwrap());
}

/// The mark is wrong, or what it knows is lost for good: a person says so.
#[test]
fn accepted_state_overrules_a_wrong_mark() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    work.title("New");
    let refusal = work.project.run(&["plan"]).exits(5);
    let accept = refusal.stderr.rsplit_once("is right: ").unwrap().1.trim().to_owned();
    assert_eq!(accept, "certctl state accept -e test");
    let before = fs::read(work.project.file(STATE)).unwrap();
    work.shell(work.project.path(), &accept).exits(1).says("needs a terminal for that");
    assert_eq!(fs::read(work.project.file(STATE)).unwrap(), before);
    work.shell(work.project.path(), &format!("{accept} --auto-approve"))
        .exits(0)
        .says("Environment test")
        .says("1 template, which is now in doubt: t-001")
        .says("certctl recover");
    assert_eq!(work.project.row("t-001")["status"], "in_doubt");
    assert_eq!(fs::read(work.project.mark()).unwrap(), fs::read(work.project.file(STATE)).unwrap());
    // Only its contents are in doubt, so the next apply sets them again.
    work.project.apply().exits(0).says("1 updated");
    work.project.run(&["plan"]).exits(0).says("No changes.");
    work.project.run(&["state", "accept", "-y"]).exits(0).says("nothing to accept");
}

#[test]
fn accepted_state_is_newer_than_history() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["revert", "--no-edit", "HEAD"]);
    work.project.run(&["state", "accept", "-y"]).exits(0);
    work.unmarked(&["plan"]).exits(0).says("everything is sent again");
    work.commit("Accepted");
    work.unmarked(&["apply", "-y"]).exits(0).says("1 updated");
    sandbox.id_of("Old");
}

#[test]
fn nothing_to_accept_before_first_apply() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.title("One");
    work.project.run(&["state", "accept", "-y"]).exits(1).says("there is nothing to accept");
    assert!(!work.project.file(STATE).exists());
}

/// If a run is killed after it stored the state, the next command that writes raises the mark.
#[test]
fn killed_run_leaves_an_older_mark() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.apply_and_commit("Old");
    work.title("New");
    let mut command = work.project.command(&["apply", "-y"]);
    let killed = command.env("CERTCTL_CRASH_AT", "state-durable:1").output().unwrap();
    assert!(!killed.status.success());
    assert_ne!(fs::read(work.project.mark()).unwrap(), fs::read(work.project.file(STATE)).unwrap());
    work.project.run(&["plan"]).exits(0).says("No changes.");
    work.project.apply().exits(0);
    assert_eq!(fs::read(work.project.mark()).unwrap(), fs::read(work.project.file(STATE)).unwrap());
}

#[test]
fn quiet_run_without_home_is_quiet() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.title("One");
    let mut command = work.project.command(&["-q", "apply", "-y"]);
    at_home(&mut command, Path::new(NO_HOME));
    assert_eq!(Run::of(command.output().unwrap()).exits(0).stderr, "");
}
