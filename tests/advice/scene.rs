//! A project in a subdirectory of where commands are typed, with two environments, and copies of it to type into.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::running::Running;
use crate::support::{KEY, Run, Sandbox, at_home, certctl};
use crate::told;

/// The project, relative to where commands are typed.
pub(crate) const PROJECT: &str = "my academy";
/// Stands in for an id that the reader has to look up.
const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f77";

/// Keys with special meaning to a shell, to YAML, or to the command line parser.
pub(crate) const KEYS: [&str; 9] = [
    "plain",
    "a b, c: d",
    "it's \"quoted\" \\n `$HOME`",
    "-dash",
    "--all",
    "star*",
    "star-fish",
    "日本語 コース",
    "hidden\u{202e}\u{200b}",
];

pub(crate) struct Scene {
    folder: tempfile::TempDir,
    pub(crate) sandbox: Sandbox,
    /// The output since the last check.
    printed: String,
    /// The Markdown reports since the last check.
    spans: BTreeSet<String>,
}

impl Scene {
    pub(crate) fn new(sandbox: Sandbox, api: &str) -> Self {
        let scene = Self {
            folder: tempfile::tempdir().unwrap(),
            sandbox,
            printed: String::new(),
            spans: BTreeSet::new(),
        };
        std::fs::create_dir(scene.folder.path().join("home")).unwrap();
        let url = &scene.sandbox.url;
        let environment = |name: &str| {
            format!(
                "[environments.{name}]\nurl = \"{url}\"\n[environments.{name}.vars]\nwhere = \"{name}\"\n\
                 [environments.{name}.api]\nrequests_per_minute = 60000\n{api}\n\
                 [environments.{name}.safety]\nmax_change_percent = 100\n"
            )
        };
        let toml =
            format!("default_environment = \"test\"\n{}{}", environment("test"), environment("production"));
        scene.write("certctl.toml", &toml);
        scene
    }

    /// With these templates applied in both environments.
    pub(crate) fn applied(sandbox: Sandbox, api: &str, keys: &[&str]) -> Self {
        let mut scene = Self::new(sandbox, api);
        scene.templates(keys);
        scene.on("test", &["apply", "-y"]).exits(0);
        scene.run(&["apply", "-y"]).exits(0);
        scene.printed.clear();
        scene
    }

    /// The directory of the user's own files.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The directory where commands are typed.
    pub(crate) fn here(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.here().join(PROJECT).join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    /// One template per key; the course follows from its position, the title also from the environment.
    pub(crate) fn templates(&self, keys: &[&str]) {
        let numbered: Vec<(usize, &str)> = keys.iter().copied().enumerate().collect();
        self.numbered(&numbered, "");
    }

    /// One template per key, for the course with this number.
    pub(crate) fn numbered(&self, keys: &[(usize, &str)], more: &str) {
        let template = |(number, key): &(usize, &str)| {
            // JSON's syntax is valid in YAML.
            let key = serde_json::to_string(key).unwrap();
            format!(
                "  {key}:\n    title: \"${{var.where}} {number}\"\n    resourceType: course\n    \
                 resourceId: 00000000-0000-4000-8000-{number:012}\n{more}"
            )
        };
        let templates: String = keys.iter().map(template).collect();
        self.write("templates/all.yaml", &format!("templates:\n{templates}"));
    }

    fn command(&self, environment: &str, arguments: &[&str]) -> Command {
        let mut command = certctl();
        at_home(&mut command, &self.folder.path().join("home"));
        command.args(["-C", PROJECT, "-e", environment]).args(arguments);
        command.current_dir(self.here()).env("CERTCTL_API_KEY", KEY);
        command
    }

    /// Runs a command in the other environment and keeps its output.
    pub(crate) fn run(&mut self, arguments: &[&str]) -> Run {
        self.on("production", arguments)
    }

    pub(crate) fn on(&mut self, environment: &str, arguments: &[&str]) -> Run {
        let run = Run::of(self.command(environment, arguments).output().unwrap());
        self.heard(&run);
        run
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command("production", arguments))
    }

    /// Keeps the output of a command.
    pub(crate) fn heard(&mut self, run: &Run) {
        match serde_json::from_str(&run.stdout) {
            Ok(document) => told::texts(&document, &mut self.printed),
            Err(_) => self.printed.push_str(&run.stdout),
        }
        self.printed.push('\n');
        self.printed.push_str(&run.stderr);
        self.printed.push('\n');
    }

    /// Keeps a report.
    pub(crate) fn seen(&mut self, name: &str) {
        let text = std::fs::read_to_string(self.here().join(name)).unwrap();
        if name.ends_with("html") {
            self.printed.push_str(&told::page(&text));
            self.printed.push('\n');
        } else {
            self.spans.extend(told::in_markdown(&text));
        }
    }

    /// Runs every command printed since the last check, each in a copy of everything; returns them.
    pub(crate) fn paste(&mut self) -> BTreeSet<String> {
        let printed = std::mem::take(&mut self.printed);
        let mut commands = std::mem::take(&mut self.spans);
        commands.extend(told::commands(&printed));
        assert!(!commands.is_empty(), "no command was printed:\n{printed}");
        for command in &commands {
            self.type_in(command, &printed);
        }
        commands
    }

    fn type_in(&self, command: &str, printed: &str) {
        let copy = tempfile::tempdir().unwrap();
        let copied = Command::new("cp").arg("-a").arg(self.folder.path().join(".")).arg(copy.path()).status();
        assert!(copied.unwrap().success());
        let here = copy.path().join("here");
        std::fs::write(here.join("FILE"), self.sandbox.export()).unwrap();
        let state = |environment: &str| {
            std::fs::read(here.join(PROJECT).join(format!("state/{environment}.json"))).ok()
        };
        let before = [state("test"), state("production")];
        let filled =
            command.split(' ').map(|word| if word == "ID" { ID } else { word }).collect::<Vec<_>>().join(" ");

        let mut shell = Command::new("sh");
        at_home(&mut shell, &copy.path().join("home"));
        let beside = Path::new(env!("CARGO_BIN_EXE_certctl")).parent().unwrap();
        shell.env("PATH", format!("{}:{}", beside.display(), std::env::var("PATH").unwrap()));
        shell.env("CERTCTL_API_KEY", KEY).env("NO_COLOR", "1").env_remove("CERTCTL_ENV").stdin(Stdio::null());
        let run = Run::of(shell.args(["-c", &filled]).current_dir(&here).output().unwrap());

        let told = format!(
            "{command}\n--- stdout\n{}\n--- stderr\n{}\n--- printed by\n{}",
            run.stdout,
            run.stderr,
            told_by(command, printed)
        );
        assert!(!run.stderr.contains("try '--help'"), "not accepted: {told}");
        assert!(
            run.code != 127 && run.code != 2 && !run.stderr.contains("no certctl.toml"),
            "not accepted: {told}"
        );
        // A refusal is a valid answer; a missing file is not.
        assert!(
            run.code == 0 || !["cp ", "mv "].iter().any(|program| command.starts_with(program)),
            "it does not work: {told}"
        );
        assert_eq!(before[0], state("test"), "the default environment's state was changed: {told}");
        assert!(!run.stdout.contains("\"test ") && !run.stdout.contains("Environment: test"), "{told}");
        if before[1] != state("production") {
            assert!(run.stdout.contains("production") || command.starts_with("cp "), "not named: {told}");
        }
    }
}

/// The lines in which a command was printed.
fn told_by(command: &str, printed: &str) -> String {
    printed.lines().filter(|line| line.contains(command)).take(3).collect::<Vec<_>>().join("\n")
}
