//! `observer certify`, killed at every point: a certificate that may have been issued is not issued again, unless a person
//! names it with `--again`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kill::{By, Occurrence, spots};
use crate::support::terminal::Session;
use crate::support::{KEY, Project, Sandbox, numbered};

const PASSWORD: &str = "a long password";
const USER: &str = "0b5e7c1e-0000-4000-8000-00000000a5e1";
/// What a process says where it waits to be killed.
const WAITING: &str = "waiting at ";
const CERTIFY: [&str; 2] = ["observer", "certify"];

/// A project whose two templates are on the server, with an observer who has no certificate.
fn set_up(sandbox: &Sandbox) -> Project {
    sandbox.http("POST", "/_sandbox/reset", "");
    let mut project = Project::on(sandbox, "");
    let settings = project.read("certctl.toml");
    let observer =
        format!("[environments.test.observer]\nemail = \"observer@example.com\"\nuser_id = \"{USER}\"\n");
    project.write("certctl.toml", format!("{settings}{observer}"));
    project.set_env("CERTCTL_API_KEY", KEY);
    project.set_env("CERTCTL_OBSERVER_PASSWORD", PASSWORD);
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project
}

/// Runs the command on a terminal and says yes, if it asks. With a spot, the process dies there.
fn certify(project: &Project, arguments: &[&str], spot: Option<&Occurrence>) -> (i32, String) {
    let mut command = project.command(arguments);
    command.env("CERTCTL_CRASH_TRACE", project.file("trace.txt"));
    if let Some(spot) = spot {
        command.env("CERTCTL_CRASH_AT", format!("{}:{}", spot.point, spot.passage));
        if spot.by == By::Sigkill {
            command.env("CERTCTL_CRASH_BY", "wait");
        }
    }
    let mut session = Session::start(&command, 200);
    if session.shows_any_or_ends(&["Type yes", WAITING]) && !session.heard().contains(WAITING) {
        session.types("yes\n");
        session.shows_any_or_ends(&[WAITING]);
    }
    let heard = session.heard();
    if heard.contains(WAITING) {
        drop(session);
        return (-1, heard);
    }
    session.end()
}

/// How often a certificate was requested, by course.
fn requested(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let mut requested = BTreeMap::new();
    for request in sandbox.requests() {
        if request["path"].as_str().unwrap().ends_with("/certify") {
            *requested.entry(request["body"]["resourceId"].to_string()).or_default() += 1;
        }
    }
    requested
}

fn status(project: &Project) -> Value {
    project.run(&["observer", "status", "--json"]).exits(0).json()
}

#[test]
fn observer_certify() {
    let sandbox = Sandbox::start(&["--observer-password", PASSWORD]);
    let project = set_up(&sandbox);
    let (code, shown) = certify(&project, &CERTIFY, None);
    assert_eq!(code, 0, "{shown}");
    let mut passages: BTreeMap<String, usize> = BTreeMap::new();
    for line in project.read("trace.txt").lines() {
        *passages.entry(line.to_owned()).or_default() += 1;
    }
    let (mut killed, mut left_out) = (0, 0);
    for spot in &spots(&passages, true) {
        let project = set_up(&sandbox);
        let (code, shown) = certify(&project, &CERTIFY, Some(spot));
        assert_eq!(code, -1, "not killed at {spot:?}\n{shown}");
        killed += 1;
        let begun = requested(&sandbox);
        let (code, shown) = certify(&project, &CERTIFY, None);
        assert_eq!(code, 0, "{spot:?}\n{shown}");
        let sent = requested(&sandbox);
        assert!(sent.values().all(|times| *times == 1), "{spot:?}: {sent:?}");
        let status_now = status(&project);
        let unseen = status_now["unseen"].as_array().unwrap();
        left_out += unseen.len();
        // What was not sent is told as what may have been issued.
        for one in unseen {
            assert!(shown.contains("left out") && shown.contains("--again"), "{spot:?}\n{shown}");
            assert!(one["reason"].as_str().unwrap().contains("may have been issued"), "{spot:?}: {one}");
            let again = [&CERTIFY[..], &[one["key"].as_str().unwrap(), "--again"]].concat();
            let (code, shown) = certify(&project, &again, None);
            assert_eq!(code, 0, "{spot:?}\n{shown}");
        }
        assert_eq!(status(&project)["seen"].as_array().unwrap().len(), 2, "{spot:?}");
        assert!(begun.values().sum::<usize>() <= 2 && sent.len() + unseen.len() >= 2, "{spot:?}");
        assert_eq!(project.state()["certificates_in_doubt"], Value::Null, "{spot:?}");
    }
    assert!(left_out > 0, "no kill came between the record and the request");
    println!("{CERTIFY:?}: killed {killed} times at {} points", passages.len());
}
