//! Copies of a state: `state pull`, `state push`, `plan --state`.

use super::support::{Project, Sandbox, Template, numbered};

fn applied(sandbox: &Sandbox, titles: &[&str]) -> Project {
    let project = Project::on(sandbox, "");
    for title in titles {
        project.templates(&[Template::number(1).titled(title)]);
        project.apply().exits(0);
    }
    project
}

/// Keeps what `state pull` prints.
fn pull(project: &Project, name: &str) -> String {
    let text = project.run(&["state", "pull"]).exits(0).stdout;
    project.write(name, &text);
    text
}

#[test]
fn pulled_states_are_the_state() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, &["One"]);
    assert_eq!(pull(&project, "copy.json"), project.read("state/test.json"));
    let before = project.snapshot();
    project.run(&["state", "push", "copy.json"]).exits(0).says("this version already");
    assert_eq!(project.snapshot(), before);
    Project::on(&sandbox, "").run(&["state", "pull"]).exits(1).says("no state at state/test.json yet");
}

#[test]
fn unfinished_journals_are_folded_in() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, &["One"]);
    let requests = sandbox.requests().len();
    sandbox.faults(&["bulk:1:stall-after"]);
    project.templates(&[Template::number(1).titled("One"), Template::number(2)]);
    let running = project.start(&["apply", "-y"]);
    sandbox.has_read(requests + 1);
    running.kill();
    sandbox.faults(&[]);
    let before = project.read("state/test.json");
    let copied = pull(&project, "copy.json");
    assert_ne!(copied, before);
    let plan = |arguments: &[&str]| {
        let mut plan = project.run(&[&["plan", "--json"], arguments].concat()).exits(0).json();
        plan["state"]["serial"].take();
        plan["digest"].take();
        plan
    };
    assert_eq!(plan(&["--state", "copy.json"])["summary"], plan(&[])["summary"]);
    assert_eq!(plan(&["--state", "copy.json"])["state"], plan(&[])["state"]);
    // The next command that writes makes the same version.
    project.run(&["state", "push", "copy.json"]).exits(0).says("this version already");
    assert_eq!(project.read("state/test.json"), copied);
    sandbox.assert_no_double_create();
}

#[test]
fn plans_against_a_copy_read_no_state() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, &["One"]);
    pull(&project, "copy.json");
    project.templates(&numbered(1..=1));
    let own = project.plan_json();
    // Nothing of the state may be needed.
    let hidden = project.read("state/test.json");
    project.write("state/test.json", "not a state");
    let copied = project.run(&["plan", "--state", "copy.json", "--json"]).exits(0).json();
    assert_eq!(copied, own);
    project.run(&["plan", "--state", "copy.json", "--out", "change.plan"]).exits(0);
    project.write("state/test.json", hidden);
    project.run(&["apply", "change.plan"]).exits(0);
    // The copy is older than what this machine wrote now.
    project
        .run(&["plan", "--state", "copy.json"])
        .exits(5)
        .says("its serial is 1, and this machine wrote serial 2")
        .says("certctl state pull > copy.json");
    project.on_another_machine();
    project.run(&["plan", "--state", "copy.json", "--out", "old.plan"]).exits(0);
    project.run(&["apply", "old.plan"]).exits(5).says("stale");
}

#[test]
fn copies_of_other_environments_are_refused() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, &["One"]);
    let copy = pull(&project, "copy.json");
    project.write("other.json", copy.replace("\"environment\": \"test\"", "\"environment\": \"other\""));
    for command in [&["plan", "--state", "other.json"][..], &["state", "push", "other.json", "-y"]] {
        project.run(command).exits(5).says("other");
    }
    project.write("empty.json", "");
    project.run(&["plan", "--state", "empty.json"]).exits(1).says("the file is empty");
    project.run(&["plan", "--state", "missing.json"]).exits(1).says("missing.json");
    project.write("changed.json", copy.replace("\"One\"", "\"Forged\""));
    project.run(&["plan", "--state", "changed.json"]).exits(1).says("t-001");
}

#[test]
fn older_and_other_states_are_not_pushed() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, &["One"]);
    pull(&project, "old.json");
    project.templates(&[Template::number(1).titled("Two")]);
    project.apply().exits(0);
    let before = project.read("state/test.json");
    for is_known in [true, false] {
        if !is_known {
            project.on_another_machine();
        }
        project.run(&["state", "push", "old.json", "-y"]).exits(5);
    }
    let other = applied(&sandbox, &["Other"]);
    project.write("other.json", other.read("state/test.json"));
    project.run(&["state", "push", "other.json", "-y"]).exits(5).says("another lineage");
    assert_eq!(project.read("state/test.json"), before);
}

#[test]
fn lost_states_are_pushed_back() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, &["One", "Two"]);
    pull(&project, "copy.json");
    std::fs::remove_dir_all(project.file("state")).unwrap();
    project.run(&["plan"]).exits(5);
    project
        .run(&["state", "push", "copy.json"])
        .exits(1)
        .says("certctl state push copy.json --auto-approve -e test");
    project.run(&["state", "push", "copy.json", "--auto-approve"]).exits(0).says("with serial 3");
    assert_eq!(project.row("t-001")["attributes"]["title"], "Two");
    project.run(&["plan"]).exits(0).says("No changes.");
    project.run(&["state", "verify"]).exits(0);
}

#[test]
fn newer_states_replace_the_one_in_place() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, &["One"]);
    let old = project.read("state/test.json");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    pull(&project, "new.json");
    project.write("state/test.json", old);
    project.run(&["state", "push", "new.json", "-y"]).exits(0).says("with serial 3");
    project.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(project.state()["templates"].as_object().unwrap().len(), 2);
}
