//! A saved plan for a state that has changed since.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use certctl::model::{Digest, canonical_json};
use serde_json::Value;
use support::{Project, Sandbox, Template, numbered};

/// The plan with this change and a correct digest.
fn rewritten(project: &Project, name: &str, change: impl FnOnce(&mut Value)) {
    let mut plan: Value = serde_json::from_str(&project.read(name)).unwrap();
    change(&mut plan);
    plan["digest"] = Value::Null;
    plan["digest"] = Value::from(Digest::of(canonical_json(&plan).as_bytes()).as_str());
    project.write(name, plan.to_string());
}

/// The digest of the state's templates, by the rule in docs/formats.md.
fn templates_digest(state: &Value) -> Value {
    let mut templates = state["templates"].clone();
    for row in templates.as_object_mut().unwrap().values_mut() {
        row.as_object_mut().unwrap().remove("write");
    }
    Value::from(Digest::of(canonical_json(&templates).as_bytes()).as_str())
}

#[test]
fn state_digest_matches_its_documentation() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    assert_eq!(project.plan_json()["state"]["digest"], templates_digest(&project.state()));
}

#[test]
fn plan_with_an_unfinished_journal_applies() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-after"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let running = project.start(&["apply", "-y"]);
    sandbox.has_read(1);
    running.kill();
    sandbox.faults(&[]);
    project.templates(&numbered(1..=2));
    project.run(&["plan", "--out", "change.plan"]).exits(0).says("1 to add").says("1 in doubt");
    project.run(&["apply", "change.plan"]).exits(4);
    assert_eq!((sandbox.times_sent("Title 001"), sandbox.times_sent("Title 002")), (1, 1));
    // Applying it once is enough: the state has changed then.
    project.run(&["apply", "change.plan"]).exits(5).says("As planned already: t-002");
}

/// Two branches both go from serial 1 to serial 2; one's plan meets the other's state.
fn on_the_other_branch(faults: &[&str], theirs: Template, says: &str) {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, "job_timeout = \"1s\"");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    project.templates(&numbered(1..=2));
    project.run(&["plan", "--out", "ours.plan"]).exits(0);
    sandbox.faults(faults);
    project.templates(&[Template::number(1), theirs]);
    project.apply();
    sandbox.faults(&[]);
    assert_eq!(project.state()["serial"], 2);
    let (sent, before) = (sandbox.requests().len(), project.snapshot());
    let state = templates_digest(&project.state());
    // Unchanged, as if made from this state, and without a digest of the state.
    rewritten(&project, "ours.plan", |plan| plan["state"]["serial"] = Value::from(2));
    project.run(&["apply", "ours.plan"]).exits(5).says(says);
    rewritten(&project, "ours.plan", |plan| plan["state"]["digest"] = state);
    project.run(&["apply", "ours.plan"]).exits(5).says(says);
    rewritten(&project, "ours.plan", |plan| {
        plan["state"].as_object_mut().unwrap().remove("digest");
    });
    project.run(&["apply", "ours.plan"]).exits(5).says(says);
    assert_eq!(sandbox.requests().len(), sent, "nothing was sent");
    let unchanged = |name: &str| project.snapshot()[&project.file(name)] == before[&project.file(name)];
    assert!(unchanged("state/test.json"));
}

#[test]
fn create_in_doubt_is_not_sent() {
    on_the_other_branch(&["bulk:1:reset-after"], Template::number(2), "In doubt now: t-002");
}

#[test]
fn create_with_a_running_job_is_not_sent() {
    on_the_other_branch(&["bulk:1:job=never"], Template::number(2), "job of the server now: t-002");
}

#[test]
fn create_held_by_another_row_is_not_sent() {
    let theirs = Template::number(2).keyed("theirs");
    on_the_other_branch(&[], theirs, "t-002 (theirs is for the same resource and audience)");
}

mod by_hand {
    use super::*;

    /// An applied project of two templates, and a plan about the second one.
    fn planned(sandbox: &Sandbox) -> Project {
        let project = Project::on(sandbox, "");
        project.templates(&numbered(1..=2));
        project.apply().exits(0);
        project.templates(&[Template::number(1), Template::number(2).with("expirationDays: 7")]);
        project.run(&["plan", "--out", "change.plan"]).exits(0);
        project
    }

    #[test]
    fn without_the_digest_of_the_state_is_refused() {
        let sandbox = Sandbox::start(&[]);
        let project = planned(&sandbox);
        rewritten(&project, "change.plan", |plan| {
            plan["state"].as_object_mut().unwrap().remove("digest");
        });
        let before = sandbox.requests().len();
        let run = project.run(&["apply", "change.plan"]).exits(5);
        run.says("(state.digest): certctl did not write it").says("certctl plan --out change.plan");
        project.run(&["show", "change.plan"]).exits(0);
        assert_eq!(sandbox.requests().len(), before);
    }

    #[test]
    fn with_an_orphan_that_is_configured_is_refused() {
        let sandbox = Sandbox::start(&[]);
        let project = planned(&sandbox);
        let before = sandbox.requests().len();
        rewritten(&project, "change.plan", |plan| {
            plan["actions"].as_array_mut().unwrap().insert(
                0,
                serde_json::json!({"action": "orphan", "after": null,
                "before": project.row("t-001")["attributes"], "changes": [], "id": sandbox.id_of("Title 001"),
                "key": "t-001", "source": null}),
            );
            (plan["summary"]["orphan"], plan["summary"]["unchanged"]) = (1.into(), 0.into());
        });
        let run = project.run(&["apply", "change.plan"]).exits(5);
        run.says("says that the configuration no longer has t-001, and it has")
            .says("certctl plan --out change.plan");
        assert_eq!(sandbox.requests().len(), before);
        // Where the configuration cannot be read, nothing is known against it; where it has no such template, all is well.
        project.templates(&[Template::number(2).with("expirationDays: 7")]);
        project.run(&["apply", "change.plan"]).exits(0);
    }
}

mod making_it_again {
    use super::*;

    #[test]
    fn keeps_the_selection() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=3));
        project.run(&["plan", "--out", "one.plan", "--target", "t-001"]).exits(0);
        let chosen = ["--target", "t-00[23]", "--target", "t-001", "--exclude", "t-003"];
        project.run(&[&["plan", "--out", "two.plan"][..], &chosen].concat()).exits(0);
        project.run(&["apply", "one.plan"]).exits(0);
        let again = "certctl plan --out two.plan --target 't-00[23]' --target t-001 --exclude t-003 -e test";
        let run = project.run(&["apply", "two.plan"]).exits(5).says(again);
        assert!(run.stderr.contains(&format!("{again}\n")), "{}", run.stderr);
        project.in_shell(&again.replacen("certctl", "\"$@\"", 1), &[]).exits(0).says("t-002");
        project.run(&["apply", "two.plan"]).exits(0);
        assert_eq!(sandbox.templates().len(), 2);
    }

    #[test]
    fn keeps_the_selection_when_saving_is_required() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        project.run(&["apply", "--target", "t-001"]).exits(1).says("plan --out change.plan --target t-001");
        let toml = project.read("certctl.toml");
        project.write("certctl.toml", format!("{toml}require_saved_plan = true\n"));
        let apply = project.run(&["apply", "-y", "--exclude", "t-001", "--max-changes", "9"]).exits(5);
        apply.says("plan --out change.plan --exclude t-001 --max-changes 9");
    }
}

#[test]
fn invalid_row_is_not_sent() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    project.templates(&numbered(1..=2));
    project.run(&["plan", "--out", "change.plan"]).exits(0);
    let sent = sandbox.requests().len();
    for (member, value, says) in [
        ("resourceId", " 00000000-0000-4000-8000-000000000001", "resourceId must be an id"),
        ("resourceType", "Course", "resourceType must be one of"),
        ("userCustomFieldSlug", "", "userCustomFieldSlug is empty"),
        ("id", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01", "id is not allowed"),
    ] {
        let plan = project.read("change.plan");
        rewritten(&project, "change.plan", |plan| plan["actions"][0]["after"][member] = Value::from(value));
        project.run(&["apply", "change.plan"]).exits(5).says(says);
        project.write("change.plan", plan);
    }
    assert_eq!(sandbox.requests().len(), sent);
    sandbox.assert_no_double_create();
}

#[test]
fn only_plans_are_overwritten() {
    let project = Project::empty();
    project.configure("sandbox", "");
    project.templates(&numbered(1..=1));
    for command in ["show", "apply"] {
        let run = project.run(&[command, "certctl.toml"]).exits(1).says("plan --out change.plan");
        assert!(!run.stderr.contains("--out certctl.toml"), "{}", run.stderr);
    }
}

#[test]
fn plan_older_than_the_state_says_so() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.run(&["plan", "--out", "change.plan"]).exits(0).says("as is normal before the first apply");
    project.apply().exits(0);
    let refused = project.run(&["apply", "change.plan"]).exits(5);
    let refused = refused
        .says("it was made before there was a state, and the state is at serial 1 now")
        .says("the serial goes up with every write");
    assert!(!refused.stderr.contains("serial 0"), "{}", refused.stderr);
}

/// Early versions did not record which orphan a held-back rename belongs to.
#[test]
fn rename_in_an_older_plan_is_read() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    project.templates(&[Template::number(1).keyed("renamed")]);
    project.run(&["plan", "--out", "change.plan"]).exits(0);
    rewritten(&project, "change.plan", |plan| {
        assert_eq!(plan["actions"][1]["renamed_to"], "renamed");
        plan["actions"][1].as_object_mut().unwrap().remove("renamed_to");
        plan["summary"].as_object_mut().unwrap().remove("renamed");
    });
    project.run(&["show", "change.plan"]).exits(0).says("1 perhaps renamed, 1 held back");
    rewritten(&project, "change.plan", |plan| plan["summary"]["renamed"] = Value::from(1));
    project.run(&["show", "change.plan"]).exits(5).says("does not count what its actions say");
}
