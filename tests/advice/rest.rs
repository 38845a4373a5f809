//! What apply says about rows that it did not send: the printed command sends them, or the reason is given.

use crate::support::{Project, Run, Sandbox, Template, numbered};

/// The command at the end of the line with this beginning, as printed.
#[track_caller]
fn typed(project: &Project, run: &Run, words: &str) -> (String, Run) {
    assert!(run.stdout.contains(words), "no {words:?} in\n{}", run.stdout);
    let line = run.stdout.lines().find_map(|line| line.strip_prefix(words));
    let command = line.unwrap().trim().to_owned();
    let script = command.replacen("certctl", "\"$@\"", 1);
    let script = if command.contains(" apply ") { format!("{script} -y") } else { script };
    let run = project.in_shell(&script, &[]);
    (command, run)
}

#[test]
fn another_apply_sends_no_held_back_rows() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    let before = project.read("state/test.json");
    project.templates(&[Template::number(1).keyed("renamed"), Template::number(2)]);
    let run = project.apply().exits(3);
    assert!(!run.stdout.contains("To send the rest"), "{}", run.stdout);
    assert!(!run.stdout.contains("Commit it"), "{}", run.stdout);
    let run = run
        .says("1 template is held back: what to do is said beside it.")
        .says("Nothing was sent, and the state is as it was.");
    assert_eq!(project.read("state/test.json"), before);
    let report = project.run(&["apply", "-y", "--report", "markdown=run.md", "--report", "html=run.html"]);
    report.exits(3);
    for file in ["run.md", "run.html"] {
        let text = project.read(file);
        assert!(text.contains("is held back: what to do is said beside it"), "{text}");
        assert!(!text.contains("To send the rest"), "{text}");
    }
    // If something else is sent, both are printed.
    drop(run);
    project.templates(&[Template::number(1).keyed("renamed"), Template::number(2), Template::number(3)]);
    let run = project.apply().exits(3).says("1 template is held back").says("Commit it.");
    assert!(!run.stdout.contains("To send the rest"), "{}", run.stdout);
}

#[test]
fn rest_of_a_large_apply_is_allowed() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:status=401"]);
    let project = Project::on(&sandbox, "batch_size = 45\nconcurrency = 1");
    project.templates(&numbered(1..=600));
    let run = project.apply().exits(3);
    sandbox.faults(&[]);
    let left = 600 - sandbox.templates().len();
    let (command, rest) = typed(&project, &run, "To send the rest: ");
    assert!(rest.stdout.contains(&format!("{left} created")), "{rest:?}");
    assert_eq!(command, format!("certctl apply --max-changes {left} -e test"));
}

#[test]
fn failed_rows_are_allowed_again() {
    let sandbox = Sandbox::start(&[]);
    for (limit, flag) in [(3, " --max-changes 4"), (4, "")] {
        let project = Project::on(&sandbox, "");
        let toml = project
            .read("certctl.toml")
            .replace("max_change_percent = 100", &format!("max_change_percent = 100\nmax_changes = {limit}"));
        project.write("certctl.toml", toml);
        let nowhere = |number| Template {
            resource: "00000000-0000-0000-0000-000000000000".to_owned(),
            ..Template::number(number)
                .with(&format!("userCustomFieldSlug: team\n    userCustomFieldValue: t{number}"))
        };
        project.templates(&(1..=4).map(nowhere).collect::<Vec<_>>());
        let run = project.run(&["apply", "-y", "--max-changes", "9"]).exits(3);
        let (command, again) = typed(&project, &run, "Correct what failed, then apply again: ");
        assert_eq!(command, format!("certctl apply{flag} -e test"));
        again.exits(3).says("4 failed");
    }
}

#[test]
fn rest_keeps_the_selection() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:status=401"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=4));
    let run = project.run(&["apply", "-y", "--target", "t-00[123]"]).exits(3);
    sandbox.faults(&[]);
    let (command, rest) = typed(&project, &run, "To send the rest: ");
    assert_eq!(command, "certctl apply --target 't-00[123]' -e test");
    rest.exits(0).says("2 created");
    assert_eq!(sandbox.templates().len(), 3);
}

#[test]
fn rest_is_a_saved_plan_where_required() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:status=401"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    let toml = project.read("certctl.toml");
    project.write(
        "certctl.toml",
        toml.replace("max_change_percent", "require_saved_plan = true\nmax_change_percent"),
    );
    project.templates(&numbered(1..=3));
    project.run(&["plan", "--out", "first.plan"]).exits(0);
    let run = project.run(&["apply", "first.plan"]).exits(3);
    sandbox.faults(&[]);
    let (command, saved) = typed(&project, &run, "To send the rest: ");
    assert_eq!(command, "certctl plan --out change.plan -e test");
    saved.exits(0).says("To apply exactly this: certctl apply change.plan");
    project.run(&["apply", "change.plan"]).exits(0).says("2 created");
}
