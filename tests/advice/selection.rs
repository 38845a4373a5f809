//! The first and last line of a plan: the environment, and what --target and --exclude leave out.

use crate::support::{Project, Sandbox, Template, numbered};

fn applied(sandbox: &Sandbox, count: u32) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=count));
    project.apply().exits(0);
    project
}

#[test]
fn plan_names_its_environment_first_and_last() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 1);
    assert_eq!(project.run(&["plan"]).exits(0).stdout, "No changes. Environment: test.\n");
    project.templates(&[Template::number(1).titled("New")]);
    let plan = project.run(&["plan"]).exits(0).stdout;
    let line = "Plan: 0 to add, 1 to change, 0 to destroy. Environment: test.";
    assert_eq!((plan.lines().next(), plan.lines().last()), (Some(line), Some(line)));
}

#[test]
fn pure_move_is_shown() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 1);
    project.templates(&[Template::number(1).keyed("first")]);
    project.write("templates/moved.yaml", "moved:\n  - { from: t-001, to: first }\n");
    project
        .run(&["plan"])
        .exits(0)
        .says("Plan: 0 to add, 0 to change, 0 to destroy, 1 to move. Environment: test.");
}

#[test]
fn held_back_rows_are_not_counted_as_additions() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 1);
    project.templates(&[Template::number(1).keyed("first")]);
    project
        .run(&["plan", "--detailed-exitcode"])
        .exits(2)
        .says("Plan: 0 to add, 0 to change, 0 to destroy, 1 perhaps renamed, 1 held back.");
    let summary = project.plan_json()["summary"].clone();
    assert_eq!((&summary["create"], &summary["held"]), (&0.into(), &1.into()), "{summary}");
}

#[test]
fn selection_says_what_it_leaves_out() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 1);
    project.templates(&numbered(1..=2));
    let line = "No changes in the 1 template that --target selects; 1 other was left out. Environment: test.";
    project.run(&["plan", "--target", "t-001"]).exits(0).says(line);
    let page = "--report=markdown=plan.md";
    let run =
        project.run(&["plan", "--target", "t-001", "--json", page, "--report=html=plan.html", "--out", "p"]);
    let plan = run.exits(0).json();
    assert_eq!(plan["selection"], serde_json::json!({"target": ["t-001"], "exclude": []}));
    assert_eq!(plan["left_out"], 1);
    for file in ["plan.md", "plan.html"] {
        assert!(project.read(file).contains("1 other was left out"), "{file}");
    }
    project.run(&["show", "p"]).exits(0).says(line);
    project
        .run(&["plan", "--exclude", "*", "--detailed-exitcode"])
        .exits(0)
        .says("No changes in the 0 templates that --exclude leaves; 2 others were left out.");
    let all = project.plan_json();
    assert_eq!((&all["selection"], &all["left_out"]), (&serde_json::json!(null), &0.into()));
}

#[test]
fn moved_template_is_left_out_once() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 2);
    project.templates(&[Template::number(1).keyed("first"), Template::number(2)]);
    project.write("templates/moved.yaml", "moved:\n  - { from: t-001, to: first }\n");
    let plan = project.run(&["plan", "--target", "t-002", "--json"]).exits(0).json();
    assert_eq!(plan["left_out"], 1);
}

#[test]
fn template_changing_its_course_is_replaced() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 2);
    let moved = Template { resource: Template::number(9).resource, ..Template::number(1) };
    project.templates(&[moved, Template::number(2)]);
    let run = project.run(&["plan", "--detailed-exitcode"]).exits(2);
    run.says("Plan: 1 to add, 0 to change, 0 to destroy, 1 to replace (of the 1 to add). Environment: test.")
        .says("  -/+ t-001  replace");
    let plan = project.run(&["plan", "--json", "--out", "change.plan"]).exits(0).json();
    assert_eq!((&plan["summary"]["replace"], &plan["summary"]["create"]), (&1.into(), &0.into()));
    assert_eq!(plan["actions"][0]["action"], "replace");
    let result = project.run(&["apply", "change.plan", "--json"]).exits(0).json();
    assert_eq!((&result["summary"]["created"], &result["summary"]["updated"]), (&1.into(), &0.into()));
    assert_eq!(sandbox.templates().len(), 3);
    project.run(&["plan"]).exits(0).says("Plan: 0 to add, 0 to change, 0 to destroy, 1 orphaned.");
}
