//! Looking back: who applied what, the versions of a state, and bringing an earlier one back.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "../support/mod.rs"]
mod support;

mod copies;
mod history;
mod moving;
mod provenance;
mod restoring;
mod reverting;
mod several;

use std::process::{Command, Stdio};

use support::{Project, Run, Sandbox, Template};

/// A project in a git repository that has one version of the state for each of these titles of t-001. The second template
/// comes with the second version.
fn with_versions<'s>(sandbox: &Sandbox, titles: impl IntoIterator<Item = &'s str>) -> Project {
    let mut project = Project::on(sandbox, "");
    project.set_env("CERTCTL_ACTOR", "ann");
    git(&project, &["init", "-q", "-b", "main"]);
    for (number, title) in titles.into_iter().enumerate() {
        project.set_env("CERTCTL_RUN_URL", &format!("https://ci.example/runs/{}", number + 1));
        let mut templates = vec![Template::number(1).titled(title)];
        templates.extend((number > 0).then(|| Template::number(2)));
        project.templates(&templates);
        project.apply().exits(0);
        commit(&project, title);
    }
    project
}

fn commit(project: &Project, message: &str) {
    git(project, &["add", "-A"]);
    git(project, &["commit", "-q", "-m", message]);
}

fn git(project: &Project, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars() {
        if name.starts_with("GIT") {
            command.env_remove(name);
        }
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::null());
    Run::of(command.args(arguments).current_dir(project.path()).output().unwrap()).exits(0).stdout
}
