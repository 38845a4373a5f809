//! The README's commands, run as a newcomer would, and its outputs compared with what really comes.
//!
//! `CERTCTL_UPDATE_README=1 cargo test --test readme` writes the outputs that come into the README; look at the diff.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of the README and what it prints.
#[derive(Debug)]
struct Step {
    command: String,
    output: String,
}

/// A piece of the README: text that is left alone, or a block of commands.
#[derive(Debug)]
enum Piece {
    Text(String),
    Console(Vec<Step>),
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pieces(readme: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(String::new())];
    let mut inside = false;
    for line in readme.split_inclusive('\n') {
        match (inside, line.trim_end()) {
            (false, "```console") => {
                inside = true;
                pieces.push(Piece::Console(Vec::new()));
            }
            (true, "```") => {
                inside = false;
                pieces.push(Piece::Text(String::new()));
            }
            _ => match pieces.last_mut().unwrap() {
                Piece::Text(text) => text.push_str(line),
                Piece::Console(steps) => read_line(steps, line),
            },
        }
    }
    pieces
}

fn read_line(steps: &mut Vec<Step>, line: &str) {
    if let Some(command) = line.strip_prefix("$ ") {
        steps.push(Step { command: command.to_owned(), output: String::new() });
        return;
    }
    let step = steps.last_mut().unwrap();
    match line.strip_prefix("> ").filter(|_| step.output.is_empty()) {
        Some(more) => step.command.push_str(more),
        None => step.output.push_str(line),
    }
}

fn write(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(plain) => text.push_str(plain),
            Piece::Console(steps) => {
                text.push_str("```console\n");
                for step in steps {
                    let mut lines = step.command.split_inclusive('\n');
                    text.push_str(&format!("$ {}", lines.next().unwrap()));
                    lines.for_each(|line| text.push_str(&format!("> {line}")));
                    text.push_str(&step.output);
                }
                text.push_str("```\n");
            }
        }
    }
    text
}

/// What the walk needs, and the home of whoever takes it.
struct Workshop {
    folder: tempfile::TempDir,
    home: tempfile::TempDir,
}

fn workshop() -> Workshop {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples"), &folder.path().join("examples"));
    fs::create_dir(folder.path().join("state")).unwrap();
    Workshop { folder, home: tempfile::tempdir().unwrap() }
}

fn copy(from: &Path, to: &Path) {
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

/// Whoever commits, and nothing of this machine's settings.
const GIT: [(&str, &str); 6] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_NAME", "Ann"),
    ("GIT_AUTHOR_EMAIL", "ann@example.com"),
    ("GIT_COMMITTER_NAME", "Ann"),
    ("GIT_COMMITTER_EMAIL", "ann@example.com"),
];

/// Runs a command with the built program on its path.
fn run(workshop: &Workshop, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_certctl"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("CERTCTL_") || name.starts_with("TI_"))
    {
        shell.env_remove(name);
    }
    support::at_home(&mut shell, workshop.home.path());
    let output = shell
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(&workshop.folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .envs(GIT)
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Ids and times differ from run to run.
fn steady(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-:".contains(c);
    let mut steady = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if is_word(c) {
            word.push(c);
            continue;
        }
        let is_uuid = word.len() == 36 && word.matches('-').count() == 4;
        let is_time = word.len() == 20 && word.ends_with('Z') && word.starts_with("20");
        let is_commit = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        steady.push_str(if is_uuid {
            "<id>"
        } else if is_commit {
            "<commit>"
        } else if is_time {
            "<time>"
        } else {
            &word
        });
        word.clear();
        steady.push(c);
    }
    steady
}

/// The output as the README shows it: the middle of a long one is left out.
fn shortened(output: &str) -> String {
    const HEAD: usize = 12;
    const TAIL: usize = 8;
    let lines: Vec<&str> = output.lines().collect();
    if lines.len() <= HEAD + TAIL + 4 {
        return output.to_owned();
    }
    format!("{}\n…\n{}\n", lines[..HEAD].join("\n"), lines[lines.len() - TAIL..].join("\n"))
}

#[cfg(unix)]
#[test]
fn every_command_of_the_readme_prints_what_it_shows() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut pieces = pieces(&readme);
    assert_eq!(write(&pieces), readme, "the README is read and written without loss");
    let workshop = workshop();
    let update = std::env::var_os("CERTCTL_UPDATE_README").is_some();
    let mut commands = 0;
    for piece in &mut pieces {
        let Piece::Console(steps) = piece else { continue };
        for step in steps {
            commands += 1;
            let shown = shortened(&run(&workshop, step.command.trim_end()));
            if update {
                step.output = shown;
            } else {
                assert_eq!(steady(&shown), steady(&step.output), "{}", step.command);
            }
        }
    }
    assert!(commands >= 10, "only {commands} commands were found");
    if update {
        fs::write(&path, write(&pieces)).unwrap();
    }
}

#[test]
fn the_two_commands_of_the_readme_are_what_they_say() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("\ncargo run --release -- -C examples/academy apply --auto-approve\n"));
    assert!(readme.contains("\ncargo test\n"));
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(
        ci.lines().any(|line| line.trim_start().starts_with("cargo test")),
        "CI runs the README's test command"
    );
}
