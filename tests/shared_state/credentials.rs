//! Credentials that are missing, stores that do not answer, and what the messages say.

use crate::support::{Project, Sandbox, numbered};

fn project(state: &str) -> (Project, Sandbox) {
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

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+secret";

#[test]
fn missing_credentials_are_one_sentence() {
    let (project, _sandbox) = project("s3://bucket/x.json");
    let run = project.run(&["plan"]).exits(1).says("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    assert!(run.stderr.contains("aws configure export-credentials --format env"), "{}", run.stderr);
    let (project, _sandbox) = self::project("az://container/x.json");
    project.run(&["plan"]).exits(1).says("set AZURE_STORAGE_ACCOUNT_NAME");
}

#[test]
fn no_network_is_one_sentence() {
    let (mut project, _sandbox) = project("s3://bucket/x.json");
    project.set_env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    project.set_env("AWS_SECRET_ACCESS_KEY", SECRET);
    project.set_env("CERTCTL_LOG", "trace");
    let run =
        project.run(&["plan"]).exits(1).says("cannot read s3://bucket/x.json.lock: no answer from 127.0.0.1");
    assert!(!run.stderr.contains(SECRET) && !run.stdout.contains(SECRET), "the secret was printed");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let (mut project, _sandbox) = project("s3://bucket/x.json");
    project.set_env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    project.set_env("AWS_SECRET_ACCESS_KEY", SECRET);
    project.set_env("AWS_ENDPOINT_URL", "http://store.example.com");
    project.run(&["plan"]).exits(1).says("without TLS");
}

#[test]
fn other_addresses_are_refused_with_the_line() {
    for (state, why) in [
        ("gs://bucket/x.json", "not proven there"),
        ("s3://bucket", "names a bucket and nothing in it"),
        ("http://gitlab.example.com/api/v4/projects/1/terraform/state/x", "without TLS"),
    ] {
        let (project, _sandbox) = project(state);
        project.run(&["plan"]).exits(1).says(why).says("certctl.toml:3:");
    }
}

#[test]
fn commands_without_a_state_need_no_store() {
    let (project, _sandbox) = project("s3://bucket/x.json");
    project.run(&["validate"]).exits(0);
}
