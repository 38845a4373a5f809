//! `state migrate`: the state in another file.

use super::support::{Project, Sandbox, numbered};

fn applied(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project
}

fn keep_it_at(project: &Project, state: &str) {
    let toml = project.read("certctl.toml");
    let toml =
        toml.replace("[environments.test.api]", &format!("state = \"{state}\"\n[environments.test.api]"));
    project.write("certctl.toml", toml);
}

#[test]
fn old_place_is_refused_and_names_the_new_one() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let templates = project.state()["templates"].as_object().unwrap().len();
    let asked = ["state", "migrate", "state/test.json", "shared/new.json"];
    project
        .run(&asked)
        .exits(1)
        .says("certctl state migrate state/test.json shared/new.json --auto-approve -e test");
    project.run(&[&asked[..], &["-y"]].concat()).exits(0).says("state = \"shared/new.json\"");
    let requests = sandbox.requests().len();
    for command in [&["plan"][..], &["apply", "-y"], &["state", "list"], &["state", "pull"], &["recover"]] {
        project.run(command).exits(5).says("was moved to shared/new.json");
    }
    assert_eq!(sandbox.requests().len(), requests);
    keep_it_at(&project, "shared/new.json");
    project.run(&["plan"]).exits(0).says("No changes.");
    let moved: serde_json::Value = serde_json::from_str(&project.read("shared/new.json")).unwrap();
    assert_eq!(moved["templates"].as_object().unwrap().len(), templates);
    project.run(&["state", "verify"]).exits(0);
}

#[test]
fn other_states_are_not_overwritten() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let other = applied(&sandbox);
    project.write("shared/new.json", other.read("state/test.json"));
    let before = project.snapshot();
    let moving = |from: &str, to: &str| project.run(&["state", "migrate", from, to, "-y"]);
    moving("state/test.json", "shared/new.json").exits(5).says("another state");
    moving("state/other.json", "x.json").exits(1).says("is not the state of the environment test");
    moving("state/test.json", "state/test.json").exits(1).says("is where the state is");
    for (path, content) in before {
        let is_lock = path.extension().is_some_and(|extension| extension == "lock");
        assert!(is_lock || std::fs::read(&path).unwrap() == content, "{}", path.display());
    }
    project.run(&["plan"]).exits(0).says("No changes.");
}
