//! `state history` and `state show --at`.

use serde_json::{Value, json};

use super::support::{Project, Sandbox, Template, numbered};
use super::{commit, git, with_versions};

fn history(project: &Project, arguments: &[&str]) -> Value {
    project.run(&[&["state", "history", "--json"], arguments].concat()).exits(0).json()
}

fn serials(history: &Value) -> Vec<u64> {
    history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["serial"].as_u64().unwrap())
        .collect()
}

#[test]
fn every_version_is_listed_with_its_changes() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two", "Three"]);
    let listed = history(&project, &[]);
    assert_eq!((&listed["format"], &listed["complete"]), (&json!("certctl.history/v1"), &json!(true)));
    assert_eq!(serials(&listed), [3, 2, 1]);
    let versions = listed["versions"].as_array().unwrap();
    assert_eq!(versions[0]["inPlace"], true);
    assert_eq!(versions[0]["commit"], git(&project, &["rev-parse", "HEAD"]).trim());
    assert_eq!((&versions[1]["added"], &versions[1]["changed"]), (&json!(["t-002"]), &json!(["t-001"])));
    assert_eq!(versions[1]["by"], json!([{ "actor": "ann", "runUrl": "https://ci.example/runs/2" }]));
    let text = project.run(&["state", "history"]).exits(0).says("serial 2").says("+ 1 added: t-002");
    assert!(text.stdout.find("serial 3") < text.stdout.find("serial 1"), "{}", text.stdout);
}

#[test]
fn one_template_shows_its_differences() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two", "Three"]);
    project.run(&["state", "mv", "t-002", "second"]).exits(0);
    let listed = history(&project, &["t-001"]);
    assert_eq!(serials(&listed), [3, 2, 1]);
    let change = json!([{ "path": "title", "before": "Two", "after": "Three" }]);
    assert_eq!(listed["versions"][0]["changes"], change);
    project
        .run(&["state", "history", "t-001"])
        .exits(0)
        .says("~ title: \"Two\" → \"Three\"")
        .says("by ann, https://ci.example/runs/3");
    project.run(&["state", "history", "t-003"]).exits(1).says("no template t-003");
}

#[test]
fn uncommitted_versions_come_from_the_backup() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    for title in ["One", "Two", "Three"] {
        project.templates(&[Template::number(1).titled(title)]);
        project.apply().exits(0);
    }
    let listed = history(&project, &[]);
    assert_eq!((serials(&listed), &listed["complete"]), (vec![3, 2], &json!(false)));
    project
        .run(&["state", "history"])
        .exits(0)
        .says("Not every version is known: the state is in no git repository");
    project.run(&["state", "show", "t-001", "--at", "2"]).exits(0).says("title: \"Two\"");
    project
        .run(&["state", "show", "t-001", "--at", "1"])
        .exits(1)
        .says("no version of the state state/test.json with the serial 1 is known")
        .says("Known are 2 to 3");
}

#[test]
fn shallow_clones_say_so() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two", "Three"]);
    let origin = format!("file://{}", project.path().display());
    git(&project, &["clone", "-q", "--depth", "1", &origin, "shallow"]);
    let listed = project.run(&["-C", "shallow", "state", "history", "--json"]).exits(0).json();
    assert_eq!(listed["complete"], false);
    assert!(listed["reason"].as_str().unwrap().contains("only the newest commits"), "{listed}");
    assert_eq!(serials(&listed)[0], 3);
}

#[test]
fn show_at_reads_the_version_of_a_commit() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two", "Three"]);
    project.run(&["state", "show", "t-001", "--at", "1"]).exits(0).says("title: \"One\"").says("runs/1");
    project.run(&["state", "show", "t-001", "--at", "3"]).exits(0).says("title: \"Three\"");
    project.run(&["state", "show", "t-002", "--at", "1"]).exits(1).says("no template t-002");
}

#[test]
fn other_states_at_the_same_path_do_not_count() {
    let sandbox = Sandbox::start(&[]);
    let project = with_versions(&sandbox, ["One", "Two"]);
    let foreign = project.read("state/test.json").replace("\"lineage\": \"", "\"lineage\": \"x");
    project.write("state/test.json", foreign);
    commit(&project, "foreign");
    git(&project, &["revert", "--no-edit", "HEAD"]);
    assert_eq!(serials(&history(&project, &[])), [2, 1]);
}

#[test]
fn empty_states_have_no_history() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.run(&["state", "history"]).exits(0).says("nothing was applied yet");
    assert_eq!(serials(&history(&project, &[])), [0; 0]);
}

#[test]
fn a_template_keeps_its_history_under_another_key() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&[Template::number(1).titled("First")]);
    project.apply().exits(0);
    project.run(&["state", "mv", "t-001", "intro"]).exits(0);
    project.templates(&[Template::number(1).keyed("intro").titled("Second")]);
    project.apply().exits(0);
    // The backup has the version before, and no repository has the others.
    let told = project.run(&["state", "history", "intro"]).exits(0).stdout;
    assert!(told.contains("Second") && told.contains("First"), "{told}");
    project.run(&["state", "mv", "intro", "welcome"]).exits(0);
    let told = project.run(&["state", "history", "welcome"]).exits(0).stdout;
    assert!(told.contains("moved from intro"), "{told}");
    let document = project.run(&["state", "history", "welcome", "--json"]).exits(0).json();
    assert_eq!(document["versions"][0]["movedFrom"], "intro", "{document:#}");
    assert_eq!(document["versions"][0]["added"].as_array().unwrap().len(), 0, "{document:#}");
}
