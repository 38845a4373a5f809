//! States over Terraform's HTTP state protocol, with the real program against a server of the tests' own that keeps
//! GitLab's rules, and against simpler ones.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod doctor;
mod faults;
mod interrupted;
mod other_servers;
mod secrets;
mod server;
mod sharing;

#[path = "../support/mod.rs"]
mod support;

use server::{PASSWORD, Server, USER};
use support::{Project, Sandbox, numbered};

/// A project of one of the people who share this state.
fn project(server: &Server, sandbox: &Sandbox) -> Project {
    let mut project = Project::on(sandbox, "");
    keep_state_at(&mut project, &server.state());
    project.templates(&numbered(1..=3));
    project
}

fn keep_state_at(project: &mut Project, state: &str) {
    let config = project.read("certctl.toml");
    let with_state = format!("[environments.test]\nstate = {state:?}");
    project.write("certctl.toml", config.replace("[environments.test]", &with_state));
    project.set_env("TF_HTTP_USERNAME", USER);
    project.set_env("TF_HTTP_PASSWORD", PASSWORD);
}
