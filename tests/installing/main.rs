//! Installing a release: `install.sh`, and `ci/install` of the pipelines, against a file server on loopback with right, wrong
//! and missing files.
#![cfg(unix)]
#![allow(unreachable_pub, missing_docs, reason = "a test has no users")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod pipeline;
mod release;
mod script;
mod versions;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use release::Release;
use support::Run;

/// A folder to install into, without anything of the person who runs the tests.
struct Machine {
    home: tempfile::TempDir,
    /// A folder that comes first on the PATH, for stand-ins of programs.
    programs: tempfile::TempDir,
    /// The rest of the PATH.
    system: String,
}

/// What can check signatures. OpenSSL is everywhere, and these tests need it; minisign is used where it is installed.
const CHECKERS: [&str; 2] = ["openssl", "minisign"];

/// The other programs of the system that install.sh needs.
const PROGRAMS: [&str; 17] = [
    "chmod",
    "cp",
    "curl",
    "gzip",
    "head",
    "mkdir",
    "mktemp",
    "mv",
    "od",
    "rm",
    "sed",
    "sh",
    "sha256sum",
    "tail",
    "tar",
    "uname",
    "cat",
];

impl Machine {
    fn new() -> Self {
        let system = "/usr/local/bin:/usr/bin:/bin".to_owned();
        Self { home: tempfile::tempdir().unwrap(), programs: tempfile::tempdir().unwrap(), system }
    }

    /// A machine that checks signatures with this program, and has no other; `None` if it is not installed here.
    fn that_checks_with(checker: &str) -> Option<Self> {
        let machine = Self { system: String::new(), ..Self::new() };
        for program in PROGRAMS.into_iter().chain([checker]) {
            let folders =
                ["/usr/local/bin", "/usr/bin", "/bin"].map(|folder| Path::new(folder).join(program));
            match folders.iter().find(|path| path.exists()) {
                Some(path) => symlink(path, machine.programs.path().join(program)).unwrap(),
                None if program == "minisign" => return None,
                // macOS has another program for sums.
                None => assert_eq!(program, "sha256sum", "is needed for this test"),
            }
        }
        Some(machine)
    }

    /// Puts a program in front of the system's own.
    fn program(&self, name: &str, script: &str) {
        let path = self.programs.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    /// Runs a script of this repository here.
    fn run(&self, script: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        let mut command = Command::new(script);
        // The system's folders alone: a certctl of the machine's owner must not be found.
        command.env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command.env("PATH", format!("{}:{}", self.programs.path().display(), self.system));
        command.args(arguments).envs(variables.iter().copied());
        Run::of(command.output().unwrap())
    }

    /// Runs install.sh, with the key of this release.
    fn install(&self, release: &Release, from: &str, more: &[&str]) -> Run {
        let arguments = [["--from", from].as_slice(), more].concat();
        self.run("install.sh", &arguments, &[("CERTCTL_RELEASE_KEY", &release.key)])
    }

    /// What the installed program says, if it is there.
    fn installed(&self) -> Option<String> {
        let output = Command::new(self.path().join(".local/bin/certctl")).output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap())
    }
}
