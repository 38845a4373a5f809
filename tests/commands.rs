//! The commands around plan and apply.

mod support;

use support::{Project, Sandbox, Template, numbered};

#[test]
fn new_project_plans_and_applies_immediately() {
    let project = Project::empty();
    project.run(&["init", "academy"]).exits(0).says("certctl.toml");
    project.run(&["init", "academy"]).exits(1).says("never overwrites");
    project.run(&["-C", "academy", "validate"]).exits(0).says("1 template");
    project.run(&["-C", "academy", "apply", "-y"]).exits(0);
    project.run(&["-C", "academy", "apply", "-y"]).exits(0).says("No changes.");
    assert!(project.file("academy/state/sandbox.json").exists());
}

#[test]
fn init_keeps_an_existing_gitignore() {
    let project = Project::empty();
    project.write(".gitignore", "mine\n");
    project.run(&["init"]).exits(0);
    assert_eq!(project.read(".gitignore"), "mine\n");
}

#[test]
fn each_command_has_a_manual_page() {
    let project = Project::empty();
    project.run(&["manpages", "share/man1"]).exits(0);
    let pages: Vec<String> = std::fs::read_dir(project.file("share/man1"))
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    for page in ["certctl.1", "certctl-plan.1", "certctl-state-show.1", "certctl-observer-certify.1"] {
        assert!(pages.iter().any(|name| name == page), "{page} is not among {pages:?}");
        let text = project.read(&format!("share/man1/{page}"));
        assert!(text.contains(".TH ") && text.contains(".SH NAME"), "{text}");
    }
    assert!(project.read("share/man1/certctl.1").contains("Exit codes"));
    let page = project.read("share/man1/certctl-apply.1");
    assert!(page.contains(".SH NOTES\n.nf\nExamples:\n  certctl apply"), "{page}");
    assert!(page.contains(".fi\n.SH VERSION"), "{page}");
    // Packages are built again with the same bytes.
    project.run(&["manpages", "again"]).exits(0);
    assert_eq!(project.read("share/man1/certctl-plan.1"), project.read("again/certctl-plan.1"));
    project.write("file", "");
    project.run(&["manpages", "file"]).exits(1).says("cannot write the manual pages into file");
}

#[test]
fn schemas_and_rules_need_no_project() {
    let project = Project::empty();
    let draft = "http://json-schema.org/draft-07/schema#";
    for subject in ["templates", "config"] {
        assert_eq!(project.run(&["schema", subject]).exits(0).json()["$schema"], draft);
    }
    let plan = project.run(&["schema", "plan"]).exits(0).json();
    assert_eq!(plan["$schema"], "https://json-schema.org/draft/2020-12/schema");
    project.run(&["explain", "natural-key"]).exits(0).says("Wrong, in a template file:").says("Right, in");
    project.run(&["explain", "natural-kee"]).exits(1).says("did you mean natural-key?");
    project.run(&["explain"]).exits(0).says("csv-cell").says("past-expiry").says("wrong-setting");
}

#[test]
fn state_can_be_listed_and_edited() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.run(&["state", "list"]).exits(0).says("empty");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project.run(&["state", "list"]).exits(0).says("t-001").says("Title 002").says("applied");
    project.run(&["state", "show", "t-001"]).exits(0).says("Title 001").says("sha256:");
    project.run(&["state", "show", "t-01"]).exits(1).says("did you mean t-001?");
    project.run(&["state", "mv", "t-001", "t-002"]).exits(1).says("already");
    project.run(&["state", "mv", "t-001", "first"]).exits(0);
    assert_eq!(project.row("first")["attributes"]["title"], "Title 001");
    assert_eq!(project.state()["serial"], 2);
    project.run(&["state", "rm", "first", "-y"]).exits(0).says("first is forgotten");
    assert_eq!(project.state()["templates"].as_object().unwrap().len(), 1);
    assert!(project.file("state/test.json.backup").exists());
}

#[test]
fn imported_template_is_sent_once() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    project.templates(&numbered(1..=2));
    project.run(&["import", "t-001", "not-an-id"]).exits(1).says("UUID");
    project.run(&["import", "t-001", id]).exits(0);
    let row = project.row("t-001");
    assert_eq!(row["id"], id);
    assert_eq!(row["idSource"], "imported");
    assert_eq!(row["attributes"], serde_json::json!(null));
    project.run(&["import", "t-002", id]).exits(1).says("t-001");
    project.templates(&numbered(1..=1));
    assert_eq!(project.plan_json()["summary"]["update"], 1);
    project.apply().exits(0);
    // No template had the imported id, so the server created one.
    assert_eq!(project.row("t-001")["id"], sandbox.templates()[0]["id"]);
    assert_eq!(project.row("t-001")["idSource"], "exact");
    project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn another_certain_id_is_replaced_only_on_request() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let (had, id) = (project.row("t-001")["id"].clone(), "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01");
    assert_eq!(project.row("t-001")["idSource"], "exact");
    let had = had.as_str().unwrap();
    project.run(&["import", "t-001", had]).exits(0);
    let before = project.read("state/test.json");
    let again = format!("certctl import t-001 {id} --auto-approve -e test");
    let said = project.run(&["import", "t-001", id]).exits(5);
    said.says(&format!("t-001 has another id already: {had}")).says(&again).says("certctl state show t-001");
    assert_eq!(project.read("state/test.json"), before);
    project.run(&["import", "t-001", id, "--auto-approve"]).exits(0);
    assert_eq!(project.row("t-001")["id"], id);
    // An imported one as well.
    project.run(&["import", "t-001", had]).exits(5).says("a person or an export named it");
    project.templates(&[Template::number(1).with("protect: true")]);
    project.apply().exits(0);
    project.run(&["import", "t-001", had, "-y"]).exits(5).says("t-001 is protected");
}

#[test]
fn guessed_ids_are_replaced_without_a_question() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    assert_eq!(project.row("t-001")["idSource"], "positional");
    project.run(&["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"]).exits(0);
}

#[test]
fn state_file_is_private_and_sorted() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    let text = project.read("state/test.json");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    // serde_json's map sorts its keys, so printing it again gives the same text only if the file was sorted.
    assert_eq!(format!("{}\n", serde_json::to_string_pretty(&value).unwrap()), text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(project.file("state/test.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn plan_reads_no_credentials_and_opens_no_connection() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.unset_env("CERTCTL_API_KEY");
    project.set_env("CERTCTL_API_KEY_FILE", "/nonexistent");
    let before = project.snapshot();
    project.run(&["plan"]).exits(0).says("Plan: 1 to add, 0 to change, 0 to destroy.");
    assert_eq!(project.snapshot(), before);
    assert_eq!(sandbox.requests().len(), 0);
}

#[test]
fn key_can_come_from_file_or_command() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.unset_env("CERTCTL_API_KEY");
    project.write("key.txt", format!("{}\n", support::KEY));
    project.set_env("CERTCTL_API_KEY_FILE", "key.txt");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    project.unset_env("CERTCTL_API_KEY_FILE");
    let toml = project.read("certctl.toml");
    let command = format!("api_key_command = [\"printf\", \"{}\"]\n[environments.test.api]", support::KEY);
    project.write("certctl.toml", toml.replace("[environments.test.api]", &command));
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
}

#[test]
fn help_and_completions_name_the_commands() {
    let project = Project::empty();
    for command in [
        "init",
        "validate",
        "plan",
        "apply",
        "show",
        "preview",
        "recover",
        "import",
        "state",
        "sandbox",
        "completions",
    ] {
        project.run(&[command, "--help"]).exits(0).says("Example").says("certctl");
    }
    project.run(&["sandbox", "--help"]).exits(0).says("reset-after");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        project.run(&["completions", shell]).exits(0).says("recover");
    }
    project.run(&["--version"]).exits(0).says("certctl 0.1.0");
}

/// A rename and a protection change only the state: no server is contacted, and the project's own sandbox does not start.
#[test]
fn pure_state_changes_contact_no_server() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let sent = sandbox.requests().len();
    project.unset_env("CERTCTL_API_KEY");
    let yaml = project.read("templates/all.yaml").replace("t-001", "first");
    project.write("templates/all.yaml", format!("{yaml}moved:\n  - {{ from: t-001, to: first }}\n"));
    let moved = project.apply().exits(0);
    let yaml = project.read("templates/all.yaml").replace("    title", "    protect: true\n    title");
    project.write("templates/all.yaml", yaml);
    let protected = project.apply().exits(0);
    assert_eq!(project.row("first")["protect"], true);
    for run in [moved, protected] {
        assert!(!run.stderr.contains("sandbox"), "{}", run.stderr);
    }
    assert!(!project.file("state/test.json.sandbox").exists());
    assert_eq!(sandbox.requests().len(), sent);
}
