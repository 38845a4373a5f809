//! The README's commands, run as a newcomer would, and their outputs compared.
//!
//! `CERTCTL_UPDATE_README=1 cargo test --test readme` updates the outputs in the README; check the diff.
// The blocks are for a shell of Unix.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command};

use support::running::Running;

/// A part of the README.
#[derive(Debug)]
enum Piece {
    /// Any other text.
    Text(String),
    /// A block of commands, which a reader copies into a shell.
    Commands { script: String, kind: Kind },
    /// The output of the block before it.
    Output(String),
}

/// How a block is run; a comment in the line before it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Run,
    /// `<!-- first terminal -->`: it keeps running during the next blocks.
    Background,
    /// `<!-- not run: WHY -->`
    NotRun,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pieces(readme: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(String::new())];
    let mut inside = false;
    let mut before = "";
    for line in readme.split_inclusive('\n') {
        match (inside, line.trim_end()) {
            (false, "```sh") => {
                let kind = match before {
                    "<!-- first terminal -->" => Kind::Background,
                    marker if marker.starts_with("<!-- not run: ") => Kind::NotRun,
                    _ => Kind::Run,
                };
                pieces.push(Piece::Commands { script: String::new(), kind });
                inside = true;
            }
            (false, "```text") => {
                pieces.push(Piece::Output(String::new()));
                inside = true;
            }
            (true, "```") => {
                pieces.push(Piece::Text(String::new()));
                inside = false;
            }
            _ => match pieces.last_mut().unwrap() {
                Piece::Text(text) | Piece::Output(text) | Piece::Commands { script: text, .. } => {
                    text.push_str(line);
                }
            },
        }
        before = line.trim_end();
    }
    pieces
}

fn write(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(plain) => text.push_str(plain),
            Piece::Commands { script, .. } => text.push_str(&format!("```sh\n{script}```\n")),
            Piece::Output(output) => text.push_str(&format!("```text\n{output}```\n")),
        }
    }
    text
}

/// The files for the walk, and the reader's home directory.
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

/// Without this machine's settings: the README must work for a reader who has set nothing.
const GIT: [(&str, &str); 2] = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")];

/// A shell with the built program on its path.
fn shell(workshop: &Workshop, script: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_certctl"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    let is_set_here = |name: &str| ["CERTCTL_", "TI_", "GIT_"].iter().any(|start| name.starts_with(start));
    for (name, _) in std::env::vars().filter(|(name, _)| is_set_here(name)) {
        shell.env_remove(name);
    }
    support::at_home(&mut shell, workshop.home.path());
    // The program is already built.
    let script = script.replace("cargo run --release -- ", "certctl ");
    shell.args(["-c", &format!("exec 2>&1\n{script}")]);
    shell
        .current_dir(&workshop.folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .envs(GIT)
        .env_remove("COLUMNS");
    shell
}

/// Runs a block.
fn run(workshop: &Workshop, script: &str) -> String {
    String::from_utf8(shell(workshop, script).output().unwrap().stdout).unwrap()
}

/// A server in the first terminal, on a free port instead of the README's.
struct Server {
    running: Running,
    address: String,
    /// Its later output must be read, too.
    _shown: BufReader<ChildStdout>,
}

/// The address of the README's server.
const ADDRESS: &str = "127.0.0.1:8080";

impl Server {
    fn start(workshop: &Workshop, script: &str) -> Self {
        assert!(script.contains(ADDRESS), "{script}");
        let script = script.replace(ADDRESS, "127.0.0.1:0");
        let mut running = Running::start(&mut shell(workshop, &format!("exec {}", script.trim_end())));
        let mut shown = BufReader::new(running.child().stdout.take().unwrap());
        let mut url = String::new();
        shown.read_line(&mut url).unwrap();
        let address = url.trim().trim_start_matches("http://").to_owned();
        Self { running, address, _shown: shown }
    }
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

/// The output as the README shows it, with the middle of a long one left out.
fn shortened(output: &str) -> String {
    const HEAD: usize = 12;
    const TAIL: usize = 8;
    let lines: Vec<&str> = output.lines().collect();
    if lines.len() <= HEAD + TAIL + 4 {
        return output.to_owned();
    }
    format!("{}\n…\n{}\n", lines[..HEAD].join("\n"), lines[lines.len() - TAIL..].join("\n"))
}

#[test]
fn every_block_prints_the_shown_output() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut pieces = pieces(&readme);
    assert_eq!(write(&pieces), readme, "the README is read and written without loss");
    let workshop = workshop();
    let update = std::env::var_os("CERTCTL_UPDATE_README").is_some();
    let (mut blocks, mut server, mut exports) = (0, None, String::new());
    let mut printed: Option<(String, String)> = None;
    for piece in &mut pieces {
        match piece {
            Piece::Text(text) => {
                assert!(!text.contains("```console"), "a block with prompts cannot be pasted");
                // There is no text between a block and its output.
                if !text.trim().is_empty() {
                    silent(printed.take());
                }
            }
            Piece::Commands { kind: Kind::NotRun, .. } => {}
            Piece::Commands { script, kind: Kind::Background } => {
                server = Some(Server::start(&workshop, script));
            }
            Piece::Commands { script, kind: Kind::Run } => {
                blocks += 1;
                silent(printed.take());
                let typed = server
                    .as_ref()
                    .map_or(script.clone(), |server: &Server| script.replace(ADDRESS, &server.address));
                let output = run(&workshop, &format!("{exports}{typed}"));
                exports.extend(typed.split_inclusive('\n').filter(|line| line.starts_with("export ")));
                let output =
                    server.as_ref().map_or(output.clone(), |server| output.replace(&server.address, ADDRESS));
                printed = Some((script.clone(), output));
            }
            Piece::Output(shown) => {
                let (script, output) = printed.take().unwrap();
                let output = shortened(&output);
                if update && steady(&output) != steady(shown) {
                    *shown = output;
                } else {
                    assert_eq!(steady(&output), steady(shown), "{script}");
                }
            }
        }
    }
    silent(printed);
    if let Some(server) = server {
        server.running.kill();
    }
    assert!(blocks >= 15, "only {blocks} blocks were found");
    if update {
        fs::write(&path, write(&pieces)).unwrap();
    }
}

/// Checks that a block without an output prints nothing.
#[track_caller]
fn silent(printed: Option<(String, String)>) {
    if let Some((script, output)) = printed {
        assert_eq!(output, "", "{script}");
    }
}

#[test]
fn the_two_commands_work() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("\ncargo run --release -- -C examples/academy apply --auto-approve\n"));
    assert!(readme.contains("\ncargo test\n"));
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(
        ci.lines().any(|line| line.trim_start().starts_with("cargo test")),
        "CI runs the README's test command"
    );
}

#[test]
fn exit_codes_match_the_help() {
    let help = support::certctl().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap().replace('`', "");
    let mut lines = 0;
    for line in codes.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (code, meaning) = line.split_once(' ').unwrap();
        let (row, meaning) = (format!("| {code} | "), meaning.trim());
        assert!(readme.contains(&format!("{row}{meaning} |")), "{row}{meaning} is not in the README");
        lines += 1;
    }
    assert_eq!(lines, 8);
}

#[test]
fn every_document_is_linked_and_exists() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = format!("docs/{}", entry.unwrap().file_name().into_string().unwrap());
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            assert!(readme.contains(&name), "the README does not mention {name}");
        }
    }
    let named = readme.split('`').skip(1).step_by(2).filter(|name| !name.contains([' ', '*']));
    let folders = ["src/", "docs/", "tests/", "fuzz/", "state/README.md"];
    for name in named.filter(|name| folders.iter().any(|folder| name.starts_with(folder))) {
        assert!(root().join(name).exists(), "{name} is not there");
    }
}

#[test]
fn every_required_export_column_is_named() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let project = support::Project::empty();
    project.configure("sandbox", "");
    project.templates(&support::numbered(1..=1));
    project.write("export.csv", "nothing\n1\n");
    let refused = project.run(&["import", "--from-csv", "export.csv"]).exits(1);
    let (_, named) = refused.stderr.split_once("at least the columns ").unwrap();
    let columns = named.split(" make it").next().unwrap().split([',', ';', ' ', '\n']);
    let columns: Vec<&str> = columns.filter(|word| !word.is_empty() && *word != "and").collect();
    assert_eq!(columns.len(), 7, "{columns:?}");
    for column in columns {
        assert!(readme.contains(&format!("`{column}`")), "the README does not name the column {column}");
    }
}

#[test]
fn confusing_phrases_are_gone() {
    let stumbled = [
        "asks to be left alone",
        "is told of",
        "write what they tell",
        "nowhere to be had",
        "absence for proof",
        "from nowhere",
        "Where nobody says",
        "as they stand",
        "What they differ in",
        "ids that are none",
        "looks right before",
    ];
    for file in ["README.md", "docs/guarantees.md", "docs/pipelines.md", "docs/formats.md"] {
        let text = fs::read_to_string(root().join(file)).unwrap().replace('\n', " ");
        for words in stumbled {
            assert!(!text.contains(words), "{file}: {words}");
        }
    }
}
