//! `certctl state verify`.

use super::*;

/// A project with three applied templates, and a manual change to the state's text.
fn changed(change: impl FnOnce(String) -> String) -> (Sandbox, Project) {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    project.write(STATE, change(project.read(STATE)));
    (sandbox, project)
}

#[test]
fn states_by_certctl_pass() {
    let project = Project::empty();
    project.run(&["init"]).exits(0);
    project.run(&["state", "verify"]).exits(0).says("nothing was applied yet");
    project.run(&["apply", "-y"]).exits(0);
    project.run(&["state", "verify"]).exits(0).says("1 template, serial 1, nothing is wrong.");
    project.run(&["state", "verify", "state/sandbox.json"]).exits(0).says("nothing is wrong.");
    let elsewhere = Project::empty();
    elsewhere.write("copy.json", project.read("state/sandbox.json"));
    elsewhere.run(&["state", "verify", "copy.json"]).exits(0).says("copy.json: 1 template,");
}

#[test]
fn every_faulty_template_is_named() {
    let (_sandbox, project) = changed(|text| {
        text.replacen("00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000001", 1)
    });
    let run = project.run(&["state", "verify"]).exits(1);
    assert!(run.stdout.contains("t-001: t-002 is, or may be, for the same resource"), "{}", run.stdout);
    assert!(run.stdout.contains("t-002: its attributes do not fit their digest"), "{}", run.stdout);
    assert!(!run.stdout.contains("t-003"), "{}", run.stdout);
}

#[test]
fn duplicate_template_is_damage() {
    let (_sandbox, project) = changed(|text| text.replace("\"t-002\": {", "\"t-001\": {"));
    for command in [&["state", "verify"][..], &["plan"], &["apply", "-y"]] {
        project.run(command).exits(1).says("the template t-001 is there twice");
    }
}

#[test]
fn matching_journals_are_reported_and_others_refused() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let before = project.read(STATE);
    sandbox.faults(&["bulk:1:stall-after"]);
    project.templates(&numbered(1..=2));
    let running = project.start(&["apply", "-y"]);
    sandbox.has_read(2);
    running.kill();
    project.run(&["state", "verify"]).exits(0).says("its journal fits");
    project.write(STATE, before.replace("\"serial\": 1", "\"serial\": 7"));
    project.run(&["state", "verify"]).exits(5).says("the journal belongs to serial 1");
}
