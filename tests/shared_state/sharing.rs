//! A state that several machines share, one after the other and at the same time.

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::support::running::until;
use crate::support::{Project, Sandbox, numbered};

fn life(kind: Kind) {
    let Some(bucket) = Bucket::new(kind) else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = project(&bucket, &sandbox);
    ann.run(&["plan"]).exits(0).says("Plan: 3 to add").says("there is no state at");
    ann.apply().exits(0);
    // Another person, on another machine.
    let bob = project(&bucket, &sandbox);
    bob.run(&["plan"]).exits(0).says("No changes.");
    bob.run(&["state", "list"]).exits(0).says("t-001");
    bob.run(&["state", "verify"]).exits(0).says("3 templates, serial 1, nothing is wrong");
    bob.templates(&numbered(1..=4));
    bob.apply().exits(0);
    ann.templates(&numbered(1..=4));
    ann.apply().exits(0);
    assert_eq!(sandbox.templates().len(), 4);
    sandbox.assert_no_double_create();
    ann.run(&["state", "history"]).exits(0).says("kept beside the state");
    ann.run(&["state", "show", "t-001", "--at", "1"]).exits(0).says("Title 001");
    // Nothing of the state is left on this machine.
    assert!(!ann.file("state").exists());
}

#[test]
fn two_machines_take_turns_on_s3() {
    life(Kind::S3);
}

#[test]
fn two_machines_take_turns_on_azure() {
    life(Kind::Azure);
}

#[test]
fn a_plan_writes_nothing() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = project(&bucket, &sandbox);
    ann.run(&["plan"]).exits(0);
    ann.run(&["validate"]).exits(0);
    assert_eq!(bucket.keys(), [""; 0]);
    ann.apply().exits(0);
    let keys = bucket.keys();
    assert!(keys.contains(&"academy/test.json".to_owned()), "{keys:?}");
    assert!(keys.iter().any(|key| key.starts_with("academy/test.json.history/0000000001-")), "{keys:?}");
    let lock = bucket.read("academy/test.json.lock");
    ann.run(&["plan"]).exits(0);
    assert_eq!((bucket.keys(), bucket.read("academy/test.json.lock")), (keys, lock));
}

#[test]
fn a_state_moves_from_a_file_to_a_bucket() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let mut ann = Project::on(&sandbox, "");
    ann.templates(&numbered(1..=3));
    ann.apply().exits(0);
    let copy = ann.run(&["state", "pull"]).exits(0).stdout;
    ann.write("copy.json", copy);
    let shared = project(&bucket, &sandbox);
    ann.write("certctl.toml", shared.read("certctl.toml"));
    bucket.set_env(&mut ann);
    ann.run(&["plan"]).exits(5).says("there is no state at");
    ann.run(&["state", "push", "copy.json", "--auto-approve"]).exits(0);
    ann.run(&["plan"]).exits(0).says("No changes.");
    shared.apply().exits(0);
    assert_eq!(sandbox.requests().len(), 1);
}

/// Waits until the run has recorded what it is about to send.
pub(crate) fn has_recorded(bucket: &Bucket) {
    until("the run records", || {
        bucket.find("academy/test.json.lock").is_some_and(|lock| lock.contains("\"records\":1"))
    });
}

#[test]
fn second_run_at_once_is_refused() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    bob.apply_at_once().exits(6).says("another run holds the state");
    bob.run(&["plan"]).exits(0).says("is writing this state now");
    std::fs::write(resume, "").unwrap();
    running.end().exits(0);
    bob.apply().exits(0);
    assert_eq!(sandbox.templates().len(), 3);
    sandbox.assert_no_double_create();
}

#[test]
fn a_run_that_was_taken_over_sends_nothing() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    // As if its lease had ended.
    bucket.remove("academy/test.json.lock");
    bob.templates(&numbered(4..=4));
    let other = bob.apply();
    assert!([0, 4].contains(&other.code), "{other:?}");
    std::fs::write(resume, "").unwrap();
    let stopped = running.end();
    assert!([3, 4, 1].contains(&stopped.code), "{stopped:?}");
    assert!(stopped.stdout.contains("taken over"), "{stopped:?}");
    assert_eq!(sandbox.times_sent("Title 001"), 0);
    // What it had recorded is in doubt, because the other run cannot know that it sent nothing.
    bob.run(&["recover"]).says("t-001");
    sandbox.assert_no_double_create();
}

#[test]
fn a_stopped_run_sends_nothing_after_its_lease() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (mut running, resume) = ann.held_up();
    has_recorded(&bucket);
    running.signal("STOP");
    std::fs::write(resume, "").unwrap();
    // The other run waits for the end of the lease, without a command.
    bob.run(&["apply", "--auto-approve", "--lock-timeout", "60s"]).exits(4).says("waiting for");
    running.signal("CONT");
    let stopped = running.end();
    assert!([1, 3, 4].contains(&stopped.code), "{stopped:?}");
    assert_eq!(sandbox.requests().len(), 0);
    bob.run(&["plan"]).exits(0).says("3 in doubt");
}

#[test]
fn a_state_that_is_gone_is_no_first_run() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = project(&bucket, &sandbox);
    ann.templates(&numbered(1..=2));
    ann.apply().exits(0);
    ann.templates(&numbered(1..=3));
    ann.apply().exits(0);
    let state = bucket.read("academy/test.json");
    bucket.remove("academy/test.json");
    ann.run(&["plan"]).exits(5).says("academy/test.json.history/0000000002-");
    ann.apply().exits(5);
    // A machine that never wrote it sees that the journal belongs to a state.
    let bob = project(&bucket, &sandbox);
    bob.apply().exits(5);
    assert_eq!(sandbox.requests().len(), 2);
    bucket.write("academy/test.json", &state);
    ann.run(&["plan"]).exits(0).says("No changes.");
    bob.apply().exits(0);
}
