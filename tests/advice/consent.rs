//! Consent by --max-changes, stored in the plan that it was given for.

use serde_json::json;

use crate::support::{Project, Run, Sandbox, Template, numbered};

fn project(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=12));
    project.apply().exits(0);
    let toml = project
        .read("certctl.toml")
        .replace("max_change_percent = 100", "max_changes = 5\nmax_change_percent = 30");
    project.write("certctl.toml", toml);
    retitled(&project, 1..=12);
    project
}

fn retitled(project: &Project, changed: std::ops::RangeInclusive<u32>) {
    let title = |number: u32| {
        let template = Template::number(number);
        if changed.contains(&number) { template.titled(&format!("New {number}")) } else { template }
    };
    project.templates(&(1..=12).map(title).collect::<Vec<_>>());
}

/// The command after these words, as printed.
fn typed(project: &Project, run: &Run, after: &str) -> Run {
    let (_, command) = run.stderr.split_once(after).unwrap();
    let words: Vec<&str> = command.lines().next().unwrap().split(' ').skip(1).collect();
    project.run(&words)
}

#[test]
fn is_kept_in_the_saved_plan() {
    let sandbox = Sandbox::start(&[]);
    let project = project(&sandbox);
    let refused = project.run(&["plan", "--out", "change.plan"]).exits(5);
    let plan = typed(&project, &refused, "If that is what you want: ").exits(0);
    let plan = plan.says("Up to 12 changes are allowed (--max-changes, when this was planned).");
    assert_eq!(project.run(&["show", "change.plan", "--json"]).exits(0).json()["max_changes"], 12);
    project.run(&["show", "change.plan"]).exits(0).says("Up to 12 changes are allowed");
    typed(&project, &plan, "To apply exactly this: ").exits(0).says("12 updated");
}

#[test]
fn does_not_extend_to_other_plans() {
    let sandbox = Sandbox::start(&[]);
    let project = project(&sandbox);
    retitled(&project, 1..=2);
    project.run(&["plan", "--max-changes", "9", "--out", "change.plan"]).exits(0);
    assert_eq!(project.run(&["show", "change.plan", "--json"]).exits(0).json()["max_changes"], 9);
    retitled(&project, 1..=12);
    project.run(&["plan", "--out", "larger.plan"]).exits(5).says("max_changes allows 5");
    assert!(!project.file("larger.plan").exists());
    project.run(&["apply", "-y"]).exits(5);
    assert_eq!(project.run(&["plan", "--json"]).exits(5).json()["max_changes"], json!(null));
}
