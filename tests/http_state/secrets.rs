//! The password goes to the server of the state alone, and is in no output.

use std::path::Path;

use serde_json::json;

use crate::project;
use crate::server::{Kind, PASSWORD, Server};
use crate::support::{Project, Run, Sandbox, numbered};

fn is_secret(run: &Run) {
    for said in [&run.stdout, &run.stderr] {
        assert!(!said.contains(PASSWORD) && !said.contains("8d1f=Z"), "the password was printed: {said}");
    }
}

/// Everything that a project and its user have on the disk.
fn is_secret_on_disk(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            is_secret_on_disk(&path);
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(!text.contains(PASSWORD), "the password is in {}", path.display());
        }
    }
}

fn loud(server: &Server, sandbox: &Sandbox) -> Project {
    let mut project = project(server, sandbox);
    project.set_env("CERTCTL_LOG", "trace");
    project
}

#[test]
fn the_password_is_in_no_output() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let ann = loud(&server, &sandbox);
    is_secret(&ann.run(&["plan", "-v", "--out", "a.plan"]).exits(0));
    is_secret(&ann.run(&["apply", "-v", "--auto-approve", "--json"]).exits(0));
    is_secret(&ann.run(&["state", "pull"]).exits(0));
    is_secret_on_disk(ann.path());
    is_secret_on_disk(ann.home());
    assert!(!String::from_utf8(server.document().unwrap()).unwrap().contains(PASSWORD));
    ann.templates(&numbered(1..=4));
    // A server that repeats what it was sent.
    server.lock_as(json!({ "ID": PASSWORD, "Who": PASSWORD, "Created": PASSWORD }));
    is_secret(&ann.apply_at_once().exits(6));
}

#[test]
fn wrong_and_missing_credentials_are_one_sentence() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let mut ann = loud(&server, &sandbox);
    ann.set_env("TF_HTTP_PASSWORD", &format!("{PASSWORD}x"));
    is_secret(&ann.run(&["plan"]).exits(1).says("does not accept the credentials (401)"));
    ann.unset_env("TF_HTTP_USERNAME");
    is_secret(&ann.run(&["plan"]).exits(1).says("because TF_HTTP_USERNAME is not set"));
    ann.unset_env("TF_HTTP_PASSWORD");
    ann.run(&["plan"]).exits(1).says("set TF_HTTP_USERNAME and TF_HTTP_PASSWORD");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn the_password_does_not_cross_a_redirect() {
    let (server, other) = (Server::start(Kind::Redirecting), Server::start(Kind::Plain));
    server.leads_to(&other);
    let sandbox = Sandbox::start(&[]);
    let ann = loud(&server, &sandbox);
    is_secret(&ann.run(&["plan"]).exits(1).says("answers with a redirect"));
    is_secret(&ann.apply().exits(1).says("answers with a redirect"));
    assert!(other.requests().is_empty());
}

#[test]
fn the_password_goes_to_no_other_server() {
    let (server, other) = (Server::start(Kind::GitLab), Server::start(Kind::Plain));
    let sandbox = Sandbox::start(&[]);
    let mut ann = loud(&server, &sandbox);
    ann.set_env("TF_HTTP_LOCK_ADDRESS", &other.state());
    let refused = ann.apply().exits(1).says("the credentials are not sent there");
    is_secret(&refused);
    assert!(!other.requests().is_empty());
    assert!(other.requests().iter().all(|request| !request.head.to_lowercase().contains("authorization")));
    assert!(sandbox.requests().is_empty());
}

#[test]
fn the_lock_can_be_named_as_for_terraform() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let mut ann = project(&server, &sandbox);
    let lock = format!("{}/lock", server.state());
    for (name, value) in [
        ("TF_HTTP_LOCK_ADDRESS", lock.as_str()),
        ("TF_HTTP_UNLOCK_ADDRESS", lock.as_str()),
        ("TF_HTTP_LOCK_METHOD", "POST"),
        ("TF_HTTP_UNLOCK_METHOD", "DELETE"),
        ("TF_HTTP_UPDATE_METHOD", "POST"),
    ] {
        ann.set_env(name, value);
    }
    ann.apply().exits(0);
    assert_eq!(server.lock(), None);
    ann.templates(&numbered(1..=4));
    ann.set_env("TF_HTTP_LOCK_METHOD", "PUT");
    ann.apply().exits(1).says("TF_HTTP_LOCK_METHOD");
    ann.set_env("TF_HTTP_LOCK_ADDRESS", &server.state());
    ann.set_env("TF_HTTP_LOCK_METHOD", "POST");
    ann.apply().exits(1).says("overwrites");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let sandbox = Sandbox::start(&[]);
    let ann = Project::on(&sandbox, "");
    for (state, why) in [
        ("http://gitlab.example.com/x", "without TLS"),
        ("https://me:topsecret@gitlab.example.com/x", "a password"),
        ("https://gitlab.example.com/x?private_token=topsecret", "a query"),
    ] {
        let config = Project::on(&sandbox, "").read("certctl.toml");
        let with_state = format!("[environments.test]\nstate = {state:?}");
        ann.write("certctl.toml", config.replace("[environments.test]", &with_state));
        let refused = ann.run(&["plan"]).exits(1).says(why).says("certctl.toml:3:");
        assert!(!refused.stderr.contains("topsecret"), "{refused:?}");
    }
}
