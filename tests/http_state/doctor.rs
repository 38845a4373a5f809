//! What `doctor` says about a state on a server. It only reads there.

use crate::project;
use crate::server::{Kind, PASSWORD, Server};
use crate::support::Sandbox;

#[test]
fn a_server_is_looked_at_without_its_lock() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    ann.run(&["doctor"])
        .exits(0)
        .says("writes rest on the server's lock")
        .says("TF_HTTP_USERNAME, TF_HTTP_PASSWORD");
    ann.apply().exits(0);
    server.forget_requests();
    let run =
        ann.run(&["doctor"]).exits(0).says("has 3 templates, serial 1").says("lock: it was not asked for");
    assert!(!run.stdout.contains(PASSWORD), "{}", run.stdout);
    let requests = server.requests();
    assert!(!requests.is_empty() && requests.iter().all(|request| request.method() == "GET"), "{requests:?}");
}

#[test]
fn a_refusal_of_the_server_is_wrong() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let mut ann = project(&server, &sandbox);
    ann.set_env("TF_HTTP_PASSWORD", "another");
    let run = ann.run(&["doctor"]).exits(1).says("does not accept the credentials (401)");
    assert!(run.stdout.contains("These variables for it are set: TF_HTTP_USERNAME"), "{}", run.stdout);
    // The key is not sent while it is not known whose state it is.
    run.says("was not checked: while the state cannot be used");
    assert_eq!(sandbox.requests().len(), 1);
}
