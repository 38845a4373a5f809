//! Stores that ignore conditions, answer reads with the past, have another clock, or keep a run waiting.

use std::path::PathBuf;
use std::time::Duration;

use crate::project;
use crate::proxy::{Conditions, Proxy};
use crate::servers::{Bucket, Kind};
use crate::support::running::{Running, until};
use crate::support::{Project, Sandbox};

/// A proxy in front of a new bucket.
pub(crate) fn behind_a_proxy() -> Option<(Bucket, Proxy)> {
    let bucket = Bucket::new(Kind::S3)?;
    let proxy = Proxy::before(bucket.address);
    Some((bucket, proxy))
}

/// A project of one of the people, who reaches the store by this proxy.
pub(crate) fn through(proxy: &Proxy, bucket: &Bucket, sandbox: &Sandbox) -> Project {
    let mut project = project(bucket, sandbox);
    project.set_env("AWS_ENDPOINT_URL", &format!("http://{}", proxy.address));
    project
}

/// An apply that stands still when it reaches this point, and the file that lets it go on.
fn stops_at(project: &Project, point: &str) -> (Running, PathBuf) {
    let (resume, trace) = (project.file("resume"), project.file("trace"));
    let mut command = project.command(&["apply", "--auto-approve", "--json"]);
    command
        .env("CERTCTL_PAUSE_AT", format!("{point}:1"))
        .env("CERTCTL_CRASH_TRACE", &trace)
        .env("CERTCTL_RESUME", &resume);
    let running = Running::start(&mut command);
    until("the run stands still", || {
        std::fs::read_to_string(&trace).is_ok_and(|reached| reached.lines().any(|line| line == point))
    });
    (running, resume)
}

#[test]
fn stores_that_ignore_conditions_are_refused() {
    for conditions in [Conditions::Ignored, Conditions::IgnoredTogether] {
        let Some((bucket, proxy)) = behind_a_proxy() else { return };
        let sandbox = Sandbox::start(&[]);
        let ann = through(&proxy, &bucket, &sandbox);
        proxy.treats_conditions(conditions);
        ann.apply().exits(5).says("succeeded at the same time");
        assert_eq!(sandbox.requests().len(), 0, "{conditions:?}");
        assert!(bucket.keys().iter().all(|key| key.contains(".probe/")), "{:?}", bucket.keys());
        let config = ann.read("certctl.toml");
        ann.write("certctl.toml", config.replace("lease = ", "allow_unsafe_store = true, lease = "));
        ann.apply().exits(0);
        ann.run(&["plan"]).exits(0).says("allow_unsafe_store");
    }
}

#[test]
fn a_run_that_sees_the_past_sends_nothing() {
    // It has raised the epoch and reads the state; it is about to record its request; it has recorded it.
    for (point, in_doubt) in [("lock-named", 0), ("record-begun", 0), ("request-ready", 3)] {
        let Some((bucket, proxy)) = behind_a_proxy() else { return };
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let (ann, bob) = (through(&proxy, &bucket, &sandbox), project(&bucket, &sandbox));
        let (running, resume) = stops_at(&ann, point);
        proxy.freeze();
        // As if the lease had ended.
        bucket.remove("academy/test.json.lock");
        bob.apply().exits(if in_doubt > 0 { 4 } else { 0 });
        std::fs::write(resume, "").unwrap();
        let stopped = running.end();
        assert!([1, 3, 4].contains(&stopped.code), "{point}: {stopped:?}");
        sandbox.assert_no_double_create();
        assert_eq!(sandbox.requests().len(), usize::from(in_doubt == 0), "{point}: {stopped:?}");
        let plan = bob.plan_json();
        assert_eq!(plan["summary"]["in_doubt"], in_doubt, "{point}");
        assert_eq!(plan["summary"]["unchanged"], 3 - in_doubt, "{point}");
    }
}

#[test]
fn leases_are_of_the_clock_of_the_store() {
    for seconds in [600, -600] {
        let Some((bucket, proxy)) = behind_a_proxy() else { return };
        let sandbox = Sandbox::start(&[]);
        proxy.clock_is_off_by(seconds);
        let (ann, bob) = (through(&proxy, &bucket, &sandbox), through(&proxy, &bucket, &sandbox));
        let (running, resume) = stops_at(&ann, "request-ready");
        let refused = bob.apply_at_once().exits(6);
        let (_, left) = refused.stderr.split_once("its hold ends by itself in ").unwrap();
        let left: u64 = left.split(' ').next().unwrap().parse().unwrap();
        assert!((1..=10).contains(&left), "{seconds}: {}", refused.stderr);
        std::fs::write(resume, "").unwrap();
        running.end().exits(0);
        bob.apply().exits(0);
        assert_eq!(sandbox.requests().len(), 1);
    }
}

#[test]
fn slow_answers_stop_a_run_that_was_taken_over() {
    let Some((bucket, proxy)) = behind_a_proxy() else { return };
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let (ann, bob) = (through(&proxy, &bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = stops_at(&ann, "record-begun");
    // Its requests reach the store, and no answer comes for longer than its lease.
    proxy.holds(true);
    std::fs::write(resume, "").unwrap();
    until("the run records", || bucket.keys().iter().any(|key| key.contains(".journal/")));
    bob.run(&["apply", "--auto-approve", "--lock-timeout", "60s"]).exits(4).says("waiting for");
    proxy.holds(false);
    let stopped = running.end();
    assert!([1, 3, 4].contains(&stopped.code), "{stopped:?}");
    assert_eq!(sandbox.requests().len(), 0, "{stopped:?}");
    bob.run(&["plan"]).exits(0).says("3 in doubt");
}

#[test]
fn slow_answers_only_take_time() {
    let Some((bucket, proxy)) = behind_a_proxy() else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = through(&proxy, &bucket, &sandbox);
    ann.templates(&crate::support::numbered(1..=1));
    ann.apply().exits(0);
    proxy.answers_after(Duration::from_millis(300));
    ann.templates(&crate::templates());
    ann.apply().exits(0);
    ann.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(sandbox.templates().len(), 3);
}
