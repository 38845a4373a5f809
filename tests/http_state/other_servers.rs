//! Servers that are not what their address promises.

use crate::server::{Kind, Server};
use crate::support::{Project, Sandbox, numbered};
use crate::{keep_state_at, project};

#[test]
fn a_project_that_is_hidden_is_no_missing_state() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let mut ann = Project::on(&sandbox, "");
    ann.templates(&numbered(1..=1));
    keep_state_at(&mut ann, &server.state().replace("projects/1", "projects/2"));
    ann.run(&["plan"]).exits(1).says("hides it from these credentials (404)");
    ann.apply().exits(1).says("hides it from these credentials (404)");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_server_without_locks_is_refused() {
    let (server, sandbox) = (Server::start(Kind::Lockless), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    ann.run(&["plan"]).exits(0);
    ann.apply().exits(1).says("does not know the method (405)").says("TF_HTTP_LOCK_ADDRESS");
    assert_eq!(server.document(), None);
    assert!(sandbox.requests().is_empty());
}

/// Its lock is at the state's address, and a POST to any other one succeeds.
#[test]
fn an_address_like_gitlabs_may_be_another_servers() {
    let (server, sandbox) = (Server::start(Kind::LookAlike), Sandbox::start(&[]));
    let (ann, bob) = (project(&server, &sandbox), project(&server, &sandbox));
    ann.apply().exits(0);
    assert!(server.requests().iter().any(|request| request.method() == "LOCK"));
    assert_eq!(server.lock(), None);
    bob.run(&["plan"]).exits(0).says("No changes.");
}
