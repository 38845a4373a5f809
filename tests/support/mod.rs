//! Shared by the end-to-end tests: a project in a temporary directory, the real binary, and a sandbox process.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

pub mod received;
pub mod running;
pub mod sandbox;
#[cfg(unix)]
pub mod terminal;
pub mod vendor_tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub use sandbox::Sandbox;
use serde_json::Value;

/// The key of these tests' sandbox; it looks different in each encoding.
pub const KEY: &str = "marked+key/8d1f=Z";

/// The result of a command.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks the exit code; prints everything if it is wrong.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        for said in [&self.stdout, &self.stderr] {
            assert!(!said.contains("(os error "), "a number for programmers\n{said}");
        }
        assert!(!self.stdout.contains(KEY) && !self.stderr.contains(KEY), "the key was printed");
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "{text:?} is missing\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON ({error})\n{}\n{}", self.stdout, self.stderr))
    }
}

/// A directory that cannot exist: a process with this home stores nothing there.
pub const NO_HOME: &str = "/dev/null/home";

/// Gives a process a temporary home, so that no test touches the real one.
pub fn at_home(command: &mut Command, home: &Path) {
    command
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env_remove("XDG_RUNTIME_DIR");
}

/// A certctl process with a clean environment and no home.
pub fn certctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certctl"));
    for (name, _) in std::env::vars() {
        let of_a_pipeline = ["CERTCTL_", "TI_", "GITHUB_", "GITLAB_", "CI_"];
        if of_a_pipeline.iter().any(|start| name.starts_with(start))
            || name.to_lowercase().ends_with("_proxy")
        {
            command.env_remove(name);
        }
    }
    command
        .env_remove("CLICOLOR_FORCE")
        .env_remove("CLICOLOR")
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    at_home(&mut command, Path::new(NO_HOME));
    command
}

/// A project in a temporary directory, with a temporary home for its user.
pub struct Project {
    folder: tempfile::TempDir,
    home: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

impl Project {
    /// An empty project directory.
    pub fn empty() -> Self {
        let folder = || tempfile::tempdir().unwrap();
        Self { folder: folder(), home: folder(), env: BTreeMap::new() }
    }

    /// A project whose environment `test` is this sandbox, with these lines in its `api` table.
    pub fn on(sandbox: &Sandbox, api: &str) -> Self {
        let mut project = Self::empty();
        project.configure(&sandbox.url, api);
        project.env.insert("CERTCTL_API_KEY".to_owned(), KEY.to_owned());
        project
    }

    pub fn configure(&self, url: &str, api: &str) {
        self.write(
            "certctl.toml",
            format!(
                "default_environment = \"test\"\n[environments.test]\nurl = \"{url}\"\n\
                 [environments.test.api]\nrequests_per_minute = 60000\n{api}\n\
                 [environments.test.safety]\nmax_change_percent = 100\n"
            ),
        );
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes this machine forget all states.
    pub fn forget_marks(&self) {
        std::fs::remove_dir_all(self.home()).unwrap();
    }

    /// The home of the user who runs commands here.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where certctl keeps this user's files outside of projects.
    pub fn state_home(&self) -> PathBuf {
        self.home().join("state")
    }

    /// The newest state that is kept for this user.
    pub fn mark(&self) -> PathBuf {
        let files = std::fs::read_dir(self.state_home().join("certctl/marks")).unwrap();
        let is_state = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
        let mut marks: Vec<PathBuf> = files.map(|file| file.unwrap().path()).filter(is_state).collect();
        assert_eq!(marks.len(), 1, "{marks:?}");
        marks.remove(0)
    }

    /// Makes commands run as on a machine that never wrote this state.
    pub fn on_another_machine(&self) {
        // Nothing may be stored here yet.
        let _ = std::fs::remove_dir_all(self.state_home());
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    pub fn unset_env(&mut self, name: &str) {
        self.env.remove(name);
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes `templates/all.yaml` with these templates.
    pub fn templates(&self, templates: &[Template]) {
        let text: String = templates.iter().map(Template::yaml).collect();
        self.write("templates/all.yaml", format!("templates:\n{text}"));
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = certctl();
        at_home(&mut command, self.home());
        command.args(arguments).current_dir(self.path()).envs(&self.env);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// A command that a script runs as `"$@"`.
    pub fn in_shell(&self, script: &str, arguments: &[&str]) -> Run {
        let inner = self.command(arguments);
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(inner.get_program()).args(inner.get_args());
        shell.current_dir(self.path()).stdin(Stdio::null());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Run::of(shell.output().unwrap())
    }

    /// `apply --auto-approve`.
    pub fn apply(&self) -> Run {
        self.run(&["apply", "--auto-approve"])
    }

    /// `apply --auto-approve`, which does not wait for another run.
    pub fn apply_at_once(&self) -> Run {
        self.run(&["apply", "--auto-approve", "--lock-timeout", "0s"])
    }

    /// `apply --auto-approve --json`, as JSON.
    #[track_caller]
    pub fn apply_json(&self, code: i32) -> Value {
        self.run(&["apply", "--auto-approve", "--json"]).exits(code).json()
    }

    /// `plan --json`, as JSON.
    #[track_caller]
    pub fn plan_json(&self) -> Value {
        self.run(&["plan", "--json"]).exits(0).json()
    }

    /// The state file.
    pub fn state(&self) -> Value {
        serde_json::from_str(&self.read("state/test.json")).unwrap()
    }

    /// One row of the state file.
    pub fn row(&self, key: &str) -> Value {
        self.state()["templates"][key].clone()
    }

    /// Every file in the directory with its contents, to check that a command changed nothing.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files_below(self.path())
    }
}

/// Every file in a directory with its contents.
pub fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(content) = std::fs::read(&path) {
                files.insert(path, content);
            }
        }
    }
    files
}

/// A template for its own course.
#[derive(Clone, Debug)]
pub struct Template {
    pub key: String,
    pub title: String,
    pub resource: String,
    pub more: String,
}

impl Template {
    /// The template number `number`: key `t-NNN`, title `Title NNN`.
    pub fn number(number: u32) -> Self {
        Self {
            key: format!("t-{number:03}"),
            title: format!("Title {number:03}"),
            resource: format!("00000000-0000-4000-8000-{number:012}"),
            more: String::new(),
        }
    }

    pub fn titled(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    pub fn keyed(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// Adds a line of YAML.
    pub fn with(mut self, line: &str) -> Self {
        self.more.push_str(&format!("    {line}\n"));
        self
    }

    pub fn yaml(&self) -> String {
        let Self { key, title, resource, more } = self;
        format!(
            "  {key}:\n    title: \"{title}\"\n    resourceType: course\n    resourceId: {resource}\n{more}"
        )
    }
}

/// The templates with these numbers.
pub fn numbered(numbers: std::ops::RangeInclusive<u32>) -> Vec<Template> {
    numbers.map(Template::number).collect()
}
