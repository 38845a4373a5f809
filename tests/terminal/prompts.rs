//! Prompts, and the ways to answer or leave them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::terminal::{CTRL_C, CTRL_D, Session};
use crate::support::{Project, Sandbox, numbered};

fn applied(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project
}

/// The output after this answer to a prompt, and the exit code.
fn answered(project: &Project, arguments: &[&str], answer: &str) -> (i32, String) {
    let mut session = Session::start(&project.command(arguments), 100);
    session.shows("Type yes");
    session.types(answer);
    session.end()
}

/// Checks that this message starts a new line, not the line that the user typed on.
#[track_caller]
fn begins_a_line(shown: &str, message: &str) {
    assert!(shown.lines().any(|line| line.starts_with(message)), "{message}\n{shown}");
}

#[test]
fn only_yes_is_accepted() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    let (code, shown) = answered(&project, &["apply"], "yes\n");
    assert_eq!(code, 0, "{shown}");
    let question = &shown[shown.find("Submit this to").unwrap()..];
    assert!(!question.lines().take(2).any(|line| line.contains('`')), "{question}");
    assert_eq!(sandbox.templates().len(), 2);
}

#[test]
fn state_rm_forgets_only_after_yes() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let before = project.read("state/test.json");
    for (answer, code, message) in [
        ("no\n", 1, "error: not approved: nothing was changed"),
        ("y\n", 1, "error: not approved: nothing was changed"),
        ("\n", 1, "error: not approved: nothing was changed"),
        (CTRL_D, 1, "error: not approved: nothing was changed"),
        (CTRL_C, 130, "interrupted: stopped by a signal; nothing was changed"),
    ] {
        let (exit, shown) = answered(&project, &["state", "rm", "t-001"], answer);
        assert_eq!(exit, code, "{answer:?}\n{shown}");
        begins_a_line(&shown, message);
        assert!(!shown.contains("nothing was sent"), "{shown}");
        assert_eq!(project.read("state/test.json"), before, "{answer:?}");
    }
    let (code, shown) = answered(&project, &["state", "rm", "t-001"], "yes\n");
    assert_eq!(code, 0, "{shown}");
    begins_a_line(&shown, "certctl would forget t-001 (environment test). The server keeps it,");
    assert_eq!(project.state()["templates"].as_object().unwrap().len(), 1);
}

#[test]
fn another_id_is_taken_only_after_yes() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let before = project.read("state/test.json");
    let import = ["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"];
    for (answer, code) in [("no\n", 1), (CTRL_C, 130)] {
        let (exit, shown) = answered(&project, &import, answer);
        assert_eq!((exit, project.read("state/test.json")), (code, before.clone()), "{shown}");
    }
    let (exit, shown) = answered(&project, &import, "yes\n");
    assert_eq!((exit, project.row("t-001")["id"].as_str()), (0, Some(import[2])), "{shown}");
}

#[test]
fn leaving_the_apply_prompt_sends_nothing() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    for (answer, code, message) in [
        ("`yes`\n", 1, "error: not approved: nothing was sent"),
        (CTRL_D, 1, "error: not approved: nothing was sent"),
        (CTRL_C, 130, "interrupted: stopped by a signal; nothing was sent"),
    ] {
        let (exit, shown) = answered(&project, &["apply"], answer);
        assert_eq!(exit, code, "{answer:?}\n{shown}");
        begins_a_line(&shown, message);
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[test]
fn leaving_the_accept_prompt_changes_nothing() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let older = project.read("state/test.json");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    project.write("state/test.json", &older);
    for (answer, code, message) in [
        (CTRL_D, 1, "error: not approved: nothing was changed"),
        (CTRL_C, 130, "interrupted: stopped by a signal; nothing was changed"),
    ] {
        let (exit, shown) = answered(&project, &["state", "accept"], answer);
        assert_eq!(exit, code, "{answer:?}\n{shown}");
        begins_a_line(&shown, message);
        assert_eq!(project.read("state/test.json"), older);
    }
}

/// Exports of the two templates, of which the first was edited on the server.
fn edited(sandbox: &Sandbox) -> String {
    let at = jiff::Timestamp::now();
    let line = |number: u32, title: &str| {
        let id = sandbox.id_of(&format!("Title 00{number}"));
        format!("{id},course,00000000-0000-4000-8000-{number:012},{title},,,{at}\n")
    };
    let head = "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,updatedat\n";
    format!("{head}{}{}", line(1, "Edited"), line(2, "Title 002"))
}

#[test]
fn refresh_records_only_after_yes() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    project.write("export.csv", edited(&sandbox));
    let refresh = ["refresh", "--write", "--from-csv", "export.csv"];
    // A lock that was taken names its holder, also a dead one.
    let without_lock = |mut files: BTreeMap<PathBuf, Vec<u8>>| {
        files.retain(|path, _| path.extension().is_none_or(|ending| ending != "lock"));
        files
    };
    let before = without_lock(project.snapshot());
    for (answer, code, message) in [
        ("no\n", 1, "error: not approved: nothing was recorded"),
        ("y\n", 1, "error: not approved: nothing was recorded"),
        ("YES\n", 1, "error: not approved: nothing was recorded"),
        ("\n", 1, "error: not approved: nothing was recorded"),
        (CTRL_D, 1, "error: not approved: nothing was recorded"),
        (CTRL_C, 130, "interrupted: stopped by a signal; nothing was changed"),
    ] {
        let (exit, shown) = answered(&project, &refresh, answer);
        assert_eq!(exit, code, "{answer:?}\n{shown}");
        begins_a_line(&shown, message);
        let question = shown.find("Record this as what test holds?");
        assert!(question > shown.find("Edited"), "what is asked about is shown before\n{shown}");
        assert!(without_lock(project.snapshot()) == before, "{answer:?} changed a file\n{shown}");
        project.run(&["state", "list"]).exits(0);
    }
    let (code, shown) = answered(&project, &refresh, "yes\n");
    assert_eq!(code, 0, "{shown}");
    assert_eq!(project.row("t-001")["attributes"]["title"], "Edited");
    assert!(project.read("templates/all.yaml").contains("Edited"));
    project.run(&["plan"]).exits(0).says("No changes.");
}
