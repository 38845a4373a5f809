//! A project in a git repository, and the people who work in it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{KEY, NO_HOME, Project, Run, Sandbox, Template, at_home};

pub const STATE: &str = "state/test.json";

/// A project in a git repository.
pub struct Work {
    pub project: Project,
}

impl Work {
    /// An empty repository with a project for this sandbox.
    pub fn on(sandbox: &Sandbox) -> Self {
        let work = Self { project: Project::on(sandbox, "") };
        work.git(&["init", "--quiet", "--initial-branch", "main"]);
        work.project.write(".gitignore", "*.journal\n*.lock\n*.backup\n*.rescued\n*.sandbox\n");
        work
    }

    /// A repository in which `t-001` was applied and committed with two titles, one after the other.
    pub fn twice_applied(sandbox: &Sandbox) -> Self {
        let work = Self::on(sandbox);
        work.apply_and_commit("Old");
        work.apply_and_commit("New");
        work
    }

    pub fn title(&self, title: &str) {
        self.project.templates(&[Template::number(1).titled(title)]);
    }

    /// As the README describes: edit, apply, commit YAML and state together.
    pub fn apply_and_commit(&self, title: &str) {
        self.title(title);
        self.project.apply().exits(0);
        self.commit(title);
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(self.project.path(), arguments)
    }

    /// Another person's clone, on another machine.
    pub fn cloned(&self) -> Self {
        let mut project = Project::empty();
        project.set_env("CERTCTL_API_KEY", KEY);
        git(project.path(), &["clone", "--quiet", self.project.path().to_str().unwrap(), "."]);
        Self { project }
    }

    /// Runs the commands that a message prints, exactly as printed.
    #[track_caller]
    pub fn paste(&self, run: &Run) -> Run {
        self.paste_in(self.project.path(), run)
    }

    #[track_caller]
    pub fn paste_in(&self, folder: &Path, run: &Run) -> Run {
        let commands = printed(run);
        assert!(!commands.is_empty(), "no command was printed: {run:?}");
        self.shell(folder, &commands.join("\n")).exits(0)
    }

    pub fn shell(&self, folder: &Path, script: &str) -> Run {
        let program = Path::new(env!("CARGO_BIN_EXE_certctl"));
        let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        clean(&mut shell);
        at_home(&mut shell, self.project.home());
        shell.args(["-euc", script]).current_dir(folder).env("PATH", path).env("CERTCTL_API_KEY", KEY);
        Run::of(shell.output().unwrap())
    }

    /// A command of certctl on a machine without marks.
    pub fn unmarked(&self, arguments: &[&str]) -> Run {
        let mut command = self.project.command(arguments);
        at_home(&mut command, Path::new(NO_HOME));
        Run::of(command.output().unwrap())
    }
}

/// The commands in a message, each on its own line.
pub fn printed(run: &Run) -> Vec<String> {
    let starts = ["git ", "cp ", "mv ", "mkdir ", "certctl ", "rm "];
    let lines = run.stderr.lines().chain(run.stdout.lines());
    let is_command =
        |line: &&str| line.starts_with("  ") && starts.iter().any(|start| line.trim().starts_with(start));
    lines.filter(is_command).map(|line| line.trim().to_owned()).collect()
}

pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    clean(&mut command);
    Run::of(command.args(arguments).current_dir(folder).output().unwrap()).exits(0).stdout
}

/// Without this machine's settings.
fn clean(command: &mut Command) {
    for (name, _) in std::env::vars() {
        if ["CERTCTL", "TI_", "GIT"].iter().any(|start| name.starts_with(start)) {
            command.env_remove(name);
        }
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("NO_COLOR", "1");
    command.stdin(Stdio::null());
}
