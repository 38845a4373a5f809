//! Runs that are killed between any two steps, and others that go on from another machine.

use std::collections::BTreeSet;

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::support::{Project, Run, Sandbox};

/// Every crash point that an apply reaches, once each.
fn points(project: &Project) -> Vec<String> {
    let trace = project.file("trace");
    let mut command = project.command(&["apply", "--auto-approve"]);
    command.env("CERTCTL_CRASH_TRACE", &trace);
    Run::of(command.output().unwrap()).exits(0);
    let reached = std::fs::read_to_string(&trace).unwrap();
    reached
        .lines()
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

fn killed_everywhere(kind: Kind) {
    let Some(bucket) = Bucket::new(kind) else { return };
    let sandbox = Sandbox::start(&[]);
    let points = points(&project(&bucket, &sandbox));
    assert!(points.len() > 8, "{points:?}");
    for point in points {
        let (Some(bucket), sandbox) = (Bucket::new(kind), Sandbox::start(&[])) else { return };
        let ann = project(&bucket, &sandbox);
        let mut command = ann.command(&["apply", "--auto-approve"]);
        command.env("CERTCTL_CRASH_AT", format!("{point}:1"));
        assert_ne!(Run::of(command.output().unwrap()).code, 0, "it was not killed at {point}");
        let bob = project(&bucket, &sandbox);
        if point == "record-durable" {
            bob.run(&["apply", "--auto-approve", "--lock-timeout", "0s"])
                .exits(6)
                .says("its hold ends by itself in");
        } else if point != "lock-cleared" {
            // As if time had passed.
            bucket.remove("academy/test.json.lock");
        }
        // Another machine goes on; where the lock was left behind, it waits for the end of the lease.
        let went_on = bob.run(&["apply", "--auto-approve", "--lock-timeout", "60s"]);
        assert!([0, 4].contains(&went_on.code), "{point}: {went_on:?}");
        sandbox.assert_no_double_create();
        let in_doubt = bob.plan_json()["summary"]["in_doubt"].as_u64().unwrap();
        let known = bob.plan_json()["summary"]["unchanged"].as_u64().unwrap();
        assert_eq!(in_doubt + known, 3, "{point}");
        assert_eq!(in_doubt > 0, went_on.code == 4, "{point}: {went_on:?}");
        if in_doubt == 0 {
            assert_eq!(sandbox.templates().len(), 3, "{point}");
            bob.run(&["plan"]).exits(0).says("No changes.");
        }
    }
}

#[test]
fn killed_at_every_step_on_s3() {
    killed_everywhere(Kind::S3);
}

#[test]
fn killed_at_every_step_on_azure() {
    if std::env::var_os("CERTCTL_SERVERS_REQUIRED").is_some() {
        killed_everywhere(Kind::Azure);
    }
}
