//! Signals while a run holds a shared state: whenever they come, the next run starts at once.

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::support::terminal::{CTRL_C, Session};
use crate::support::{Project, Sandbox, numbered};

/// Applies without waiting for any lock.
fn starts_at_once(project: &Project, code: i32) {
    project.apply_at_once().exits(code);
}

#[test]
fn one_signal_releases_the_lock() {
    for signal in ["INT", "TERM"] {
        let Some(bucket) = Bucket::new(Kind::S3) else { return };
        let sandbox = Sandbox::start(&["--fault", "bulk:*:stall-after"]);
        let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
        let mut running = ann.start(&["apply", "-y"]);
        sandbox.has_read(1);
        running.signal(signal);
        running.end().exits(4);
        sandbox.faults(&[]);
        starts_at_once(&bob, 4);
        sandbox.assert_no_double_create();
    }
}

#[test]
fn a_second_signal_releases_the_lock() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&["--fault", "bulk:*:stall-after"]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let mut session = Session::start(&ann.command(&["apply", "-y"]), 100);
    sandbox.has_read(1);
    session.types(CTRL_C);
    session.shows("Waiting for the answer");
    session.types(CTRL_C);
    assert_eq!(session.end().0, 4);
    // The run was stopped in the middle, so the next one must not take the lock's word for how many records there are.
    let lock: serde_json::Value = serde_json::from_str(&bucket.read("academy/test.json.lock")).unwrap();
    assert_eq!((&lock["released"], &lock["ended"]), (&true.into(), &false.into()), "{lock}");
    sandbox.faults(&[]);
    starts_at_once(&bob, 4);
    sandbox.assert_no_double_create();
}

#[test]
fn ctrl_c_at_a_question_releases_the_lock() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    ann.apply().exits(0);
    let mut session = Session::start(&ann.command(&["state", "rm", "t-001"]), 100);
    session.shows("Forget it?");
    let edit = ["state", "mv", "t-002", "other", "--lock-timeout", "0s"];
    bob.run(&edit).exits(6);
    session.types(CTRL_C);
    assert_eq!(session.end().0, 130);
    bob.run(&edit).exits(0);
}

#[test]
fn every_plan_says_that_the_store_may_be_unsafe() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = project(&bucket, &sandbox);
    let config = ann.read("certctl.toml");
    ann.write(
        "certctl.toml",
        config.replace("lease = \"10s\"", "lease = \"10s\", allow_unsafe_store = true"),
    );
    let words = "allow_unsafe_store = true: the store of";
    ann.templates(&numbered(1..=1));
    for _ in 0..2 {
        let reports =
            ["--report", "markdown=plan.md", "--report", "html=plan.html", "--report", "json=plan.json"];
        let plan = ann.run(&[&["plan", "--out", "saved.plan"], &reports[..]].concat()).exits(0);
        assert!(plan.stdout.contains(words), "{plan:?}");
        // Markdown may escape the underscores.
        assert!(ann.read("plan.md").replace('\\', "").contains(words), "{}", ann.read("plan.md"));
        assert!(ann.read("plan.html").contains(words), "{}", ann.read("plan.html"));
        let json: serde_json::Value = serde_json::from_str(&ann.read("plan.json")).unwrap();
        assert!(json["warnings"].to_string().contains(words), "{json:#}");
        let shown = ann.run(&["show", "saved.plan"]).exits(0);
        assert!(shown.stdout.contains(words), "{shown:?}");
        // The same once nothing is left to do.
        ann.apply().exits(0);
    }
}
