//! A state that several machines share, one after the other and at the same time.

use serde_json::json;

use crate::server::{Kind, PASSWORD, Server, USER, json_of};
use crate::support::received::Received;
use crate::support::running::{Running, until};
use crate::support::{Project, Sandbox, numbered};
use crate::{keep_state_at, project};

fn life(kind: Kind) {
    let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    ann.run(&["plan"]).exits(0).says("Plan: 3 to add").says("there is no state at");
    ann.apply().exits(0);
    // Another person, on another machine.
    let bob = project(&server, &sandbox);
    bob.run(&["plan"]).exits(0).says("No changes.");
    bob.run(&["state", "list"]).exits(0).says("t-001");
    bob.run(&["state", "show", "t-001"]).exits(0).says("Title 001");
    bob.run(&["state", "verify"]).exits(0).says("3 templates, serial 1, nothing is wrong");
    bob.templates(&numbered(1..=4));
    bob.apply().exits(0);
    ann.templates(&numbered(1..=4));
    ann.apply().exits(0);
    ann.run(&["state", "mv", "t-004", "t-005"]).exits(0);
    bob.run(&["state", "rm", "t-005", "--auto-approve"]).exits(0);
    bob.run(&["state", "accept", "--auto-approve"]);
    assert_eq!(sandbox.templates().len(), 4);
    sandbox.assert_no_double_create();
    for command in [&["state", "history"][..], &["state", "restore", "1", "--auto-approve"]] {
        ann.run(command).exits(1).says("which has no versions");
    }
    ann.run(&["state", "show", "t-001", "--at", "1"]).exits(1).says("which has no versions");
    assert_eq!(server.lock(), None);
    // Nothing of the state is left on this machine.
    assert!(!ann.file("state").exists());
}

#[test]
fn two_machines_take_turns_on_gitlab() {
    life(Kind::GitLab);
}

#[test]
fn two_machines_take_turns_elsewhere() {
    life(Kind::Plain);
    life(Kind::Careless);
    life(Kind::Rewriting);
}

#[test]
fn every_write_has_its_own_serial() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    ann.apply().exits(0);
    ann.templates(&numbered(1..=4));
    ann.apply().exits(0);
    let requests = server.requests();
    let is_write = |request: &&Received| request.method() == "POST" && !request.target().ends_with("/lock");
    let writes: Vec<_> = requests.iter().filter(is_write).collect();
    let serials: Vec<u64> =
        writes.iter().map(|write| json_of(&write.body)["serial"].as_u64().unwrap()).collect();
    // Each run writes before its request, after it, and at its end.
    assert_eq!(serials, [1, 2, 3, 4, 5, 6]);
    assert!(writes.iter().all(|write| write.target().contains("?ID=")));
    let document = json_of(&server.document().unwrap());
    assert_eq!((&document["state_serial"], &document["journal"]), (&json!(2), &json!([])));
    assert_eq!(document["format"], "certctl.state/v1");
}

#[test]
fn a_plan_only_reads() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    ann.apply().exits(0);
    server.forget_requests();
    ann.run(&["plan"]).exits(0);
    ann.run(&["state", "list"]).exits(0);
    ann.run(&["state", "pull"]).exits(0);
    assert!(!server.requests().is_empty());
    assert!(server.requests().iter().all(|request| request.method() == "GET"));
    server.forget_requests();
    ann.run(&["validate"]).exits(0);
    assert!(server.requests().is_empty());
}

#[test]
fn a_state_moves_from_a_file_to_a_server() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let mut ann = Project::on(&sandbox, "");
    ann.templates(&numbered(1..=3));
    ann.apply().exits(0);
    let copy = ann.run(&["state", "pull"]).exits(0).stdout;
    ann.write("copy.json", &copy);
    keep_state_at(&mut ann, &server.state());
    ann.run(&["plan"]).exits(5).says("there is no state at");
    ann.run(&["state", "push", "copy.json"]).exits(1).says("--auto-approve");
    ann.run(&["state", "push", "copy.json", "--auto-approve"]).exits(0);
    ann.run(&["plan"]).exits(0).says("No changes.");
    let pulled = ann.run(&["state", "pull"]).exits(0).stdout;
    ann.write("copy.json", pulled);
    ann.run(&["state", "push", "copy.json", "--auto-approve"]).exits(0).says("nothing was written");
    ann.run(&["plan", "--state", "copy.json"]).exits(0).says("No changes.");
    // A copy that somebody downloads from the server itself.
    ann.write("copy.json", server.document().unwrap());
    ann.run(&["plan", "--state", "copy.json"]).exits(0).says("No changes.");
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn a_state_that_is_gone_is_no_first_run() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    ann.apply().exits(0);
    let copy = ann.run(&["state", "pull"]).exits(0).stdout;
    ann.write("copy.json", copy);
    server.remove_document();
    let refused = ann.run(&["plan"]).exits(5).says("certctl state push");
    assert!(!refused.stderr.contains("aws s3"), "{refused:?}");
    ann.apply().exits(5);
    assert_eq!(server.lock(), None);
    ann.run(&["state", "push", "copy.json", "--auto-approve"]).exits(0);
    ann.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn what_is_not_ours_is_left_untouched() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    for (text, why) in [
        ("{\"version\": 4, \"terraform_version\": \"1.9.0\", \"serial\": 3}", "the state is damaged"),
        ("<html>", "the state is damaged"),
    ] {
        server.put(text.as_bytes());
        ann.run(&["plan"]).exits(1).says(why);
        ann.apply().exits(1).says(why);
        assert_eq!(server.document().unwrap(), text.as_bytes());
        assert_eq!(server.lock(), None);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_foreign_lock_is_shown_with_its_holder() {
    let (server, sandbox) = (Server::start(Kind::Plain), Sandbox::start(&[]));
    let ann = project(&server, &sandbox);
    server.lock_as(json!({
        "ID": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01", "Operation": "OperationTypeApply", "Info": "",
        "Who": "carl@build-7", "Version": "1.9.0", "Created": "2026-11-27T01:02:03Z", "Path": ""
    }));
    ann.apply_at_once()
        .exits(6)
        .says("`OperationTypeApply` of carl@build-7, since 2026-11-27T01:02:03Z")
        .says("certctl state unlock 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 -e test");
    ann.run(&["plan"]).exits(0);
    let gitlab = Server::start(Kind::GitLab);
    let ann = project(&gitlab, &sandbox);
    gitlab.lock_as(json!({ "ID": "other", "Who": "root", "Created": "2026-11-27T01:02:03Z" }));
    // GitLab repeats the question's own operation.
    let refused = ann.apply_at_once().exits(6).says("root, since 2026-11-27T01:02:03Z; lock other.");
    assert!(!refused.stderr.contains("certctl apply` of"), "{refused:?}");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn second_run_at_once_is_refused() {
    for kind in [Kind::GitLab, Kind::Plain] {
        let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
        let (ann, bob) = (project(&server, &sandbox), project(&server, &sandbox));
        let (running, resume) = ann.held_up();
        until("the run records", || server.has_journal());
        // GitLab does not say what its holder does; the document does.
        bob.apply_at_once().exits(6).says("another run holds the state: `certctl apply` of");
        bob.run(&["plan"]).exits(0).says("3 in doubt");
        std::fs::write(resume, "").unwrap();
        running.end().exits(0);
        bob.apply().exits(0);
        assert_eq!(sandbox.templates().len(), 3);
        sandbox.assert_no_double_create();
    }
}

#[test]
fn a_run_that_was_taken_over_sends_nothing() {
    for kind in [Kind::GitLab, Kind::Plain, Kind::Careless] {
        let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
        let (ann, bob) = (project(&server, &sandbox), project(&server, &sandbox));
        let (mut running, resume) = ann.held_up();
        until("the run records", || server.has_journal());
        running.signal("STOP");
        std::fs::write(resume, "").unwrap();
        server.force_unlock();
        bob.templates(&numbered(4..=4));
        bob.apply().exits(4);
        let document = server.document();
        running.signal("CONT");
        let stopped = running.end();
        assert!([1, 3, 4].contains(&stopped.code), "{kind:?}: {stopped:?}");
        assert!(stopped.stdout.contains("taken over"), "{kind:?}: {stopped:?}");
        assert_eq!(sandbox.times_sent("Title 001"), 0);
        // What the other run wrote is in place, and no lock is left.
        assert_eq!((server.document(), server.lock()), (document, None), "{kind:?}");
        bob.run(&["recover"]).says("t-001");
        sandbox.assert_no_double_create();
    }
}

/// The lock is gone while an answer is on its way, and another run has written: the answer is recorded nowhere.
#[test]
fn an_answer_after_the_takeover_overwrites_nothing() {
    for kind in [Kind::GitLab, Kind::Plain, Kind::Careless] {
        let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
        let (ann, bob) = (project(&server, &sandbox), project(&server, &sandbox));
        let apply = ["apply", "--auto-approve", "--json"];
        let (running, resume) = ann.start_waiting(&apply, "answer-complete");
        sandbox.has_read(1);
        until("the run records", || server.has_journal());
        server.force_unlock();
        bob.templates(&numbered(4..=4));
        bob.apply().exits(4);
        let document = server.document();
        std::fs::write(resume, "").unwrap();
        running.end().exits(4);
        assert_eq!((server.document(), server.lock()), (document, None), "{kind:?}");
        bob.run(&["plan"]).exits(0).says("3 in doubt");
        sandbox.assert_no_double_create();
    }
}

#[test]
fn many_runs_at_once_lose_nothing() {
    let (server, sandbox) = (Server::start(Kind::GitLab), Sandbox::start(&[]));
    let people: Vec<Project> = (0..6).map(|_| project(&server, &sandbox)).collect();
    for round in 1..=3 {
        for person in &people {
            person.templates(&numbered(1..=3 * round));
        }
        let runs: Vec<Running> = people
            .iter()
            .map(|person| person.start(&["apply", "--auto-approve", "--lock-timeout", "2s"]))
            .collect();
        let codes: Vec<i32> = runs.into_iter().map(|run| run.end().code).collect();
        assert!(codes.contains(&0) && codes.iter().all(|code| [0, 5, 6].contains(code)), "{codes:?}");
    }
    people[0].apply().exits(0);
    people[1].run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(sandbox.templates().len(), 9);
    sandbox.assert_no_double_create();
    assert_eq!(server.lock(), None);
}

#[test]
fn an_unlocked_run_sends_nothing() {
    for kind in [Kind::GitLab, Kind::Plain, Kind::Careless] {
        let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
        let (ann, bob) = (project(&server, &sandbox), project(&server, &sandbox));
        bob.run(&["state", "unlock", "x", "--auto-approve"]).exits(0).says("No run holds");
        let (running, resume) = ann.held_up();
        until("the run records", || server.has_journal());
        let lock = server.lock().unwrap();
        bob.run(&["state", "unlock", "x", "--auto-approve"]).exits(5).says(&lock);
        bob.run(&["state", "unlock", &lock])
            .exits(1)
            .says("--auto-approve")
            .says("command: certctl apply")
            .says("1 request is recorded; in doubt, if it goes no further: t-001");
        assert_eq!(server.lock().as_ref(), Some(&lock));
        bob.run(&["state", "unlock", &lock, "--auto-approve"]).exits(0).says("is released");
        assert_eq!(server.lock(), None);
        std::fs::write(resume, "").unwrap();
        let stopped = running.end();
        assert!(stopped.stdout.contains("taken over"), "{kind:?}: {stopped:?}");
        assert!(sandbox.requests().is_empty());
        bob.apply().exits(4);
        bob.run(&["plan"]).exits(0).says("3 in doubt");
    }
}

#[test]
fn a_state_is_migrated_to_a_server_and_back() {
    for kind in [Kind::GitLab, Kind::Plain] {
        let (server, sandbox) = (Server::start(kind), Sandbox::start(&[]));
        let mut ann = Project::on(&sandbox, "");
        ann.templates(&numbered(1..=3));
        ann.apply().exits(0);
        ann.set_env("TF_HTTP_USERNAME", USER);
        ann.set_env("TF_HTTP_PASSWORD", PASSWORD);
        let (file, state) = ("state/test.json", server.state());
        let in_file = ann.read("certctl.toml");
        ann.run(&["state", "migrate", file, &state, "--auto-approve"]).exits(0).says(&state);
        ann.apply().exits(5).says("the state was moved to");
        keep_state_at(&mut ann, &state);
        ann.run(&["plan"]).exits(0).says("No changes.");
        assert_eq!(server.lock(), None);
        let other = format!("{state}-2");
        ann.run(&["state", "migrate", &state, &other, "--auto-approve"])
            .exits(1)
            .says("state push copy.json");
        ann.run(&["state", "migrate", &state, file, "--auto-approve"]).exits(0);
        ann.run(&["plan"]).exits(5).says("the state was moved to");
        ann.apply().exits(5);
        ann.write("certctl.toml", &in_file);
        ann.run(&["plan"]).exits(0).says("No changes.");
        ann.run(&["state", "migrate", file, &state, "--auto-approve"]).exits(0);
        keep_state_at(&mut ann, &state);
        ann.run(&["plan"]).exits(0).says("No changes.");
        assert_eq!((server.lock(), sandbox.requests().len()), (None, 1));
    }
}
