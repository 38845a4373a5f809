//! Where the commands of a document are run: the repository's examples in a temporary folder, and a home for the reader.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Output};

use crate::root;
use crate::support::at_home;
use crate::support::running::Running;
use crate::support::terminal::Session;

/// The files for the commands, and the reader's home directory.
pub(crate) struct Workshop {
    folder: tempfile::TempDir,
    home: tempfile::TempDir,
}

/// Without this machine's settings: a document must work for a reader who has set nothing.
const GIT: [(&str, &str); 2] = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")];

impl Workshop {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("examples"), &folder.path().join("examples"));
        fs::create_dir(folder.path().join("state")).unwrap();
        Self { folder, home: tempfile::tempdir().unwrap() }
    }

    /// A shell with the program on its path: the built one, or an installed one that `release/rehearse` names.
    fn shell(&self, script: &str) -> Command {
        let installed = std::env::var_os("CERTCTL_INSTALLED").map(PathBuf::from);
        let program = installed.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_certctl")));
        let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        let is_set_here = |name: &str| {
            ["CERTCTL_", "TI_", "GIT_", "GITHUB_", "GITLAB_", "CI_"]
                .iter()
                .any(|start| name.starts_with(start))
        };
        for (name, _) in std::env::vars().filter(|(name, _)| is_set_here(name)) {
            shell.env_remove(name);
        }
        at_home(&mut shell, self.home.path());
        // The program is already built.
        let script = script.replace("cargo run --release -- ", "certctl ");
        shell.args(["-c", &format!("exec 2>&1\n{script}")]);
        shell
            .current_dir(&self.folder)
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .envs(GIT)
            .env_remove("COLUMNS");
        shell
    }

    /// Runs a block and returns what it prints.
    pub(crate) fn run(&self, script: &str) -> String {
        let output = String::from_utf8(self.shell(script).output().unwrap().stdout).unwrap();
        // On a busy machine git may take longer than certctl waits for it.
        output.replace("note: history not checked: git took too long\n", "")
    }

    /// Runs what a page takes for granted, from which every command must succeed.
    pub(crate) fn prepare(&self, script: &str) {
        let Output { status, stdout, .. } = self.shell(&format!("set -e\n{script}")).output().unwrap();
        assert!(status.success(), "{script}\n{}", String::from_utf8_lossy(&stdout));
    }

    /// Runs a block in a terminal, where it asks.
    pub(crate) fn run_answering(&self, script: &str, answer: &str) -> String {
        let mut session = Session::start(&self.shell(script), 140);
        session.shows("anything else to stop: ");
        session.types(&format!("{answer}\n"));
        without_control(&session.end().1)
    }
}

/// What a terminal shows in the end of these characters: a line that was erased is gone.
fn without_control(heard: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in heard.split('\n') {
        // On a slow machine, progress is drawn before the result and erased again.
        let erased = ["\u{1b}[2K", "\u{1b}[K", "\u{1b}[J"];
        let last = erased.iter().fold(line, |rest, code| rest.rsplit(*code).next().unwrap());
        lines.push(last.trim_start_matches('\r').to_owned());
    }
    lines.join("\n")
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A server in the first terminal, on a free port instead of the document's.
pub(crate) struct Server {
    running: Running,
    pub(crate) address: String,
    /// Its later output must be read, too.
    _shown: BufReader<ChildStdout>,
}

/// The address of the server in documents.
pub(crate) const ADDRESS: &str = "127.0.0.1:8080";

impl Server {
    pub(crate) fn start(workshop: &Workshop, script: &str) -> Self {
        assert!(script.contains(ADDRESS), "{script}");
        let script = script.replace(ADDRESS, "127.0.0.1:0");
        let mut running = Running::start(&mut workshop.shell(&format!("exec {}", script.trim_end())));
        let mut shown = BufReader::new(running.child().stdout.take().unwrap());
        let mut url = String::new();
        shown.read_line(&mut url).unwrap();
        let address = url.trim().trim_start_matches("http://").to_owned();
        Self { running, address, _shown: shown }
    }

    pub(crate) fn stop(self) {
        self.running.kill();
    }
}

#[test]
fn progress_leaves_no_trace() {
    let heard = "yes\n\u{1b}[J███  0 of 1 templates  0s\r\u{1b}[J███  1 of 1 templates  0s\r\u{1b}[J\n  ~ a  updated\n";
    assert_eq!(without_control(heard), "yes\n\n  ~ a  updated\n");
}
