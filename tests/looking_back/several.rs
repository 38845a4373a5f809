//! `apply` in several environments.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::support::running::until;
use super::support::{KEY, Project, Run, Sandbox, numbered};

/// A project with these environments, in this order of their names.
fn project(environments: &[(&str, &str)]) -> Project {
    let mut project = Project::empty();
    let mut toml = String::new();
    for (name, url) in environments {
        toml.push_str(&format!(
            "[environments.{name}]\nurl = \"{url}\"\n[environments.{name}.api]\nrequests_per_minute = 60000\nbatch_size = 1\n"
        ));
    }
    project.write("certctl.toml", toml);
    project.set_env("CERTCTL_API_KEY", KEY);
    project.templates(&numbered(1..=2));
    project
}

fn outcomes(document: &Value) -> Vec<(&str, &str)> {
    let environments = document["environments"].as_array().unwrap().iter();
    environments.map(|run| (run["environment"].as_str().unwrap(), run["outcome"].as_str().unwrap())).collect()
}

/// An address where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn one_that_fails_stops_no_other() {
    let [good, partial] =
        [Sandbox::start(&[]), Sandbox::start(&["--fault", "bulk[Title 002]:*:reject=Title"])];
    let project = project(&[("a", NOWHERE), ("b", &partial.url), ("c", &good.url)]);
    let document = project.run(&["apply", "-y", "--all-envs", "--json"]).exits(3).json();
    assert_eq!(
        (&document["format"], &document["outcome"]),
        (&json!("certctl.environments/v1"), &json!("partial"))
    );
    assert_eq!(outcomes(&document), [("a", "error"), ("b", "partial"), ("c", "ok")]);
    assert_eq!(document["environments"][2]["result"]["format"], "certctl.apply/v1");
    assert_eq!(document["environments"][2]["result"]["summary"]["created"], 2);
    assert_eq!(good.templates().len(), 2);
    assert!(project.file("state/c.json").exists() && project.file("state/b.json").exists());
}

#[test]
fn named_environments_run_in_their_order() {
    let [one, two, three] = [(); 3].map(|()| Sandbox::start(&[]));
    let project = project(&[("a", &one.url), ("b", &two.url), ("c", &three.url)]);
    let run = project
        .run(&["apply", "-y", "--env", "c", "-e", "a", "-e", "c", "--report", "json=out.json"])
        .exits(0)
        .says("c: done\na: done");
    assert!(run.stdout.find("== c ==") < run.stdout.find("== a =="), "{}", run.stdout);
    assert_eq!((one.templates().len(), two.templates().len(), three.templates().len()), (2, 0, 2));
    for (file, environment) in [("out.a.json", "a"), ("out.c.json", "c")] {
        let report: Value = serde_json::from_str(&project.read(file)).unwrap();
        assert_eq!(report["environment"], environment, "{file}");
    }
    assert!(!project.file("out.json").exists());
}

#[test]
fn doubt_is_the_worst_and_names_its_environment() {
    let [lost, good] = [Sandbox::start(&["--fault", "bulk:*:reset-after"]), Sandbox::start(&[])];
    let project = project(&[("a", &lost.url), ("b", &good.url), ("c", NOWHERE)]);
    let run = project.run(&["apply", "-y", "--all-envs"]).exits(4).says("a: in doubt\nb: done\nc: failed");
    assert!(run.stdout.contains("recover") && run.stdout.contains("-e a"), "{}", run.stdout);
}

#[test]
fn other_commands_take_one_environment() {
    let good = Sandbox::start(&[]);
    let project = project(&[("a", &good.url), ("b", &good.url)]);
    project.run(&["state", "list", "-e", "a", "-e", "b"]).exits(1).says("only apply and doctor take several");
    project.run(&["apply", "-y", "-e", "a", "--all-envs"]).exits(1);
    project.run(&["apply", "change.plan", "--all-envs"]).exits(1).says("a saved plan is for one environment");
    project
        .run(&["apply", "-y", "-e", "a", "-e", "missing"])
        .exits(1)
        .says("a: done")
        .says("missing: failed");
}

#[test]
fn a_signal_keeps_what_has_ended() {
    let [one, two, three] = [(); 3].map(|()| Sandbox::start(&[]));
    let project = project(&[("a", &one.url), ("b", &two.url), ("c", &three.url)]);
    // Another run holds the state of b.
    let (holder, resume) = project.start_waiting(&["apply", "-y", "-e", "b"], "request-ready");
    until("b is held", || project.file("state/b.json.journal").exists());
    let mut command = project.command(&["apply", "-y", "--all-envs", "--json", "--lock-timeout", "10m"]);
    let notes = std::fs::File::create(project.file("notes")).unwrap();
    let running = command.stdout(Stdio::piped()).stderr(notes).spawn().unwrap();
    until("it waits for b", || project.read("notes").contains("waiting for"));
    let pid = running.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let run = Run::of(running.wait_with_output().unwrap());
    let document = run.exits(130).json();
    assert_eq!(outcomes(&document), [("a", "ok"), ("b", "interrupted"), ("c", "interrupted")]);
    assert_eq!(document["outcome"], "interrupted");
    assert_eq!(document["environments"][0]["result"]["summary"]["created"], 2);
    assert_eq!(document["environments"][1]["result"]["format"], "certctl.error/v1");
    assert_eq!(document["environments"][2]["result"], Value::Null);
    std::fs::write(resume, "").unwrap();
    holder.end().exits(0);
}

#[test]
fn two_signals_keep_what_has_ended() {
    let [one, three] = [(); 2].map(|()| Sandbox::start(&[]));
    let two = Sandbox::start(&["--fault", "bulk:*:stall-after"]);
    let project = project(&[("a", &one.url), ("b", &two.url), ("c", &three.url)]);
    let mut running = project.start(&["apply", "-y", "--all-envs", "--json"]);
    two.has_read(1);
    running.signal("INT");
    running.signal("TERM");
    let document = running.end().exits(4).json();
    assert_eq!(outcomes(&document), [("a", "ok"), ("b", "in_doubt"), ("c", "interrupted")]);
    assert_eq!(document["environments"][0]["result"]["format"], "certctl.apply/v1");
    assert_eq!(three.requests().len(), 0);
}
