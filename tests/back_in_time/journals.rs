//! The journal of an interrupted run is gone, or the state beside it is a different one.

use std::path::Path;

use crate::support::{NO_HOME, Run, Sandbox, Template, at_home};
use crate::work::{STATE, Work, printed};

const JOURNAL: &str = "state/test.json.journal";

fn two(work: &Work) {
    work.project.templates(&[Template::number(1).titled("Old"), Template::number(2)]);
}

fn killed(work: &Work) {
    killed_at(work, "answer-complete:1");
}

fn killed_at(work: &Work, point: &str) {
    let mut command = work.project.command(&["apply", "-y"]);
    assert!(!command.env("CERTCTL_CRASH_AT", point).output().unwrap().status.success());
    assert!(work.project.file(JOURNAL).exists());
}

/// A run that created `t-002` and was killed.
fn interrupted(sandbox: &Sandbox, ignored: &str) -> Work {
    let work = Work::on(sandbox);
    work.project.write(".gitignore", ignored);
    work.apply_and_commit("Old");
    two(&work);
    killed(&work);
    work
}

#[test]
fn removed_journal_is_noticed_and_restored() {
    for remove in [
        "rm state/test.json.journal",
        "rm -rf state && git checkout --quiet HEAD -- state",
        "git stash --quiet --include-untracked",
        "git clean -fdxq",
    ] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = interrupted(&sandbox, "");
        work.shell(work.project.path(), remove).exits(0);
        two(&work);
        assert!(!work.project.file(JOURNAL).exists(), "{remove}");
        work.project.apply().exits(5).says("is gone");
        work.project.run(&["state", "mv", "t-001", "t-009"]).exits(5);
        work.project.run(&["state", "verify"]).exits(1).says("is gone");
        let refusal = work.project.run(&["plan"]).exits(5).says("sent a second time");
        work.paste(&refusal);
        work.project.run(&["plan"]).exits(0).says("1 in doubt");
        work.project.apply().exits(4);
        sandbox.assert_no_double_create();
    }
}

#[test]
fn removed_directory_of_first_run_is_noticed() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work::on(&sandbox);
    two(&work);
    killed(&work);
    std::fs::remove_dir_all(work.project.file("state")).unwrap();
    let refusal = work.project.run(&["plan"]).exits(5).says("is gone");
    work.paste(&refusal);
    work.project.apply().exits(4).says("2 in doubt");
}

#[test]
fn accepting_a_lost_journal_leaves_doubt() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = interrupted(&sandbox, "");
    std::fs::remove_file(work.project.file(JOURNAL)).unwrap();
    work.project.run(&["state", "accept", "-y"]).exits(0).says("is now in doubt: t-002");
    work.project.apply().exits(4).says("1 in doubt");
    work.project.run(&["state", "verify"]).exits(0);
}

#[test]
fn checkpointed_journal_is_not_missed() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = interrupted(&sandbox, "");
    // By another user, whose home does not have the copy.
    work.unmarked(&["apply", "-y"]).exits(4);
    assert!(!work.project.file(JOURNAL).exists());
    work.project.run(&["plan"]).exits(0).says("1 in doubt");
    work.project.apply().exits(4);
}

#[test]
fn base_state_of_a_journal_is_found() {
    let sandbox = Sandbox::start(&[]);
    for marked in [true, false] {
        let work = Work::twice_applied(&sandbox);
        work.project.templates(&[Template::number(1).titled("New"), Template::number(2)]);
        killed(&work);
        work.git(&["checkout", "--quiet", "HEAD~1", "--", STATE]);
        let backup = work.project.file("state/test.json.backup");
        std::fs::remove_file(backup).unwrap();
        let run =
            |arguments: &[&str]| if marked { work.project.run(arguments) } else { work.unmarked(arguments) };
        let refusal = run(&["plan"]).exits(5).says("put serial 2 back");
        let command = refusal.stderr.lines().find_map(|line| line.strip_prefix("To go on: ")).unwrap();
        assert!(command.starts_with(if marked { "cp " } else { "git checkout " }), "{command}");
        work.shell(work.project.path(), command).exits(0);
        run(&["plan"]).exits(0).says("t-002  in doubt");
    }
}

#[test]
fn newer_state_of_a_row_can_be_accepted() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.apply_and_commit("Old");
    let theirs = work.cloned();
    two(&work);
    killed(&work);
    two(&theirs);
    theirs.project.apply().exits(0).says("1 created");
    work.project.write(STATE, theirs.project.read(STATE));
    let refusal = work.project.run(&["plan"]).exits(5).says("went on without that run");
    assert!(printed(&refusal).is_empty(), "nothing is put back: {refusal:?}");
    let accept =
        refusal.stderr.lines().find_map(|line| line.strip_suffix(" -e test")?.split_once(": ")).unwrap().1;
    work.shell(work.project.path(), &format!("{accept} -e test -y")).exits(0).says("is now in doubt: t-002");
    work.project.run(&["plan"]).exits(0).says("1 in doubt");
    work.project.run(&["recover", "t-002", "--applied"]).exits(0);
    work.project.run(&["plan"]).exits(0);
    assert!(!work.project.file(JOURNAL).exists());
}

/// The command after these words, as printed.
fn command_after(run: &Run, words: &str) -> String {
    let line = run.stderr.lines().find_map(|line| line.strip_prefix(words));
    assert!(line.is_some(), "{words:?} is not there: {run:?}");
    line.unwrap().trim().to_owned()
}

#[test]
fn foreign_state_does_not_explain_a_journal() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let (work, theirs) = (Work::on(&sandbox), Work::on(&sandbox));
    two(&work);
    killed(&work);
    std::fs::remove_file(work.project.file(JOURNAL)).unwrap();
    theirs.project.templates(&[Template::number(3)]);
    theirs.project.apply().exits(0);
    work.project.write(STATE, theirs.project.read(STATE));
    let refusal = work.project.apply().exits(5).says("is gone");
    work.paste(&refusal);
    let refusal = work.project.apply().exits(5).says("is joined with the state");
    work.shell(work.project.path(), &command_after(&refusal, "To go on: ")).exits(0);
    work.project.apply().exits(4).says("2 in doubt");
    sandbox.assert_no_double_create();
}

#[test]
fn run_about_other_courses_keeps_the_copy() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work::on(&sandbox);
    two(&work);
    killed(&work);
    std::fs::remove_dir_all(work.project.file("state")).unwrap();
    work.project.templates(&[Template::number(3)]);
    work.project.apply().exits(0).says("1 created");
    work.project.templates(&[Template::number(2), Template::number(3)]);
    let refusal = work.project.apply().exits(5).says("is gone");
    work.project.run(&["state", "accept", "-y"]).exits(0).says("now in doubt: t-001, t-002");
    work.project.apply().exits(4);
    assert!(refusal.stderr.contains("cp "), "{refusal:?}");
    sandbox.assert_no_double_create();
}

/// A server on this machine: the state of the copied project says nothing about this one.
#[test]
fn run_in_a_copied_project_keeps_the_copy() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work::on(&sandbox);
    two(&work);
    killed(&work);
    let copied = tempfile::tempdir().unwrap();
    let path = work.project.path();
    work.shell(
        path,
        &format!("cp -r . {0}/p && cd {0}/p && certctl apply -y; true", copied.path().display()),
    );
    assert!(copied.path().join("p/state/test.json").exists(), "the copied project was applied");
    work.shell(path, "rm state/test.json.journal").exits(0);
    let refusal = work.project.run(&["plan"]).exits(5).says("is gone");
    work.paste(&refusal);
    work.project.apply();
    sandbox.assert_no_double_create();
}

#[test]
fn incomplete_journal_is_restored() {
    for (spoil, point) in [
        ("truncate -s -10 state/test.json.journal", "answer-complete:1"),
        ("sed -i 2d state/test.json.journal", "answer-complete:1"),
        ("sed -i 2d state/test.json.journal", "outcome-recorded:1"),
        ("sed -i '$d' state/test.json.journal", "outcome-recorded:1"),
        (": > state/test.json.journal", "answer-complete:1"),
    ] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = Work::on(&sandbox);
        work.apply_and_commit("Old");
        two(&work);
        killed_at(&work, point);
        work.shell(work.project.path(), spoil).exits(0);
        work.project.apply().exits(5);
        work.project.run(&["state", "verify"]).exits(1).says("journal");
        let refusal = work.project.run(&["plan"]).exits(5).says("sent a second time");
        work.paste(&refusal);
        work.project.apply();
        sandbox.assert_no_double_create();
        assert_eq!(sandbox.templates().len(), 2, "{spoil}");
        work.project.run(&["state", "verify"]).exits(0);
    }
}

/// If a process of the same user ends between the two writes of a record, nothing needs to be fixed.
#[test]
fn what_only_the_copy_has_was_not_sent() {
    for point in ["copy-written:2", "record-begun:3", "record-torn:3"] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = Work::on(&sandbox);
        two(&work);
        killed_at(&work, point);
        work.project.run(&["plan"]).exits(0);
        work.project.apply();
        sandbox.assert_no_double_create();
    }
}

/// The journal has a record that the copy does not confirm, and somebody else makes that journal part of the state.
#[test]
fn journal_ahead_of_its_copy_is_not_missed() {
    for point in ["record-written:3", "record-durable:3"] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = Work::on(&sandbox);
        two(&work);
        killed_at(&work, point);
        let mut other = work.project.command(&["apply", "-y"]);
        let home = tempfile::tempdir().unwrap();
        at_home(&mut other, home.path());
        let done = other.output().unwrap();
        assert!(!work.project.file(JOURNAL).exists(), "{point}: {done:?}");
        work.project.run(&["plan"]).exits(0);
        sandbox.assert_no_double_create();
    }
}

#[test]
fn copy_never_replaces_another_runs_journal() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = interrupted(&sandbox, "");
    std::fs::remove_file(work.project.file(JOURNAL)).unwrap();
    work.project.templates(&[Template::number(1).titled("Old"), Template::number(3)]);
    let mut command = work.project.command(&["apply", "-y"]);
    at_home(&mut command, Path::new(NO_HOME));
    assert!(!command.env("CERTCTL_CRASH_AT", "answer-complete:1").output().unwrap().status.success());
    let refusal = work.project.run(&["plan"]).exits(5).says("is that of another run");
    assert!(!refusal.stderr.contains("cp "), "{refusal:?}");
    work.project.run(&["state", "accept", "-y"]).exits(0).says("is now in doubt: t-002");
    work.project.run(&["plan"]).exits(0);
    work.project.run(&["recover"]).exits(0).says("t-002").says("t-003");
}

mod that_something_else_changed {
    use super::*;

    #[test]
    fn is_named_and_comes_back_from_its_copy() {
        for (spoil, says) in [
            ("sed -i 's/\"Title 002\"/\"Xitle 002\"/' state/test.json.journal", "does not match its digest"),
            ("sed -i '1s/^/x/' state/test.json.journal", "is damaged"),
            ("sed -i 1d state/test.json.journal", "is damaged"),
            ("echo garbage >> state/test.json.journal", "is damaged"),
            (
                "cat state/test.json.journal >> state/test.json.journal.2; cat state/test.json.journal.2 >> state/test.json.journal",
                "is damaged",
            ),
        ] {
            let sandbox = Sandbox::start(&["--no-upsert"]);
            let work = interrupted(&sandbox, "");
            work.shell(work.project.path(), spoil).exits(0);
            work.project.run(&["state", "verify"]).exits(1).says(says).says("test.json.journal:");
            let refusal = work.project.run(&["plan"]).says(says).says("test.json.journal:");
            assert_ne!(refusal.code, 0);
            let copy = command_after(&refusal, "To bring it back from the copy that certctl keeps: ");
            work.shell(work.project.path(), &copy).exits(0);
            work.project.run(&["plan"]).exits(0).says("1 in doubt");
            work.project.run(&["state", "verify"]).exits(0);
        }
    }

    #[test]
    fn is_not_replaced_without_a_copy() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = interrupted(&sandbox, "");
        work.shell(work.project.path(), "echo garbage >> state/test.json.journal").exits(0);
        let refusal = work.unmarked(&["plan"]).says("is damaged");
        assert!(!refusal.stderr.contains("cp "), "{refusal:?}");
    }
}

mod that_does_not_fit_a_state_that_is_missing {
    use super::*;

    #[test]
    fn continues_its_lineage_once_accepted() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = interrupted(&sandbox, "");
        let before: serde_json::Value = serde_json::from_str(&work.project.read(STATE)).unwrap();
        std::fs::remove_file(work.project.file(STATE)).unwrap();
        work.unmarked(&["plan"]).exits(5);
        work.unmarked(&["state", "accept", "-y"]).exits(0);
        let after: serde_json::Value = serde_json::from_str(&work.project.read(STATE)).unwrap();
        assert_eq!(after["lineage"], before["lineage"]);
        work.project.apply().exits(4);
        sandbox.assert_no_double_create();
    }
}

/// Manual changes ignore the lock.
#[test]
fn state_appearing_under_the_lock_stops_the_run() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work::on(&sandbox);
    two(&work);
    work.commit("Two");
    let theirs = work.cloned();
    theirs.project.apply().exits(0);
    let (git, bin) = (which("git"), tempfile::tempdir().unwrap());
    let (from, to) = (theirs.project.file(STATE), work.project.file(STATE));
    let script = format!(
        "#!/bin/sh\nif [ -s '{0}.lock' ]; then cp '{1}' '{0}'; fi\nexec '{git}' \"$@\"\n",
        to.display(),
        from.display()
    );
    let program = bin.path().join("git");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = work.project.command(&["apply", "-y"]);
    command.env("PATH", format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap()));
    Run::of(command.output().unwrap()).exits(5).says("Run it again");
    work.project.apply().exits(0).says("No changes.");
    sandbox.assert_no_double_create();
}

fn which(program: &str) -> String {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.exists());
    found.unwrap().display().to_string()
}
