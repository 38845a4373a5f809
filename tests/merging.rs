//! Two branches that have both applied, and git.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "merging/command.rs"]
mod command;
#[path = "merging/git_merge.rs"]
mod git_merge;
#[path = "merging/journal.rs"]
mod journal;
mod support;
#[path = "merging/verify.rs"]
mod verify;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{KEY, NO_HOME, Project, Run, Sandbox, Template, at_home, numbered};

const STATE: &str = "state/test.json";
const DRIVER: &str = "certctl state merge %O %A %B -o %A";

/// A command typed in the project's directory, without this machine's settings.
fn typed(project: &Project, command: &str) -> Run {
    let mut shell = Command::new("sh");
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("GIT") || name.starts_with("CERTCTL"))
    {
        shell.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        shell.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
    }
    let beside = Path::new(env!("CARGO_BIN_EXE_certctl")).parent().unwrap();
    let path = format!("{}:{}", beside.display(), std::env::var("PATH").unwrap());
    at_home(&mut shell, Path::new(NO_HOME));
    shell.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("NO_COLOR", "1");
    shell.env("PATH", path).env("CERTCTL_API_KEY", KEY).stdin(Stdio::null());
    Run::of(shell.args(["-c", command]).current_dir(project.path()).output().unwrap())
}

fn git(project: &Project, arguments: &str) -> Run {
    typed(project, &format!("git {arguments}"))
}

fn commit(project: &Project) {
    git(project, "add --all").exits(0);
    git(project, "commit --quiet -m Applied").exits(0);
}

/// One file per template, so that git merges the YAML.
fn write(project: &Project, template: &Template) {
    let Template { key, title, resource, .. } = template;
    let yaml = format!(
        "templates:\n  {key}:\n    title: \"{title}\"\n    resourceType: course\n    resourceId: {resource}\n"
    );
    project.write(&format!("templates/{key}.yaml"), yaml);
}

/// A repository with three templates applied, on the branch `main`.
fn repository(sandbox: &Sandbox, driver: bool) -> Project {
    let project = Project::on(sandbox, "");
    let ignored = include_str!("../src/cli/init/gitignore");
    project.write(".gitignore", ignored);
    project.write(".gitattributes", include_str!("../src/cli/init/gitattributes"));
    git(&project, "init --quiet --initial-branch main").exits(0);
    if driver {
        git(&project, &format!("config merge.certctl-state.driver '{DRIVER}'")).exits(0);
    }
    for template in numbered(1..=3) {
        write(&project, &template);
    }
    project.apply().exits(0);
    commit(&project);
    project
}

/// A clone on another machine, on the branch `other`.
fn clone(project: &Project) -> Project {
    let mut clone = Project::empty();
    clone.set_env("CERTCTL_API_KEY", KEY);
    git(&clone, &format!("clone --quiet {} .", project.path().display())).exits(0);
    git(&clone, "checkout --quiet -b other").exits(0);
    clone
}

/// A repository without the driver, and its clone: both continued from the same state.
fn forked() -> (Sandbox, Project, Project) {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = repository(&sandbox, false);
    let other = clone(&project);
    goes_on(&other, &[Template::number(4)]);
    goes_on(&project, &[Template::number(5)]);
    (sandbox, project, other)
}

/// Merges the other clone's commits.
fn merge(project: &Project, other: &Project, branch: &str) -> Run {
    git(project, &format!("fetch --quiet {} {branch}", other.path().display())).exits(0);
    git(project, "merge --quiet --no-edit FETCH_HEAD")
}

/// Applies and commits these templates.
fn goes_on(project: &Project, templates: &[Template]) {
    for template in templates {
        write(project, template);
    }
    project.apply();
    commit(project);
}

/// The commands in a message, one per line.
fn commands(message: &str) -> String {
    let is_command = |line: &&str| ["git ", "certctl "].iter().any(|program| line.starts_with(program));
    message.lines().map(str::trim).filter(is_command).collect::<Vec<_>>().join("\n")
}

fn all_is_well(sandbox: &Sandbox, project: &Project, templates: usize) {
    let before = sandbox.requests().len();
    project.run(&["plan"]).exits(0).says("No changes.");
    project.apply().exits(0);
    assert_eq!(sandbox.requests().len(), before);
    assert_eq!(sandbox.templates().len(), templates);
    for held in sandbox.templates() {
        let rows = project.state()["templates"].clone();
        assert!(rows.as_object().unwrap().values().any(|row| row["id"] == held["id"]), "{held}");
    }
}
