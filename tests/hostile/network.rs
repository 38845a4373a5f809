//! No connection at all: reported once, in one sentence, without a programmer's terms.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::support::{Project, Run, numbered};

/// A project for the server at this address, with two templates and a key.
fn project(url: &str) -> Project {
    let mut project = Project::empty();
    project.configure(url, "");
    project.set_env("CERTCTL_API_KEY", "secretsecret");
    project.templates(&numbered(1..=2));
    project
}

/// Checks the report of a run that reached no server.
#[track_caller]
fn told(project: &Project, says: &str) -> Run {
    let run = project.apply().exits(1).says("cannot reach").says(says).says("(tried 5 times)");
    assert_eq!(run.stdout.matches(says).count(), 1, "must be reported once\n{}", run.stdout);
    for word in ["sent 5 times", "client error", "Connect", "os error", "error sending"] {
        assert!(!run.stdout.contains(word), "{word}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("secret") && !run.stderr.contains("secret"), "{}", run.stdout);
    run.says("2 not sent; 0 requests")
}

/// An address that no program listens on.
fn closed() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A proxy that sends this answer to every connection.
fn proxy(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn refused_connection_is_reported_once() {
    let address = closed();
    let project = project(&format!("http://{address}"));
    told(&project, &format!("no program answers at {address} (connection refused)"));
}

#[test]
fn unknown_host_name_is_reported_once() {
    let project = project("https://academy.invalid");
    told(&project, "the name academy.invalid cannot be looked up (DNS)");
}

mod proxies {
    use super::*;

    fn behind(proxy: &str) -> Project {
        let mut project = project("https://academy.example.com");
        project.set_env("HTTPS_PROXY", proxy);
        project
    }

    #[test]
    fn refusing_proxy_is_named() {
        let address = proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        let project = behind(&format!("http://me:secret@{address}"));
        told(
            &project,
            &format!(
                "the proxy {address} (HTTPS_PROXY) answered 403 Forbidden when asked for a connection to \
                 academy.example.com:443"
            ),
        );
    }

    #[test]
    fn missing_proxy_credentials_are_reported() {
        let address = proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        told(
            &behind(&format!("http://{address}")),
            "(HTTPS_PROXY) requires a user name and a password (407)",
        );
    }

    #[test]
    fn unreachable_proxy_is_named() {
        let address = closed();
        let project = behind(&address);
        told(&project, &format!("the proxy {address} (HTTPS_PROXY) cannot be reached"));
    }

    #[test]
    fn unusable_proxy_variable_is_an_error() {
        for value in ["not a proxy", "socks5://me:secret@127.0.0.1:1", "http://"] {
            let run = behind(value).apply().exits(1).says("HTTPS_PROXY does not name a proxy");
            assert!(!run.stderr.contains("secret"), "{}", run.stderr);
        }
    }
}
