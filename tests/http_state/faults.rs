//! A server that fails at single requests.

use crate::project;
use crate::server::{Fault, Kind, Server};
use crate::support::{Sandbox, numbered};

fn one_failed_request(kind: Kind, fault: Fault) {
    let mut request = 0;
    loop {
        let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
        let (ann, bob) = (project(&server, &sandbox), project(&server, &sandbox));
        ann.templates(&numbered(1..=1));
        ann.apply().exits(0);
        ann.templates(&numbered(1..=3));
        server.goes_wrong(request, fault);
        ann.apply().exits(0);
        if server.is_waiting() {
            // A run makes fewer requests than this.
            assert!(request > 8, "{request}");
            return;
        }
        // No lock is left behind.
        assert_eq!(server.lock(), None, "{fault:?} at {request}");
        bob.run(&["plan"]).exits(0).says("No changes.");
        assert_eq!(sandbox.templates().len(), 3, "{fault:?} at {request}");
        sandbox.assert_no_double_create();
        request += 1;
    }
}

#[test]
fn one_failed_request_loses_nothing_on_gitlab() {
    for fault in Fault::ALL {
        one_failed_request(Kind::GitLab, fault);
    }
}

#[test]
fn one_failed_request_loses_nothing_elsewhere() {
    for fault in [Fault::UnavailableAfter, Fault::CutAfter] {
        one_failed_request(Kind::Plain, fault);
        one_failed_request(Kind::Careless, fault);
    }
}

#[test]
fn a_first_run_survives_cut_connections() {
    for request in 0..10 {
        let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
        let ann = project(&server, &sandbox);
        server.goes_wrong(request, Fault::CutAfter);
        ann.apply().exits(0);
        assert_eq!(server.lock(), None, "at {request}");
        ann.run(&["plan"]).exits(0).says("No changes.");
        sandbox.assert_no_double_create();
    }
}
