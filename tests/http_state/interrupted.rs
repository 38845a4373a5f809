//! Runs that are killed between any two steps, and others that go on from another machine.

use std::cell::RefCell;

use crate::project;
use crate::server::{Kind, Server};
use crate::support::running::until;
use crate::support::{Run, Sandbox};

fn killed_after_saving(point: &str) -> bool {
    ["state-durable", "mark-written", "mark-raised", "journal-closed", "journal-gone", "lock-cleared"]
        .contains(&point)
}

fn killed_everywhere(kind: Kind) {
    let sandbox = Sandbox::start(&[]);
    let points = project(&Server::start(kind), &sandbox).points_of_apply();
    assert!(points.len() > 8, "{points:?}");
    for (point, times) in points {
        for time in 1..=times.min(2) {
            let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
            let ann = project(&server, &sandbox);
            let mut command = ann.command(&["apply", "--auto-approve"]);
            command.env("CERTCTL_CRASH_AT", format!("{point}:{time}"));
            let killed = Run::of(command.output().unwrap());
            assert_ne!(killed.code, 0, "it was not killed at {point}:{time}");
            let bob = project(&server, &sandbox);
            if let Some(lock) = server.lock() {
                // A run that had saved everything left nothing to do, and nothing to lock for.
                if !killed_after_saving(&point) {
                    bob.apply_at_once().exits(6).says(&lock);
                }
                bob.run(&["state", "unlock", &lock, "--auto-approve"]).exits(0).says("is released");
            }
            let went_on = bob.apply();
            assert!([0, 4].contains(&went_on.code), "{point}: {went_on:?}");
            sandbox.assert_no_double_create();
            let plan = bob.plan_json();
            let of = |what: &str| plan["summary"][what].as_u64().unwrap();
            assert_eq!(of("in_doubt") + of("unchanged"), 3, "{point}");
            assert_eq!(of("in_doubt") > 0, went_on.code == 4, "{point}: {went_on:?}");
            if of("in_doubt") == 0 {
                assert_eq!(sandbox.templates().len(), 3, "{point}");
                bob.run(&["plan"]).exits(0).says("No changes.");
            }
            assert_eq!(server.lock(), None, "{point}");
        }
    }
}

#[test]
fn killed_at_every_step_on_gitlab() {
    killed_everywhere(Kind::GitLab);
}

#[test]
fn killed_at_every_step_elsewhere() {
    killed_everywhere(Kind::Careless);
}

#[test]
fn signals_release_the_lock() {
    for is_once in [true, false] {
        let (server, sandbox) =
            (Server::start(Kind::GitLab), Sandbox::start(&["--fault", "bulk:1:stall-after"]));
        let ann = project(&server, &sandbox);
        let running = RefCell::new(ann.start(&["apply", "--auto-approve"]));
        sandbox.has_read(1);
        running.borrow_mut().signal("INT");
        // The second signal ends the process at once.
        until("the end", || {
            is_once || {
                let has_ended = running.borrow_mut().child().try_wait().unwrap().is_some();
                if !has_ended {
                    running.borrow_mut().signal("INT");
                }
                has_ended
            }
        });
        assert_eq!(running.into_inner().end().code, 4);
        assert_eq!(server.lock(), None, "{is_once}");
    }
}
