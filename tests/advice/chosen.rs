//! No printed command sends what --target and --exclude left out.

use std::collections::BTreeSet;

use crate::scene::Scene;
use crate::support::Sandbox;

const CHOICES: [&[&str]; 3] =
    [&["--target", "one"], &["--exclude", "two"], &["--target", "*", "--exclude=two"]];

/// Checks that every command among these that plans or sends keeps the selection.
#[track_caller]
fn keep(commands: &BTreeSet<String>, choice: &[&str]) {
    let plans = |command: &&String| {
        let words: Vec<&str> = command.split(' ').collect();
        let applies_a_file = command.contains("apply change.plan");
        (words.contains(&"plan") || words.contains(&"apply")) && !applies_a_file
    };
    let mut planning = commands.iter().filter(plans).peekable();
    assert!(planning.peek().is_some(), "no command plans: {commands:#?}");
    for command in planning {
        let unquoted = command.replace('\'', "").replace("--exclude two", "--exclude=two");
        let is_exact = unquoted.contains("--target one") && !unquoted.contains("two");
        let is_kept = choice.join(" ").replace("--exclude two", "--exclude=two");
        assert!(is_exact || unquoted.contains(&is_kept), "{command} forgets {choice:?}: {commands:#?}");
    }
}

fn scene(faults: &[&str]) -> Scene {
    let faults: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    let scene = Scene::new(Sandbox::start(&faults), "batch_size = 1\nconcurrency = 1");
    scene.templates(&["one", "two"]);
    scene
}

#[test]
fn without_a_terminal_to_ask_on() {
    for choice in CHOICES {
        let mut scene = scene(&[]);
        scene.run(&[&["apply"][..], choice].concat()).exits(1);
        keep(&scene.paste(), choice);
    }
}

#[test]
fn after_rows_that_failed() {
    for choice in CHOICES {
        let mut scene = scene(&["bulk:*:reject=production 0"]);
        scene
            .run(
                &[&["apply", "-y", "--report", "markdown=run.md", "--report", "html=run.html"], choice]
                    .concat(),
            )
            .exits(3);
        scene.seen("run.md");
        scene.seen("run.html");
        keep(&scene.paste(), choice);
    }
}

#[test]
fn after_rows_whose_outcome_is_unknown() {
    for choice in CHOICES {
        let mut scene = scene(&["bulk:1:reset-after"]);
        scene.templates(&["one", "two"]);
        scene.run(&[&["apply", "-y"], choice].concat()).exits(4);
        scene.paste();
        scene.run(&["recover", "one", "--resend"]);
        scene.run(&["recover", "one", "--applied"]);
        scene.sandbox.faults(&["bulk:*:reset-after"]);
        scene.numbered(&[(0, "one"), (1, "two")], "    expirationDays: 7\n");
        scene.run(&[&["apply", "-y"], choice].concat()).exits(4);
        scene.run(&["recover"]).exits(0);
        keep(&scene.paste(), choice);
    }
}

#[test]
fn after_a_job_that_has_not_ended() {
    for choice in CHOICES {
        let mut scene = Scene::new(Sandbox::start(&["--fault", "bulk:*:job=never"]), "job_timeout = \"1s\"");
        scene.templates(&["one", "two"]);
        scene.run(&[&["apply", "-y"], choice].concat()).exits(3);
        scene.run(&["recover"]).exits(0);
        keep(&scene.paste(), choice);
    }
}

#[test]
fn without_a_network() {
    for choice in CHOICES {
        let mut scene = scene(&[]);
        let url = scene.sandbox.url.clone();
        scene.write("certctl.toml", &scene.read("certctl.toml").replace(&url, "http://127.0.0.1:1"));
        scene.run(&[&["apply", "-y"], choice].concat()).exits(1);
        keep(&scene.paste(), choice);
    }
}

#[test]
fn of_a_saved_plan() {
    for choice in CHOICES {
        let mut scene = scene(&["bulk:*:reject=production 0"]);
        scene.run(&[&["plan", "--out", "change.plan"], choice].concat()).exits(0);
        scene.paste();
        scene.run(&["apply", "change.plan"]).exits(3);
        keep(&scene.paste(), choice);
        // The state has changed.
        scene.sandbox.faults(&[]);
        scene.run(&["apply", "-y", "--target", "one"]).exits(0);
        scene.run(&["apply", "change.plan"]).exits(5);
        keep(&scene.paste(), choice);
    }
}

#[test]
fn where_saving_plans_is_required() {
    let mut scene = scene(&["bulk:1:reset-after"]);
    scene.run(&["apply", "-y", "--target", "one"]).exits(4);
    scene.paste();
    let toml = scene.read("certctl.toml");
    scene.write("certctl.toml", &toml.replace(".safety]", ".safety]\nrequire_saved_plan = true"));
    for choice in CHOICES {
        scene.run(&[&["apply", "-y"], choice].concat()).exits(5);
        keep(&scene.paste(), choice);
    }
    scene.run(&["recover", "one", "--resend"]).exits(0);
    keep(&scene.paste(), CHOICES[0]);
}

#[test]
fn of_protected_and_held_back_templates() {
    let mut scene = Scene::applied(Sandbox::start(&[]), "", &["one", "two"]);
    scene.numbered(&[(0, "one"), (1, "two")], "    protect: true\n");
    scene.run(&["apply", "-y"]).exits(0);
    scene.run(&["state", "rm", "one", "-y"]).exits(5);
    keep(&scene.paste(), CHOICES[0]);
    // The course of `one` goes to a new template, which is held back.
    scene.numbered(&[(7, "one"), (1, "two"), (0, "new")], "    protect: true\n");
    scene.run(&["apply", "-y", "--exclude", "two", "--exclude", "one"]).exits(3);
    let commands = scene.paste();
    assert!(commands.iter().any(|command| command.contains("apply --target one -e")), "{commands:#?}");
}

#[test]
fn protected_orphan_needs_a_second_step() {
    let mut scene = Scene::applied(Sandbox::start(&[]), "", &["one", "two"]);
    scene.numbered(&[(0, "one"), (1, "two")], "    protect: true\n");
    scene.run(&["apply", "-y"]).exits(0);
    let reports = ["--report", "markdown=plan.md", "--report", "html=plan.html"];
    // Removed, and renamed.
    for left in [&[(1, "two")][..], &[(0, "renamed"), (1, "two")]] {
        scene.numbered(left, "    protect: true\n");
        scene.run(&[&["plan"][..], &reports].concat()).exits(5);
        scene.seen("plan.md");
        scene.seen("plan.html");
    }
    let commands = scene.paste();
    assert!(!commands.iter().any(|command| command.contains("state rm")), "{commands:#?}");
}

mod mistyped {
    use super::*;

    #[test]
    fn nothing_is_sent_and_nearest_is_named() {
        let mut scene = scene(&[]);
        for choice in [["--exclude", "tow"], ["--exclude", "tw[x]"], ["--target", "tow"]] {
            for command in
                [&["plan"][..], &["apply", "-y"], &["plan", "--json"], &["plan", "--out", "change.plan"]]
            {
                let run = scene.run(&[command, &choice].concat()).exits(1);
                run.says(choice[0]).says("matches no template");
            }
        }
        scene.run(&["plan", "--exclude", "twoo", "--exclude", "onee", "--target", "x"]).exits(1).says("--target x")
            .says("--exclude twoo matches no template, neither in the configuration nor in the state (did you mean two?)")
            .says("--exclude onee matches no template, neither in the configuration nor in the state (did you mean one?)");
        assert_eq!(scene.sandbox.requests().len(), 0);
    }

    #[test]
    fn template_of_another_environment_is_accepted() {
        let mut scene = scene(&[]);
        let templates = scene.read("templates/all.yaml");
        scene.write(
            "templates/all.yaml",
            &templates.replace("  \"two\":\n", "  \"two\":\n    environments: [test]\n"),
        );
        scene.run(&["plan", "--exclude", "two"]).exits(0);
        scene.run(&["plan", "--target", "two"]).exits(1).says("it is for other environments only");
    }
}
