//! Objects of a shared state that are lost or damaged, with the real program.

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::sharing::has_recorded;
use crate::support::{Project, Sandbox, numbered};

const STATE: &str = "academy/test.json";

/// Two machines, and a state with two versions.
fn two_versions(bucket: &Bucket, sandbox: &Sandbox) -> (Project, Project) {
    let (ann, bob) = (project(bucket, sandbox), project(bucket, sandbox));
    ann.templates(&numbered(1..=2));
    ann.apply().exits(0);
    ann.templates(&numbered(1..=3));
    ann.apply().exits(0);
    (ann, bob)
}

#[test]
fn lost_records_leave_their_rows_in_doubt() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, _) = ann.held_up();
    has_recorded(&bucket);
    running.kill();
    for key in bucket.keys().iter().filter(|key| key.contains(".journal/")) {
        bucket.remove(key);
    }
    let plan = bob.run(&["plan"]).exits(0).says("3 in doubt");
    assert!(plan.stderr.contains("000001.json is missing"), "{plan:?}");
    // The lock ends with its lease.
    bob.run(&["apply", "--auto-approve", "--lock-timeout", "60s"]).exits(4);
    assert_eq!(sandbox.requests().len(), 0);
    bob.run(&["recover"]).exits(0).says("t-001");
    bob.run(&["state", "verify"]).exits(0);
    bob.run(&["recover", "t-001", "t-002", "t-003", "--not-created"]).exits(0);
    bob.apply().exits(0);
    sandbox.assert_no_double_create();
}

#[test]
fn lost_lock_forgets_nothing() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, _) = ann.held_up();
    has_recorded(&bucket);
    running.kill();
    bucket.remove("academy/test.json.lock");
    bob.apply_at_once().exits(4);
    bob.run(&["plan"]).exits(0).says("3 in doubt");
    assert_eq!(sandbox.requests().len(), 0);
}

fn gone_and_restored(kind: Kind) {
    let Some(bucket) = Bucket::new(kind) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = two_versions(&bucket, &sandbox);
    bucket.remove(STATE);
    for person in [&ann, &bob] {
        for command in [&["plan"][..], &["apply", "--auto-approve"]] {
            let refused = person.run(command).exits(5);
            let told = refused.stdout.clone() + &refused.stderr;
            assert!(
                told.contains("certctl state restore 2 -e test") || told.contains("certctl state push "),
                "{told}"
            );
        }
    }
    bob.run(&["state", "restore", "2"]).exits(1).says("--auto-approve");
    bob.run(&["state", "restore", "2", "--auto-approve"]).exits(0).says("has serial 3 now");
    for person in [&ann, &bob] {
        person.templates(&numbered(1..=3));
        person.run(&["plan"]).exits(0).says("No changes.");
        person.apply().exits(0);
    }
    assert_eq!(sandbox.requests().len(), 2);
    ann.run(&["state", "restore", "1", "--auto-approve"]).exits(5).says("certctl revert --to 1");
}

#[test]
fn lost_state_is_restored_on_s3() {
    gone_and_restored(Kind::S3);
}

#[test]
fn lost_state_is_restored_on_azure() {
    gone_and_restored(Kind::Azure);
}

#[test]
fn lost_state_is_pushed_back() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    std::fs::create_dir_all(bob.file("copies/of")).unwrap();
    for version in 1..=3 {
        ann.templates(&numbered(1..=version));
        ann.apply().exits(0);
        bob.write(&format!("copies/of/{version}.json"), bob.run(&["state", "pull"]).exits(0).stdout);
    }
    let push = |version| {
        let copy = format!("copies/of/{version}.json");
        bob.run(&["state", "push", &copy, "--auto-approve"])
    };
    push(3).exits(0).says("nothing was written");
    bucket.remove(STATE);
    push(2).exits(5).says("certctl state restore 3 -e test");
    // Nothing is kept either: only the last journal says that there was more.
    for key in bucket.keys().iter().filter(|key| key.contains(".history/")) {
        bucket.remove(key);
    }
    push(1).exits(5).says("the last run");
    // The last run began with this one: what it recorded is in its journal.
    push(2).exits(0).says("with serial 3");
    bob.templates(&numbered(1..=3));
    bob.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(sandbox.requests().len(), 3);
}

#[test]
fn run_on_a_lost_state_stops_when_it_is_back() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = two_versions(&bucket, &sandbox);
    ann.templates(&numbered(1..=4));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    bucket.remove(STATE);
    bob.run(&["state", "restore", "2", "--auto-approve", "--lock-timeout", "0s"]).exits(6);
    bucket.remove("academy/test.json.lock");
    bob.run(&["state", "restore", "2", "--auto-approve"]).exits(0).says("1 template is in doubt");
    std::fs::write(resume, "").unwrap();
    let stopped = running.end();
    assert!([1, 3, 4].contains(&stopped.code), "{stopped:?}");
    assert_eq!(sandbox.requests().len(), 2);
    bob.templates(&numbered(1..=4));
    bob.run(&["plan"]).exits(0).says("1 in doubt");
}

#[test]
fn damaged_state_is_replaced_and_kept() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = two_versions(&bucket, &sandbox);
    bob.templates(&numbered(1..=3));
    let whole = bucket.read(STATE);
    let half = whole[..whole.len() / 2].to_owned();
    let markers = whole.replacen("  \"format\"", "<<<<<<< HEAD\n=======\n>>>>>>> b\n  \"format\"", 1);
    let strange = r#"{ "format": "certctl.state/v1", "lineage": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01", "serial": 9,
        "environment": "test", "url": "URL", "templates": {} }"#;
    let url = whole.split_once("\"url\": \"").unwrap().1.split_once('"').unwrap().0;
    let strange = strange.replace("URL", url);
    for (serial, damaged) in (3..).zip([half, markers, strange]) {
        bucket.write(STATE, &damaged);
        let refused = bob.run(&["apply", "--auto-approve"]);
        assert!([1, 5].contains(&refused.code), "{refused:?}");
        let newest = (serial - 1).to_string();
        bob.run(&["state", "restore", &newest, "--auto-approve"]).exits(0).says("damaged-");
        bob.run(&["plan"]).exits(0).says("No changes.");
        ann.run(&["plan"]).exits(0).says("No changes.");
    }
    // A state of another environment is left where it is.
    let other = bucket.read(STATE).replace("\"environment\": \"test\"", "\"environment\": \"other\"");
    bucket.write(STATE, &other);
    bob.run(&["state", "restore", "2", "--auto-approve"]).exits(5);
    assert_eq!(bucket.read(STATE), other);
    assert_eq!(bucket.keys().iter().filter(|key| key.contains(".history/damaged-")).count(), 3);
    assert_eq!(sandbox.requests().len(), 2);
}

#[test]
fn versions_that_could_not_be_kept_are_kept_later() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = two_versions(&bucket, &sandbox);
    let versions = || bucket.keys().into_iter().filter(|key| key.contains(".history/")).collect::<Vec<_>>();
    let all = versions();
    bucket.remove(&all[1]);
    bob.templates(&numbered(1..=4));
    bob.apply().exits(0);
    assert_eq!(versions()[..2], all);
    bucket.remove(&all[0]);
    ann.run(&["state", "show", "t-001", "--at", "1"]).exits(1).says("no version of the state");
    ann.run(&["state", "show", "t-001", "--at", "2"]).exits(0).says("Title 001");
}

#[test]
fn earlier_contents_come_back_by_a_plan() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = project(&bucket, &sandbox);
    ann.templates(&numbered(1..=1));
    ann.apply().exits(0);
    ann.templates(&[numbered(1..=1).remove(0).titled("Another")]);
    ann.apply().exits(0);
    ann.run(&["revert", "t-001", "--at", "1", "--out", "back.plan"]).exits(0).says("Title 001");
    ann.run(&["apply", "back.plan"]).exits(0);
    ann.run(&["state", "show", "t-001"]).exits(0).says("Title 001");
    assert_eq!(sandbox.templates().len(), 1);
}

#[test]
fn a_pulled_copy_is_planned_without_credentials() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, mut bob) = two_versions(&bucket, &sandbox);
    bob.write("copy.json", ann.run(&["state", "pull"]).exits(0).stdout);
    bob.templates(&numbered(1..=4));
    for (name, _) in bucket.env() {
        bob.unset_env(name);
    }
    bob.run(&["plan"]).exits(1);
    bob.run(&["plan", "--state", "copy.json"]).exits(0).says("Plan: 1 to add");
}
