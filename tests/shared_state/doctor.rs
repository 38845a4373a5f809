//! What `doctor` says about the store of a shared state. It only reads there, unless it is asked to try it out.

use serde_json::Value;

use crate::project;
use crate::proxy::Conditions;
use crate::servers::{Bucket, Kind};
use crate::stores::{behind_a_proxy, through};
use crate::support::{Project, Run, Sandbox, numbered};

/// What was found about the store: its results and messages.
fn store(run: &Run) -> Vec<(String, String)> {
    let document = run.json();
    let checks = document["checks"].as_array().unwrap().iter();
    let text = |check: &Value, member: &str| check[member].as_str().unwrap().to_owned();
    checks
        .filter(|check| check["subject"] == "store")
        .map(|check| (text(check, "result"), text(check, "message")))
        .collect()
}

fn look(kind: Kind, variable: &str) {
    let Some(bucket) = Bucket::new(kind) else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = project(&bucket, &sandbox);
    let run = ann.run(&["doctor", "--json"]).exits(0);
    let found = store(&run);
    assert!(found.iter().all(|(result, _)| result == "right"), "{found:?}");
    assert!(found[0].1.contains(variable), "{found:?}");
    assert!(found[1].1.contains("is found out by the first run"), "{found:?}");
    assert!(!run.stdout.contains("test-secret"), "{}", run.stdout);
    ann.apply().exits(0);
    let found = store(&ann.run(&["doctor", "--json"]).exits(0));
    assert!(found[1].1.contains("was seen to compare and swap"), "{found:?}");
}

#[test]
fn a_bucket_is_looked_at() {
    look(Kind::S3, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL");
}

#[test]
fn a_container_is_looked_at() {
    look(Kind::Azure, "AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY");
}

#[test]
fn doctor_writes_nothing_to_a_bucket() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = project(&bucket, &sandbox);
    ann.run(&["doctor"]).exits(0);
    assert_eq!(bucket.keys(), [""; 0]);
    ann.apply().exits(0);
    let (keys, lock) = (bucket.keys(), bucket.read("academy/test.json.lock"));
    ann.run(&["doctor"]).exits(0).says("has 3 templates, serial 1");
    assert_eq!((bucket.keys(), bucket.read("academy/test.json.lock")), (keys, lock));
}

#[test]
fn doctor_tries_out_a_store_when_asked() {
    let Some((bucket, proxy)) = behind_a_proxy() else { return };
    let sandbox = Sandbox::start(&[]);
    let ann = through(&proxy, &bucket, &sandbox);
    let found = store(&ann.run(&["doctor", "--probe-store", "--json"]).exits(0));
    assert!(found[1].1.contains("was seen to compare and swap"), "{found:?}");
    assert!(bucket.keys().iter().all(|key| key.contains(".probe/")), "{:?}", bucket.keys());
    proxy.treats_conditions(Conditions::IgnoredTogether);
    let run = ann.run(&["doctor", "--probe-store", "--json"]).exits(1);
    let found = store(&run);
    assert!(found[0].0 == "wrong" && found[0].1.contains("succeeded at the same time"), "{found:?}");
    // What was proven once is tried out all the same.
    proxy.treats_conditions(Conditions::Kept);
    ann.apply().exits(0);
    proxy.treats_conditions(Conditions::Ignored);
    ann.run(&["doctor", "--probe-store"]).exits(1).says("succeeded at the same time");
    ann.run(&["doctor"]).exits(0);
}

fn without_a_store(state: &str) -> (Project, Sandbox) {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    let config = project.read("certctl.toml");
    let with_state = format!("[environments.test]\nstate = {state:?}");
    project.write("certctl.toml", config.replace("[environments.test]", &with_state));
    project.templates(&numbered(1..=1));
    // No test leaves this machine to look for credentials.
    project.set_env("AWS_METADATA_ENDPOINT", "http://127.0.0.1:2");
    project.set_env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    (project, sandbox)
}

#[test]
fn missing_credentials_are_named_with_their_variables() {
    let (mut project, _sandbox) = without_a_store("s3://bucket/x.json");
    project.set_env("AWS_PROFILE", "academy");
    let run = project.run(&["doctor", "--json"]).exits(1);
    let found = store(&run);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"), "{found:?}");
    assert!(run.stdout.contains("Set, and not read by certctl: AWS_PROFILE"), "{}", run.stdout);
    // The rest is looked at all the same, except what is in the store.
    assert!(run.stdout.contains("\"key\"") && !run.stdout.contains("\"lock\""), "{}", run.stdout);
    let (project, _sandbox) = without_a_store("az://container/x.json");
    project.run(&["doctor"]).exits(1).says("set AZURE_STORAGE_ACCOUNT_NAME");
}

#[test]
fn stores_without_an_answer_are_wrong() {
    let (mut project, _sandbox) = without_a_store("s3://bucket/x.json");
    project.set_env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    project.set_env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+secret");
    let run = project.run(&["doctor"]).exits(1).says("no answer from 127.0.0.1");
    assert!(run.stdout.contains("These variables for it are set: AWS_ACCESS_KEY_ID"), "{}", run.stdout);
    assert!(!run.stdout.contains("wJalr") && !run.stdout.contains("AKIA"), "{}", run.stdout);
}

#[test]
fn a_lock_of_another_machine_is_named() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&["--fault", "bulk:*:stall-before"]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let holder = ann.start(&["apply", "-y"]);
    sandbox.has_read(1);
    bob.run(&["doctor"]).exits(0).says("holds the state").says("state unlock");
    holder.kill();
}
