//! `observer certify`: only after a person says yes, journaled, and never repeated blindly.

use serde_json::{Value, json};

use crate::scene::{EARLY, Scene, USER, keys};
use crate::support::running::until;
use crate::support::terminal::{CTRL_C, Session};
use crate::support::{Template, numbered};

/// A run whose question is answered so.
fn begun(scene: &Scene, arguments: &[&str], answer: &str) -> Session {
    let mut session = Session::start(&scene.project.command(arguments), 200);
    session.shows("Type yes");
    session.types(answer);
    session
}

/// A run that has sent its first request.
fn sent(scene: &Scene) -> Session {
    let session = begun(scene, &["observer", "certify"], "yes\n");
    until("the request", || scene.certified().len() == 1);
    session
}

/// The output after this answer to the question, and the exit code.
fn answered(scene: &Scene, arguments: &[&str], answer: &str) -> (i32, String) {
    begun(scene, arguments, answer).end()
}

fn certify(scene: &Scene) -> (i32, String) {
    answered(scene, &["observer", "certify"], "yes\n")
}

/// The words of a command that was printed like this.
fn pasted<'s>(shown: &'s str, beginning: &str) -> Vec<&'s str> {
    let at = shown.find(beginning).unwrap_or_else(|| panic!("{beginning}\n{shown}"));
    shown[at..].lines().next().unwrap().split_whitespace().skip(1).collect()
}

fn doubts(scene: &Scene) -> Value {
    scene.project.state()["certificates_in_doubt"].clone()
}

#[test]
fn certificates_are_issued_after_a_yes() {
    let mut templates = numbered(1..=3);
    templates.push(Template::number(4).with("userCustomFieldSlug: region").with("userCustomFieldValue: EU"));
    let scene = Scene::applied(&[], &templates);
    scene.certificate("Title 002", EARLY);
    let (code, shown) = answered(&scene, &["observer", "certify"], "y\n");
    assert_eq!((code, scene.certified().len()), (1, 0), "{shown}");
    let status = scene.project.run(&["observer", "status"]).exits(0).stdout;
    let (code, shown) = answered(&scene, &pasted(&status, "certctl observer certify"), "yes\n");
    assert_eq!(code, 0, "{shown}");
    scene.project.run(&pasted(&shown, "certctl observer status")).exits(0);
    assert!(shown.contains("Issue 2 certificates to observer@example.com"), "{shown}");
    assert!(shown.contains(USER) && shown.contains("t-004") && shown.contains("region"), "{shown}");
    let sent: Vec<Value> = scene.certified().iter().map(|request| request["body"].clone()).collect();
    let expected = |number: u32| {
        json!({ "userId": USER, "resourceType": "course", "sendEmail": false,
            "resourceId": format!("00000000-0000-4000-8000-{number:012}") })
    };
    assert_eq!(sent, [expected(1), expected(3)]);
    assert_eq!(doubts(&scene), Value::Null);
    assert_eq!(keys(&scene.status()["seen"]), ["t-001", "t-002", "t-003"]);
}

#[test]
fn without_a_terminal_nothing_is_sent() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.project.run(&["observer", "certify"]).exits(1).says("terminal");
    scene.project.run(&["observer", "certify", "--auto-approve"]).exits(1);
    assert_eq!((scene.certified().len(), scene.queries().len()), (0, 0));
}

#[test]
fn what_another_run_issues_is_not_issued_again() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    let mut first = Session::start(&scene.project.command(&["observer", "certify"]), 200);
    first.shows("Type yes");
    let second = ["observer", "certify", "--lock-timeout", "60s"];
    let second = Session::start(&scene.project.command(&second), 200);
    second.shows("which holds the state");
    first.types("yes\n");
    assert_eq!(first.end().0, 0);
    let (code, shown) = second.end();
    assert!(code == 0 && shown.contains("no certificate to issue"), "{shown}");
    assert_eq!(scene.certified().len(), 1, "{shown}");
}

#[test]
fn an_audience_is_certified_by_its_key_alone() {
    let audience = Template::number(1).with("userCustomFieldSlug: region").with("userCustomFieldValue: EU");
    let scene = Scene::applied(&["--observer-field", "region=EU"], &[audience]);
    let (code, shown) = Session::start(&scene.project.command(&["observer", "certify", "t-*"]), 200).end();
    assert!(code == 0 && shown.contains("cannot see it"), "{shown}");
    let (code, shown) = answered(&scene, &["observer", "certify", "t-001"], "yes\n");
    assert_eq!(code, 0, "{shown}");
    assert_eq!(keys(&scene.status()["seen"]), ["t-001"]);
}

#[test]
fn a_lost_answer_is_not_repeated() {
    let scene = Scene::applied(&["--fault", "certify:1:reset-before"], &numbered(1..=2));
    let (code, shown) = certify(&scene);
    assert_eq!(code, 4, "{shown}");
    assert_eq!(scene.certified().len(), 1, "the first lost answer ends the run");
    assert!(doubts(&scene)["t-001"]["at"].is_string(), "{}", doubts(&scene));
    let status = scene.status();
    assert!(status["unseen"][0]["reason"].as_str().unwrap().contains("may have been issued"), "{status}");
    let (code, shown) = certify(&scene);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("left out") && shown.contains("--again"), "{shown}");
    assert_eq!(keys(&scene.status()["seen"]), ["t-002"]);
    let again = pasted(&shown, "certctl observer certify t-001 --again");
    let (code, shown) = answered(&scene, &again, "yes\n");
    assert_eq!(code, 0, "{shown}");
    assert_eq!(doubts(&scene), Value::Null);
}

#[test]
fn a_certificate_that_is_seen_is_no_longer_uncertain() {
    let scene = Scene::applied(&["--fault", "certify:1:reset-after"], &numbered(1..=1));
    assert_eq!(certify(&scene).0, 4);
    assert_ne!(doubts(&scene), Value::Null);
    assert_eq!(keys(&scene.status()["seen"]), ["t-001"]);
    assert_eq!(doubts(&scene), Value::Null);
}

#[test]
fn a_killed_run_leaves_the_certificate_uncertain() {
    for stall in ["stall-before", "stall-after"] {
        let scene = Scene::applied(&["--fault", &format!("certify:1:{stall}")], &numbered(1..=2));
        drop(sent(&scene));
        until("the end of the process", || {
            scene.project.run(&["observer", "status", "--json", "--lock-timeout", "10s"]).code == 0
        });
        let status = scene.status();
        let is_issued = stall == "stall-after";
        assert_eq!(keys(&status["seen"]).contains(&"t-001"), is_issued, "{stall}: {status}");
        let (code, shown) = certify(&scene);
        assert_eq!(code, 0, "{shown}");
        assert_eq!(scene.certified().len(), 2, "{stall}: the uncertain one is not sent again\n{shown}");
    }
}

#[test]
fn a_signal_ends_a_run_in_good_order() {
    let scene = Scene::applied(&["--fault", "certify:1:slow-drip=100"], &numbered(1..=3));
    let mut session = sent(&scene);
    session.types(CTRL_C);
    let (code, shown) = session.end();
    assert_eq!(code, 130, "{shown}");
    assert!(shown.contains("t-001  issued") && shown.contains("t-003  not issued"), "{shown}");
    assert_eq!((scene.certified().len(), doubts(&scene)), (1, Value::Null), "{shown}");
    let scene = Scene::applied(&["--fault", "certify:1:stall-before"], &numbered(1..=2));
    let mut session = sent(&scene);
    session.types(CTRL_C);
    let (code, shown) = session.end();
    assert_eq!(code, 4, "{shown}");
    assert!(doubts(&scene)["t-001"]["at"].is_string(), "{shown}");
}

#[test]
fn refusals_are_told_and_stop_nothing_else() {
    let scene = Scene::applied(&["--fault", "certify:1:status=422"], &numbered(1..=2));
    let (code, shown) = certify(&scene);
    assert_eq!(code, 3, "{shown}");
    assert!(shown.contains("t-001  refused: the server answered 422"), "{shown}");
    assert_eq!(keys(&scene.status()["seen"]), ["t-002"]);
    assert_eq!(doubts(&scene), Value::Null);
    let scene = Scene::applied(&["--fault", "certify:*:status=403"], &numbered(1..=2));
    let (code, shown) = certify(&scene);
    assert_eq!((code, scene.certified().len()), (1, 1), "{shown}");
}

#[test]
fn a_rate_limit_ends_the_run() {
    let scene = Scene::applied(&["--fault", "certify:2:429=90"], &numbered(1..=3));
    let (code, shown) = certify(&scene);
    assert_eq!((code, scene.certified().len()), (3, 2), "{shown}");
    assert!(shown.contains("Run this again in 1m 30s"), "{shown}");
    assert_eq!(doubts(&scene), Value::Null);
    assert_eq!(certify(&scene).0, 0);
    assert_eq!(keys(&scene.status()["seen"]), ["t-001", "t-002", "t-003"]);
}

#[test]
fn an_unavailable_server_is_not_asked_again() {
    for when in ["", "after,"] {
        let fault = format!("certify:1:status=503,{when}retry-after=1");
        let scene = Scene::applied(&["--fault", &fault], &numbered(1..=2));
        let (code, shown) = certify(&scene);
        assert_eq!((code, scene.certified().len()), (4, 1), "{fault}: {shown}");
        assert!(doubts(&scene)["t-001"]["at"].is_string(), "{fault}: {shown}");
        let is_issued = !when.is_empty();
        assert_eq!(keys(&scene.status()["seen"]).contains(&"t-001"), is_issued, "{fault}");
        assert_eq!(doubts(&scene) == Value::Null, is_issued, "{fault}");
    }
}

#[test]
fn the_embedded_server_issues_certificates() {
    let scene = Scene::of(&[], &numbered(1..=2));
    scene.project.write("certctl.toml", "[environments.test]\nurl = \"sandbox\"\n");
    scene.project.apply().exits(0);
    let (code, shown) = certify(&scene);
    assert_eq!(code, 0, "{shown}");
    assert_eq!(keys(&scene.status()["seen"]), ["t-001", "t-002"]);
}
