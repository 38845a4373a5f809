//! `certctl validate --format`: findings for pipelines, in the places where they look.

use serde_json::Value;

use crate::clone::git;
use crate::support::{Project, Run};

/// A project in a subdirectory of a repository, with two problems in one file.
fn broken() -> Project {
    let project = Project::empty();
    git(project.path(), &["init", "--quiet"]).exits(0);
    project.run(&["init", "eu/academy"]).exits(0);
    project
        .write("eu/academy/templates/wrong.yaml", "templates:\n  a, b:\n    titel: x\n    resourceId: y\n");
    project
}

fn github(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[arguments, &["validate", "--format", "github"]].concat())
}

#[test]
fn annotations_use_repository_paths() {
    let project = broken();
    let run = github(&project, &["-C", "eu/academy"]).exits(1);
    let mut lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines.pop().unwrap().ends_with("in 1 file. Nothing was sent."));
    assert!(lines.len() >= 2, "{lines:?}");
    for line in lines {
        assert!(line.starts_with("::error file=eu/academy/templates/wrong.yaml,line="), "{line}");
    }
    // Every line in GitHub's log counts, so there are no others.
    assert_eq!(run.stderr, "");
    // Other formats keep the paths unchanged.
    project.run(&["-C", "eu/academy", "validate"]).exits(1).says("--> templates/wrong.yaml:");
    let json = project.run(&["-C", "eu/academy", "validate", "--json"]).exits(1).json();
    assert_eq!(json["findings"][0]["file"], "templates/wrong.yaml");
}

#[test]
fn code_quality_report_has_the_same_findings() {
    let project = broken();
    let run = project.run(&["-C", "eu/academy", "validate", "--format=gitlab"]).exits(1);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let json = project.run(&["-C", "eu/academy", "validate", "--format=json"]).exits(1).json();
    let rules = |list: &Value, name: &str| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|entry| entry[name].clone()).collect()
    };
    assert_eq!(rules(&report, "check_name"), rules(&json["findings"], "rule"));
    assert_eq!(report[0]["location"]["path"], "eu/academy/templates/wrong.yaml");
    assert!(run.stderr.contains("eu/academy/templates/wrong.yaml:"), "{}", run.stderr);
}

#[test]
fn faulty_certctl_toml_is_annotated_too() {
    let project = broken();
    let toml = project.read("eu/academy/certctl.toml").replace("default_environment", "default_enviroment");
    project.write("eu/academy/certctl.toml", toml);
    github(&project, &["-C", "eu/academy"]).exits(1).says("::error file=eu/academy/certctl.toml,line=");
}

#[test]
fn valid_project_has_an_empty_report() {
    let project = Project::empty();
    project.run(&["init"]).exits(0);
    assert_eq!(github(&project, &[]).exits(0).stdout, "No problem found.\n");
    assert_eq!(project.run(&["validate", "--format", "gitlab"]).exits(0).stdout, "[]\n");
    assert!(
        project.run(&["validate", "--format", "text"]).exits(0).stdout.contains("1 template for sandbox")
    );
}

#[test]
fn every_failure_uses_the_requested_format() {
    let project = Project::empty();
    for arguments in
        [&["validate"][..], &["validate", "--nonsense"], &["-C", "nowhere\n::error::x", "validate"]]
    {
        let with = |format: &str| project.run(&[arguments, &["--format", format]].concat()).exits(1).stdout;
        let github = with("github");
        assert!(github.starts_with("::error title=certctl::") && github.lines().count() == 1, "{github}");
        let gitlab: Value = serde_json::from_str(&with("gitlab")).unwrap();
        assert_eq!(gitlab[0]["check_name"], "certctl");
        assert!(!gitlab[0]["description"].as_str().unwrap().is_empty());
        let json: Value = serde_json::from_str(&with("json")).unwrap();
        assert_eq!(json["format"], "certctl.error/v1");
        assert_eq!(with("text"), "");
    }
    project.run(&["validate", "--json", "--format", "github"]).exits(1).says("cannot be used with");
    project.run(&["validate", "--format", "gitub"]).exits(1).says("github");
}
