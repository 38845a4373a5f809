//! `state unlock`: releases the lock of a run, which sends nothing more.

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::sharing::has_recorded;
use crate::support::running::until;
use crate::support::terminal::Session;
use crate::support::{Project, Run, Sandbox, numbered};

const RUN: &str = "https://github.com/acme/academy/actions/runs/42";

/// What another run is told while the state is held.
pub(crate) fn refused(project: &Project) -> Run {
    project.apply_at_once().exits(6)
}

/// The command that releases the lock, as printed.
pub(crate) fn printed(refusal: &Run) -> String {
    let line = refusal.stderr.lines().find(|line| line.contains("certctl state unlock")).unwrap();
    line[line.find("certctl state unlock").unwrap()..].trim().to_owned()
}

pub(crate) fn typed(project: &Project, command: &str, more: &[&str]) -> Run {
    let words: Vec<&str> = command.split(' ').skip(1).chain(more.iter().copied()).collect();
    project.run(&words)
}

fn a_held_state_is_released(kind: Kind) {
    let (Some(bucket), sandbox) = (Bucket::new(kind), Sandbox::start(&[])) else { return };
    let (mut ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    for (name, value) in
        [("CERTCTL_RUN_URL", RUN), ("CERTCTL_ACTOR", "ann"), ("USER", "runner"), ("CERTCTL_COMMIT", "0a1b2c")]
    {
        ann.set_env(name, value);
    }
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    let refusal = refused(&bob)
        .says("`certctl apply` of runner on ")
        .says(RUN)
        .says("last sign of life: ")
        .says("its hold ends by itself in ");
    let command = printed(&refusal);
    assert!(command.ends_with(" -e test"), "{command}");

    // Nothing happens without consent.
    let asked = typed(&bob, &command, &[]).exits(1).says("needs a terminal").says(&format!("run: {RUN}"));
    let asked = asked.says("held by: runner, on ").says("1 request is recorded");
    asked.says("in doubt, if it goes no further: t-001, t-002 and t-003");
    refused(&bob);

    typed(&bob, &command, &["--auto-approve"]).exits(0).says("is released").says("certctl recover");
    // The next run starts at once.
    bob.templates(&numbered(4..=4));
    bob.apply_at_once().exits(4);
    std::fs::write(resume, "").unwrap();
    let stopped = running.end();
    assert!([1, 3, 4].contains(&stopped.code), "{stopped:?}");
    assert!(stopped.stdout.contains("somebody released its lock"), "{stopped:?}");
    assert_eq!(sandbox.times_sent("Title 001"), 0);
    bob.run(&["recover"]).says("t-001");
    sandbox.assert_no_double_create();
    // The lock is released already.
    typed(&bob, &command, &[]).exits(0).says("released already");
}

#[test]
fn a_held_state_is_released_on_s3() {
    a_held_state_is_released(Kind::S3);
}

#[test]
fn a_held_state_is_released_on_azure() {
    a_held_state_is_released(Kind::Azure);
}

#[test]
fn no_run_follows_and_the_holder_still_stops() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    let command = printed(&refused(&bob));
    typed(&bob, &command, &["--auto-approve"]).exits(0);
    std::fs::write(resume, "").unwrap();
    let stopped = running.end();
    assert!([1, 3, 4].contains(&stopped.code), "{stopped:?}");
    assert_eq!(sandbox.requests().len(), 0);
    // It has recorded that it sent nothing, and no other run had to assume anything else.
    bob.apply().exits(0);
    assert_eq!(sandbox.templates().len(), 3);
    sandbox.assert_no_double_create();
}

#[test]
fn only_the_run_that_was_named() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    let other = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    bob.run(&["state", "unlock", other, "--auto-approve"])
        .exits(5)
        .says(&format!("is not {other}: `certctl apply` of "))
        .says("Nothing was changed");
    std::fs::write(resume, "").unwrap();
    running.end().exits(0);
    bob.run(&["state", "unlock", other, "--auto-approve"]).exits(0).says("released already");
    assert_eq!(sandbox.templates().len(), 3);
}

#[test]
fn a_person_types_yes() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    let command = printed(&refused(&bob));
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    for (answer, code, says) in [("no\n", 1, "not approved"), ("yes\n", 0, "is released")] {
        let mut unlock = Session::start(&bob.command(&words), 100);
        unlock.shows("Release it?");
        unlock.types(answer);
        let (exit, heard) = unlock.end();
        assert_eq!(exit, code, "{heard}");
        assert!(heard.contains(says), "{heard}");
    }
    std::fs::write(resume, "").unwrap();
    assert_ne!(running.end().code, 0);
    assert_eq!(sandbox.requests().len(), 0);
}

#[test]
fn files_are_released_by_the_system() {
    let sandbox = Sandbox::start(&[]);
    let ann = Project::on(&sandbox, "");
    ann.templates(&numbered(1..=1));
    ann.run(&["state", "unlock", "some-id"]).exits(1).says("No process holds it now");
    let (running, resume) = ann.held_up();
    until("the lock names the run", || {
        std::fs::read_to_string(ann.file("state/test.json.lock")).is_ok_and(|text| text.contains("apply"))
    });
    ann.run(&["state", "unlock", "some-id"])
        .exits(1)
        .says("It is held by `certctl apply` of ")
        .says("(process ");
    std::fs::write(resume, "").unwrap();
    running.end().exits(0);
}
