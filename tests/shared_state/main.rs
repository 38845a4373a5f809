//! States on object storage, with the real program against servers that are not ours: moto for S3, azurite for
//! Azure. `.ci/servers/install` installs them; without them these tests are skipped, unless `CERTCTL_SERVERS_REQUIRED` is
//! set.
#![cfg(unix)]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]
#![expect(clippy::cast_precision_loss, reason = "ratios are printed with one digit")]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod cost;
mod credentials;
mod doctor;
mod edits;
mod ending;
mod faults;
mod interrupted;
mod lost;
mod many;
mod moving;
mod proxy;
mod pruning;
mod servers;
mod sharing;
mod stores;
mod unlocking;

#[path = "../support/mod.rs"]
mod support;

use servers::Bucket;
use support::{Project, Sandbox, Template, numbered};

/// A project of one of the people who share this state.
fn project(bucket: &Bucket, sandbox: &Sandbox) -> Project {
    project_at(&bucket.state(), &[bucket], sandbox)
}

/// A project whose state is at this place, with access to these buckets.
fn project_at(state: &str, buckets: &[&Bucket], sandbox: &Sandbox) -> Project {
    let mut project = Project::on(sandbox, "");
    let config = project.read("certctl.toml");
    let state = format!("[environments.test]\nstate = {state:?}\nstore = {{ lease = \"10s\" }}");
    project.write("certctl.toml", config.replace("[environments.test]", &state));
    for bucket in buckets {
        bucket.set_env(&mut project);
    }
    project.templates(&templates());
    project
}

fn templates() -> Vec<Template> {
    numbered(1..=3)
}
