//! A clone of a repository with a project, as in a pipeline.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{KEY, NO_HOME, Project, Run, Sandbox, Template, at_home};

/// A clone, its bare origin, and its certctl project.
pub struct Clone {
    pub project: Project,
    origin: tempfile::TempDir,
}

/// A file of this repository.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

impl Clone {
    /// A project for this sandbox with these templates, committed and pushed.
    pub fn with(sandbox: &Sandbox, templates: &[Template]) -> Self {
        let project = Project::on(sandbox, "batch_size = 1\nconcurrency = 1\njob_timeout = \"1s\"");
        project.templates(templates);
        project.write(".gitignore", "*.journal\n*.lock\n*.backup\n*.rescued\ncertctl-out/\n");
        let clone = Self { project, origin: tempfile::tempdir().unwrap() };
        clone.git(&["init", "--quiet", "--initial-branch", "main"]);
        let origin = clone.origin.path().to_str().unwrap();
        clone.git(&["init", "--quiet", "--bare", "--initial-branch", "main", origin]);
        clone.git(&["remote", "add", "origin", origin]);
        clone.commit("Begin");
        clone
    }

    /// Another clone of the same origin, like a colleague's or the next run's.
    pub fn another(&self) -> Project {
        let project = Project::empty();
        let origin = self.origin.path().to_str().unwrap();
        git(project.path(), &["clone", "--quiet", origin, "."]).exits(0);
        project
    }

    /// Commits everything and pushes it.
    pub fn commit(&self, message: &str) {
        commit(self.project.path(), message);
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(self.project.path(), arguments).exits(0).stdout.trim_end().to_owned()
    }

    /// Pulls what others pushed.
    pub fn pull(&self) {
        self.git(&["fetch", "--quiet", "origin"]);
        self.git(&["reset", "--quiet", "--hard", "origin/main"]);
    }

    /// The branches of the origin.
    pub fn branches(&self) -> Vec<String> {
        let answer = self.git(&["ls-remote", "--heads", "origin"]);
        answer.lines().map(|line| line.split_once("refs/heads/").unwrap().1.to_owned()).collect()
    }

    /// A file of a branch of the origin.
    pub fn pushed(&self, branch: &str, name: &str) -> Option<String> {
        self.git(&["fetch", "--quiet", "origin", branch]);
        let run = git(self.project.path(), &["show", &format!("FETCH_HEAD:{name}")]);
        (run.code == 0).then_some(run.stdout)
    }

    pub fn pushed_state(&self) -> serde_json::Value {
        serde_json::from_str(&self.pushed("main", "state/test.json").unwrap()).unwrap()
    }

    /// One of this repository's scripts, ready to run in the clone.
    pub fn script(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(file("ci").join(name));
        clean(&mut command);
        command.args(arguments).current_dir(self.project.path());
        command.env("CERTCTL", env!("CARGO_BIN_EXE_certctl")).env("CERTCTL_RETRY_SECONDS", "0");
        command
    }

    /// Runs a script with the key, as the protected job does.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Run {
        Run::of(self.script(name, arguments).env("CERTCTL_API_KEY", KEY).output().unwrap())
    }

    /// The output file of a script.
    pub fn out(&self, name: &str) -> String {
        self.project.read(&format!("certctl-out/{name}"))
    }
}

/// Commits everything in a clone and pushes it.
pub fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "--all"]).exits(0);
    git(folder, &["commit", "--quiet", "-m", message]).exits(0);
    git(folder, &["push", "--quiet", "origin", "HEAD:main"]).exits(0);
}

pub fn git(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new("git");
    clean(&mut command);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
    }
    Run::of(command.args(arguments).current_dir(folder).output().unwrap())
}

/// Removes this machine's settings, and those of the pipeline that runs these tests.
pub fn clean(command: &mut Command) {
    for (name, _) in std::env::vars() {
        if ["CERTCTL", "TI_", "GIT", "CI_", "AWS_", "AZURE_", "TF_HTTP_"]
            .iter()
            .any(|start| name.starts_with(start))
            || name.to_lowercase().ends_with("_proxy")
        {
            command.env_remove(name);
        }
    }
    // A pipeline's machine and its home are new for each job.
    at_home(command, Path::new(NO_HOME));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("NO_COLOR", "1");
    command.stdin(Stdio::null());
}
