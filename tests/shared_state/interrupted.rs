//! Runs that are killed between any two steps, and others that go on from another machine.

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::support::{Run, Sandbox};

fn killed_everywhere(kind: Kind) {
    let Some(bucket) = Bucket::new(kind) else { return };
    let sandbox = Sandbox::start(&[]);
    let points = project(&bucket, &sandbox).points_of_apply();
    assert!(points.len() > 8, "{points:?}");
    for point in points.into_keys() {
        let (Some(bucket), sandbox) = (Bucket::new(kind), Sandbox::start(&[])) else { return };
        let ann = project(&bucket, &sandbox);
        let mut command = ann.command(&["apply", "--auto-approve"]);
        command.env("CERTCTL_CRASH_AT", format!("{point}:1"));
        assert_ne!(Run::of(command.output().unwrap()).code, 0, "it was not killed at {point}");
        let bob = project(&bucket, &sandbox);
        if point == "record-durable" {
            bob.apply_at_once().exits(6).says("its hold ends by itself in");
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
