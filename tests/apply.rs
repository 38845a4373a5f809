//! The main job, end to end: the real binary with a sandbox process.

mod support;

use serde_json::json;
use support::{Project, Sandbox, Template, numbered};

#[test]
fn first_apply_creates_second_sends_nothing() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    let first = project.apply_json(0);
    assert_eq!(first["format"], "certctl.apply/v1");
    assert_eq!(first["outcome"], "ok");
    assert_eq!(
        first["summary"],
        json!({"created": 3, "updated": 0, "failed": 0, "pending": 0, "in_doubt": 0, "not_sent": 0})
    );
    assert_eq!(first["requests"], 1);
    let row = project.row("t-001");
    assert_eq!(row["status"], "applied");
    assert_eq!(row["idSource"], "positional", "three ids were returned without assignment");
    assert_eq!(row["attributes"]["title"], "Title 001");
    assert_eq!(project.state()["serial"], 1);

    let second = project.apply_json(0);
    assert_eq!(second["requests"], 0);
    assert_eq!(second["results"], json!([]));
    project.apply().exits(0).says("No changes.");
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(project.state()["serial"], 1, "nothing changed, so nothing was written");
}

#[test]
fn only_the_difference_is_submitted() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    let mut templates = numbered(1..=3);
    templates[1] = templates[1].clone().with("expirationDays: 365");
    project.templates(&templates);
    project.apply().exits(0);
    templates[1] = Template::number(2).titled("New title");
    project.templates(&templates);
    let plan = project.plan_json();
    assert_eq!(plan["summary"]["update"], 1);
    assert_eq!(plan["summary"]["unchanged"], 2);
    let changes = plan["actions"][0]["changes"].as_array().unwrap();
    assert_eq!(changes[0], json!({"path": "expirationDays", "before": 365, "after": null}));
    assert_eq!(changes[1], json!({"path": "title", "before": "Title 002", "after": "New title"}));
    project.run(&["plan", "--detailed-exitcode"]).exits(2).says("Plan: 0 to add, 1 to change, 0 to destroy.");

    project.apply().exits(0);
    let sent = &sandbox.requests()[1]["body"]["templates"];
    assert_eq!(sent.as_array().unwrap().len(), 1);
    assert_eq!(sent[0]["expirationDays"], json!(null), "a removed attribute is sent as null");
    assert_eq!(sent[0]["title"], "New title");
    assert_eq!(sent[0]["resourceType"], "course", "all attributes are sent");
    assert!(project.row("t-002")["attributes"].get("expirationDays").is_none());
    project.run(&["plan", "--detailed-exitcode"]).exits(0).says("No changes.");
}

#[test]
fn failed_row_stops_no_other() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:reject=002"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    let result = project.apply_json(3);
    assert_eq!(result["outcome"], "partial");
    assert_eq!(result["summary"]["created"], 2);
    assert_eq!(result["summary"]["failed"], 1);
    let row = project.row("t-002");
    assert_eq!(row["status"], "failed");
    assert_eq!(row["attributes"], json!(null));
    assert!(row["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert!(row["error"]["record"].is_string());
    sandbox.faults(&[]);
    let repaired = project.apply_json(0);
    assert_eq!(repaired["summary"]["created"], 1);
    assert_eq!(project.row("t-002")["status"], "applied");
    assert_eq!(project.row("t-002")["idSource"], "exact");
    assert_eq!(project.row("t-002")["error"], json!(null));
    sandbox.assert_no_double_create();
}

#[test]
fn dropped_template_is_a_visible_orphan() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project.templates(&numbered(1..=1));
    let plan = project.run(&["plan"]).exits(0).says("certctl state rm t-002 -e test");
    let verdict = "Plan: 0 to add, 0 to change, 0 to destroy, 1 orphaned. Environment: test.";
    assert_eq!(plan.stdout.lines().next(), Some(verdict));
    assert_eq!(plan.stdout.lines().last(), Some(verdict));
    assert_eq!(project.apply_json(0)["requests"], 0);
    project.run(&["state", "rm", "t-002", "-y"]).exits(0);
    project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn changed_course_leaves_the_old_template_orphaned() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let old_id = project.row("t-001")["id"].clone();
    project.templates(&[Template { key: "t-001".to_owned(), ..Template::number(9) }]);
    let plan = project.plan_json();
    assert_eq!((&plan["summary"]["replace"], &plan["summary"]["update"]), (&1.into(), &0.into()));
    assert!(!plan["warnings"].as_array().unwrap().is_empty());
    project.apply().exits(0);
    assert_eq!(project.row("t-001.replaced-1")["id"], old_id);
    assert_ne!(project.row("t-001")["id"], old_id);
    project.run(&["plan"]).exits(0).says("1 orphaned");
}

#[test]
fn a_replacement_that_was_there_has_no_id() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    let old = project.row("t-001")["id"].clone();
    let another = Project::on(&sandbox, "");
    another.templates(&[Template::number(9)]);
    another.apply().exits(0);
    project.templates(&[Template { key: "t-001".to_owned(), ..Template::number(9) }]);
    let told = project.apply_json(0);
    let result = &told["results"][0];
    assert_eq!((&result["action"], &result["outcome"]), (&json!("replace"), &json!("updated")));
    // What is shown is what is recorded: the old id is that of the template that is left behind.
    assert_eq!((&result["id"], &project.row("t-001")["id"]), (&json!(null), &json!(null)));
    assert_eq!((&told["summary"]["created"], &told["summary"]["updated"]), (&json!(0), &json!(1)));
    assert_eq!(told["left_behind"][0]["id"], old);
    let warning = told["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("the server says that it updated t-001, and did not create it"), "{warning}");
}

#[test]
fn bare_and_wrapped_answers_are_read_alike() {
    let sandbox = Sandbox::start(&["--bare"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    assert_eq!(project.apply_json(0)["summary"]["created"], 3);
    project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn targets_and_excludes_select() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=12));
    let run = project.run(&["apply", "-y", "--json", "--target", "t-00*", "--exclude", "t-003"]).exits(0);
    assert_eq!(run.json()["summary"]["created"], 8);
    project.run(&["plan", "--target", "nobody"]).exits(1).says("matches no template");
    assert_eq!(project.plan_json()["summary"]["create"], 4);
}

mod renames {
    use super::*;

    #[test]
    fn without_moved_are_held_back() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        project.apply().exits(0);
        let renamed = [Template::number(1), Template::number(2).keyed("better-name")];
        project.templates(&renamed);
        project
            .run(&["plan"])
            .exits(0)
            .says("better-name looks like t-002 renamed")
            .says("- { from: t-002, to: better-name }");
        let result = project.apply_json(3);
        assert_eq!(result["summary"]["not_sent"], 1);
        assert_eq!(result["requests"], 0, "a second create for one natural key is never sent unasked");

        let yaml = project.read("templates/all.yaml");
        project
            .write("templates/all.yaml", format!("{yaml}moved:\n  - {{ from: t-002, to: better-name }}\n"));
        let plan = project.plan_json();
        assert_eq!(plan["summary"]["move"], 1);
        assert_eq!(plan["summary"]["create"], 0);
        assert_eq!(plan["actions"][0]["from"], "t-002");
        assert_eq!(project.apply_json(0)["requests"], 0);
        assert_eq!(project.row("better-name")["attributes"]["title"], "Title 002");
        assert!(project.state()["templates"].get("t-002").is_none());
        project.run(&["plan"]).exits(0).says("No changes.");
        assert_eq!(sandbox.templates().len(), 2);
        sandbox.assert_no_double_create();
    }

    #[test]
    fn in_a_chain_are_one_move() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(0);
        project.templates(&[Template::number(1).keyed("last")]);
        let yaml = project.read("templates/all.yaml");
        // As people write it: the latest rename on top.
        let chain = "moved:\n  - { from: middle, to: last }\n  - { from: t-001, to: middle }\n";
        project.write("templates/all.yaml", format!("{yaml}{chain}"));
        for had in ["t-001", "middle"] {
            let plan = project.plan_json();
            assert_eq!(
                (&plan["actions"][0]["from"], &plan["actions"][0]["key"]),
                (&json!(had), &json!("last"))
            );
            assert_eq!(project.apply_json(0)["requests"], 0);
            assert_eq!(project.row("last")["attributes"]["title"], "Title 001");
            project.run(&["plan"]).exits(0).says("No changes.");
            project.run(&["state", "mv", "last", "middle"]).exits(0);
        }
    }
}

mod addressing_by_id {
    use super::*;

    #[test]
    fn updates_changed_fields() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "addressing = \"id\"");
        project.templates(&numbered(1..=3));
        assert_eq!(project.apply_json(0)["requests"], 3);
        for key in ["t-001", "t-002", "t-003"] {
            assert_eq!(project.row(key)["idSource"], "exact");
        }
        project.templates(&[
            Template::number(1).titled("A"),
            Template::number(2).titled("B"),
            Template::number(3),
        ]);
        let update = project.apply_json(0);
        assert_eq!(update["requests"], 1);
        assert_eq!(update["summary"]["updated"], 2);
        let request = sandbox.requests().pop().unwrap();
        assert!(request["path"].as_str().unwrap().ends_with("/bulk/update"));
        assert_eq!(request["body"]["templates"][0], json!({"id": project.row("t-001")["id"], "title": "A"}));
        project.run(&["plan"]).exits(0).says("No changes.");
        sandbox.assert_no_double_create();
    }

    #[test]
    fn uses_no_positional_id() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        project.apply().exits(0);
        assert_eq!(project.row("t-001")["idSource"], "positional");
        project.configure(&sandbox.url, "addressing = \"id\"");
        project.templates(&[Template::number(1).titled("A"), Template::number(2)]);
        project.apply().exits(3).says("certctl import t-001");
        let templates = sandbox.templates();
        let id =
            templates.iter().find(|template| template["attributes"]["title"] == "Title 001").unwrap()["id"]
                .clone();
        project.run(&["import", "t-001", id.as_str().unwrap()]).exits(0);
        assert_eq!(project.row("t-001")["idSource"], "imported");
        assert_eq!(project.apply_json(0)["summary"]["updated"], 1);
    }
}

mod saved_plans {
    use super::*;

    #[test]
    fn run_as_reviewed() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        let planned = project.plan_json();
        project.run(&["plan", "--out", "change.plan"]).exits(0);
        let saved: serde_json::Value = serde_json::from_str(&project.read("change.plan")).unwrap();
        assert_eq!(saved, planned, "saved and --json are one format");
        assert_eq!(project.run(&["show", "change.plan", "--json"]).exits(0).json(), planned);
        project.run(&["show", "change.plan"]).exits(0).says("Plan: 2 to add, 0 to change, 0 to destroy.");

        // The configuration has changed; the reviewed plan runs.
        project.templates(&numbered(1..=3));
        project.run(&["apply", "change.plan"]).exits(0);
        assert_eq!(sandbox.templates().len(), 2);
        project.run(&["apply", "change.plan"]).exits(5).says("stale");
        assert_eq!(sandbox.requests().len(), 1);

        project.run(&["plan", "--out", "next.plan"]).exits(0);
        let tampered = project.read("next.plan").replace("Title 003", "Title 3!!");
        project.write("next.plan", tampered);
        project.run(&["apply", "next.plan"]).exits(5).says("changed after it was made");
    }

    #[test]
    fn of_a_killed_run_show_doubt() {
        let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-after"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        project.run(&["plan", "--out", "change.plan"]).exits(0);
        let running = project.start(&["apply", "change.plan"]);
        sandbox.has_read(1);
        running.kill();
        let refused = project.run(&["apply", "change.plan"]).exits(5).says("an apply has begun since");
        assert!(!refused.stderr.contains("serial 0"), "{}", refused.stderr);
        refused.says("In doubt now: t-001, t-002.");
        assert_eq!(sandbox.requests().len(), 1);
    }
}

mod consent {
    use super::*;

    #[test]
    fn is_needed_beyond_safety_limits() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        let toml = project
            .read("certctl.toml")
            .replace("max_change_percent = 100", "max_changes = 5\nmax_change_percent = 20");
        project.write("certctl.toml", toml);
        project.templates(&numbered(1..=10));
        project.run(&["plan"]).exits(5).says("--max-changes 10");
        project.apply().exits(5);
        assert_eq!(sandbox.requests().len(), 0);
        project.run(&["apply", "-y", "--max-changes", "10"]).exits(0);
        let mut templates = numbered(1..=10);
        for template in &mut templates[..3] {
            *template = template.clone().titled("Changed");
        }
        project.templates(&templates);
        project.apply().exits(5).says("max_change_percent");
        project.run(&["apply", "-y", "--max-changes", "3"]).exits(0);
    }

    #[test]
    fn cannot_be_asked_without_a_terminal() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        let before = project.snapshot();
        project.run(&["apply"]).exits(1).says("certctl apply --auto-approve -e test");
        assert_eq!(project.snapshot(), before);
        assert_eq!(sandbox.requests().len(), 0);
    }

    #[test]
    fn is_needed_twice_to_forget_protected_templates() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&[Template::number(1), Template::number(2).with("protect: true")]);
        project.apply().exits(0);
        assert_eq!(project.row("t-002")["protect"], true);
        project.templates(&numbered(1..=1));
        project.run(&["plan"]).exits(5).says("t-002");
        project.apply().exits(5);
        project.run(&["state", "rm", "t-002", "-y"]).exits(5).says("protect: false");
        project.templates(&numbered(1..=2));
        assert_eq!(project.apply_json(0)["requests"], 0, "the flag is the state's alone");
        assert_eq!(project.row("t-002")["protect"], false);
        project.templates(&numbered(1..=1));
        project.run(&["state", "rm", "t-002", "-y"]).exits(0);
    }
}
