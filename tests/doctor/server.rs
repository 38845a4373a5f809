//! The academy's server: the key, the connection, the clock.

use jiff::{Timestamp, ToSpan as _};
use serde_json::json;

use crate::raw::{self, Raw};
use crate::support::{KEY, Project, Sandbox, numbered};
use crate::{doctor, is, only};

fn project(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=1));
    project
}

#[test]
fn right_key_is_asked_for_once() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    let run = doctor(&project, 0);
    is(only(&run, "connection"), "right", "answers");
    is(only(&run, "key"), "right", "(from CERTCTL_API_KEY) is right");
    is(only(&run, "clock"), "right", "it agrees");
    is(only(&run, "observer"), "right", "there is none");
    let requests = sandbox.requests();
    let asked = |request: &serde_json::Value| {
        request["method"] == "GET" && request["path"].as_str().unwrap().ends_with("/ping")
    };
    assert!(requests.len() == 1 && requests.iter().all(asked), "{requests:?}");

    project.unset_env("CERTCTL_API_KEY");
    project.write("key.txt", KEY);
    project.set_env("CERTCTL_API_KEY_FILE", "key.txt");
    is(only(&doctor(&project, 0), "key"), "right", "(from key.txt (CERTCTL_API_KEY_FILE)) is right");
}

#[test]
fn no_key_to_an_address_unlike_the_states() {
    let sandbox = Sandbox::start(&[]);
    let project = project(&sandbox);
    project.apply().exits(0);
    let server = dated(0);
    project.configure(&format!("http://{}", server.address), "");
    let run = doctor(&project, 1);
    is(only(&run, "key"), "look", "was not checked: while the state cannot be used");
    is(only(&run, "state"), "wrong", "belongs to");
    let requests = server.requests();
    assert!(requests.len() == 1 && !requests[0].to_lowercase().contains("authorization"), "{requests:?}");
    assert!(!requests[0].contains(KEY), "{requests:?}");
}

#[test]
fn wrong_and_missing_keys_are_wrong() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    project.set_env("CERTCTL_API_KEY", "another-key");
    let run = doctor(&project, 1);
    is(only(&run, "key"), "wrong", "(from CERTCTL_API_KEY) is refused");
    is(only(&run, "connection"), "right", "answers");
    assert!(!run.stdout.contains("another-key"), "{}", run.stdout);
    project.unset_env("CERTCTL_API_KEY");
    let run = doctor(&project, 1);
    is(only(&run, "key"), "wrong", "there is no API key for \"test\"");
    is(only(&run, "connection"), "right", "answers");
    project.run(&["doctor"]).exits(1).says("Set CERTCTL_API_KEY (or TI_API_KEY), name a file");
    #[cfg(unix)]
    types(&project, &crate::commands_for(&run, Some("test"), "key"), "CERTCTL_API_KEY");
}

/// Checks that the command puts what is typed into a variable for the commands after it.
#[cfg(unix)]
#[track_caller]
fn types(project: &Project, commands: &[String], variable: &str) {
    assert_eq!(commands.len(), 1, "{commands:?}");
    let lines = format!("{}; printenv {variable}", commands[0]);
    assert_eq!(crate::pasted(project, &lines, "a \\ secret\n"), "a \\ secret\n", "{lines}");
}

#[test]
fn a_command_that_fails_is_named() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    project.unset_env("CERTCTL_API_KEY");
    let toml = project.read("certctl.toml");
    let command = "api_key_command = [\"/nowhere/op\"]\n[environments.test.api]";
    project.write("certctl.toml", toml.replace("[environments.test.api]", command));
    is(only(&doctor(&project, 1), "key"), "wrong", "api_key_command: `/nowhere/op` could not be started");
}

#[test]
fn missing_password_of_an_observer_is_wrong() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    let toml = project.read("certctl.toml");
    project.write("certctl.toml", format!("{toml}[environments.test.observer]\nemail = \"o@example.com\"\n"));
    let run = doctor(&project, 1);
    is(only(&run, "observer"), "wrong", "there is no password for the observer of \"test\"");
    project.run(&["doctor"]).exits(1).says("password_command in [environments.test.observer]");
    #[cfg(unix)]
    types(&project, &crate::commands_for(&run, Some("test"), "observer"), "CERTCTL_OBSERVER_PASSWORD");
    project.set_env("CERTCTL_OBSERVER_PASSWORD", "correct horse");
    let run = doctor(&project, 0);
    is(only(&run, "observer"), "look", "(from CERTCTL_OBSERVER_PASSWORD); it is not known whether");
    assert!(!run.stdout.contains("correct horse"), "{}", run.stdout);
}

#[test]
fn what_an_observer_shows_is_read_from_the_state() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    let toml = project.read("certctl.toml");
    project.write("certctl.toml", format!("{toml}[environments.test.observer]\nemail = \"o@example.com\"\n"));
    project.set_env("CERTCTL_OBSERVER_PASSWORD", "correct horse");
    project.apply().exits(0);
    project.forget_marks();
    for (shows, says) in [
        ("now", "; its certificates show templates as they are"),
        ("at-issue", "; its certificates show templates as they were when"),
    ] {
        let mut state = project.state();
        state["observer_shows"] = json!(shows);
        project.write("state/test.json", format!("{state:#}\n"));
        is(only(&project.run(&["doctor", "--json"]).exits(0), "observer"), "right", says);
    }
}

/// A server that accepts the key, with this `Date`.
fn dated(seconds: i64) -> Raw {
    answering_at(seconds, &[])
}

/// The same with more headers.
fn answering_at(seconds: i64, more: &[(&str, &str)]) -> Raw {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let date = Timestamp::now() + seconds.seconds();
    let date = printer.timestamp_to_rfc9110_string(&date).unwrap();
    let body = json!({ "valid": true }).to_string();
    let headers = [&[("Date", date.as_str())], more].concat();
    Raw::answering(raw::response("200 OK", &headers, body.as_bytes()))
}

#[test]
fn a_clock_that_is_off_is_wrong() {
    // Halfway between two minutes, however long the answer takes.
    for (ahead, says) in [(20 * 60 + 30, "20 minutes behind"), (-(20 * 60 + 10), "20 minutes ahead of")] {
        let server = dated(ahead);
        let run = doctor(&server.project("http", &numbered(1..=1)), 1);
        is(only(&run, "clock"), "wrong", says);
        is(only(&run, "key"), "right", "is right");
    }
    let server = dated(0);
    is(only(&doctor(&server.project("http", &numbered(1..=1)), 0), "clock"), "right", "it agrees");
}

#[test]
fn a_repeated_answer_says_its_age() {
    let server = answering_at(-3_600, &[("Age", "3600")]);
    is(only(&doctor(&server.project("http", &numbered(1..=1)), 0), "clock"), "right", "it agrees");
}

#[test]
fn something_else_at_the_address_is_wrong() {
    let page = raw::response("200 OK", &[("Content-Type", "text/html")], b"<html>Log in</html>");
    let moved = raw::response("301 Moved", &[("Location", "https://other.example")], b"");
    for (answer, result, says) in [
        (page, "wrong", "but not as the academy's API does"),
        (moved, "wrong", "its address is another one (301): https://other.example"),
        (raw::response("404 Not Found", &[], b""), "wrong", "does not know the address of the API (404)"),
    ] {
        let server = Raw::answering(answer);
        let run = doctor(&server.project("http", &numbered(1..=1)), 1);
        is(only(&run, "connection"), result, says);
        is(only(&run, "key"), "look", "could not be checked");
    }
    let server = Raw::answering(raw::response("503 Busy", &[], b""));
    is(
        only(&doctor(&server.project("http", &numbered(1..=1)), 0), "connection"),
        "look",
        "has an error (503)",
    );
}

#[test]
#[cfg(target_os = "linux")]
fn without_authorities_only_loopback_is_reached() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    project.write("garbage.pem", "-----BEGIN CERTIFICATE-----\neA==\n-----END CERTIFICATE-----\n");
    project.write("empty/x", "");
    for (file, folder, says) in [
        ("garbage.pem", "", "no certificate in PEM form"),
        ("garbage.pem", "empty", "no file there has a certificate"),
        ("", "", "SSL_CERT_FILE names no file"),
    ] {
        project.set_env("SSL_CERT_FILE", file);
        project.set_env("SSL_CERT_DIR", folder);
        project.configure(&sandbox.url, "");
        let run = doctor(&project, 1);
        let authorities = crate::found(&run, None, "certificate-authorities");
        assert!(authorities.iter().any(|one| one.0 == "wrong" && one.1.contains(says)), "{authorities:?}");
        is(only(&run, "key"), "right", "is right");
        project.apply().exits(0);
        project.configure("https://127.0.0.1:1", "");
        is(only(&doctor(&project, 1), "connection"), "wrong", "this machine trusts no certificate authority");
    }
}

#[test]
fn proxies_are_named_without_their_password() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    project.configure("https://academy.invalid", "");
    project.set_env("HTTPS_PROXY", "http://me:topsecret@127.0.0.1:1");
    let run = doctor(&project, 1);
    is(only(&run, "connection"), "wrong", "the proxy 127.0.0.1:1 (HTTPS_PROXY) cannot be reached");
    is(crate::found(&run, None, "proxy").remove(0), "right", "HTTPS_PROXY is set");
    assert!(!run.stdout.contains("topsecret"), "{}", run.stdout);
    project.set_env("HTTPS_PROXY", "socks5://me:topsecret@127.0.0.1:1");
    let run = doctor(&project, 1);
    is(only(&run, "connection"), "wrong", "HTTPS_PROXY does not name a proxy that certctl can use");
    assert!(!run.stdout.contains("topsecret"), "{}", run.stdout);
}

#[test]
#[cfg(target_os = "linux")]
fn unreadable_authorities_are_wrong() {
    let sandbox = Sandbox::start(&[]);
    let mut project = project(&sandbox);
    for (file, says) in [
        ("nowhere.pem", "which cannot be used: no such file"),
        ("certctl.toml", "no certificate in PEM form"),
    ] {
        project.set_env("SSL_CERT_FILE", file);
        let run = doctor(&project, 1);
        is(crate::found(&run, None, "certificate-authorities").remove(0), "wrong", says);
    }
}
