//! Untrusted certificates. The connection ends before the first byte of a request.

use std::io::Write as _;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
#[cfg(target_os = "linux")]
use serde_json::Value;
use serde_json::json;

use crate::raw::{self, Raw};
#[cfg(target_os = "linux")]
use crate::support::Template;
use crate::support::{Project, numbered};

/// A TLS server that would accept two creates, and its PEM certificate for this host name.
fn server(name: &str) -> (Raw, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let answer = raw::json(&json!({ "createdCount": 2 }));
    let server = Raw::serving(move |stream, seen| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut tls = StreamOwned::new(connection, stream);
        if let Some(request) = raw::read_request(&mut tls) {
            seen.note(request);
            tls.write_all(&answer).unwrap();
            tls.conn.send_close_notify();
            tls.flush().unwrap();
        }
    });
    (server, pem(cert.der()))
}

/// A certificate in PEM form.
fn pem(der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in der.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// A project that trusts this certificate.
#[cfg(target_os = "linux")]
fn trusting(server: &Raw, certificate: &str, templates: &[Template]) -> Project {
    let mut project = server.project("https", templates);
    project.write("trusted.pem", certificate);
    let file = project.file("trusted.pem");
    project.set_env("SSL_CERT_FILE", file.to_str().unwrap());
    project
}

#[track_caller]
fn assert_nothing_was_sent(server: &Raw, project: &Project, says: &str) {
    let run = project.apply().exits(1).says(says).says("neither the key nor a template was sent");
    run.says("SSL_CERT_FILE")
        .says("`url` in certctl.toml")
        .says("nothing was applied")
        .says("0 in doubt, 2 not sent; 0 requests");
    assert_eq!(server.requests(), Vec::<String>::new());
    assert_eq!(server.connections(), 1, "the next connection would meet the same certificate");
    assert!(!project.file("state/test.json").exists() && !project.file("state/test.json.journal").exists());
    // A second run behaves the same.
    project.run(&["plan"]).exits(0).says("Plan: 2 to add");
    assert_eq!(project.apply_json(1)["summary"]["not_sent"], 2);
}

#[test]
fn untrusted_issuer_ends_run_before_sending() {
    let (server, _) = server("127.0.0.1");
    let project = server.project("https", &numbered(1..=2));
    assert_nothing_was_sent(&server, &project, "an authority that this machine does not trust");
}

#[test]
fn doctor_names_an_untrusted_certificate() {
    let (server, _) = server("127.0.0.1");
    let project = server.project("https", &numbered(1..=1));
    let run = project.run(&["doctor"]).exits(1).says("an authority that this machine does not trust");
    assert!(run.stdout.contains("export SSL_CERT_FILE="), "{}", run.stdout);
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[test]
#[cfg(target_os = "linux")]
fn wrong_certificate_name_ends_run_before_sending() {
    let (server, certificate) = server("academy.example.com");
    let project = trusting(&server, &certificate, &numbered(1..=2));
    assert_nothing_was_sent(&server, &project, "it is for another host name");
}

/// Counter-test: with a valid certificate, the same server and project work.
#[test]
#[cfg(target_os = "linux")]
fn valid_certificate_is_accepted() {
    let (server, certificate) = server("127.0.0.1");
    let templates = numbered(1..=2);
    let project = trusting(&server, &certificate, &templates);
    let result: Value = project.apply_json(0);
    assert_eq!(result["summary"]["created"], 2);
    server.assert_each_row_was_sent_once(&templates);
}
