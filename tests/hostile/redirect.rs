//! Servers that redirect certctl. The key must not be sent to another address.

use crate::raw::{Raw, response};
use crate::support::{Sandbox, numbered};

/// A redirect with this status to a server that counts connections.
#[track_caller]
fn redirected(status: u16, code: i32, says: &[&str]) {
    let elsewhere = Raw::answering(response("200 OK", &[], b"{\"createdCount\":3}"));
    let target = format!("http://{}/incoming/v2/content/certificate-templates/bulk", elsewhere.address);
    let templates = numbered(1..=3);
    let server = Raw::answering(response(&format!("{status} Elsewhere"), &[("Location", &target)], b""));
    let project = server.project("http", &templates);
    let mut run = project.apply().exits(code);
    for text in says {
        run = run.says(text);
    }
    assert_eq!(elsewhere.connections(), 0, "{status}: a connection reached the other server");
    server.assert_each_row_was_sent_once(&templates);
    let again = project.apply_json(code);
    assert_eq!(elsewhere.connections(), 0, "{status}: a connection reached the other server");
    assert_eq!(again["summary"]["created"], 0);
}

#[test]
fn permanent_redirect_is_not_followed() {
    for status in [301, 307, 308] {
        redirected(
            status,
            1,
            &["the server says that its address is another one", "Correct `url`", "3 not sent"],
        );
    }
}

/// A 302 leads to a sign-in page, for example. It does not say what happened to the request.
#[test]
fn redirect_to_a_page_leaves_creates_in_doubt() {
    for status in [302, 303] {
        redirected(status, 4, &[&format!("the server answered {status}"), "3 in doubt", "certctl recover"]);
    }
}

#[test]
fn redirect_creates_nothing_at_another_instance() {
    let elsewhere = Sandbox::start(&[]);
    let fault = format!("bulk:*:redirect={}/incoming/v2", elsewhere.url);
    let scene = crate::scene::Scene::of(&[&fault], "", &numbered(1..=3)).ends(1, &[]).says(&["url"]);
    assert!(elsewhere.requests().is_empty());
    scene.next_apply_completes();
}
