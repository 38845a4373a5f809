//! The tables of docs/guarantees.md are generated from the code.
//! `CERTCTL_UPDATE_GUARANTEES=1 cargo test --test guarantees` updates them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use certctl::api::retry::{Ending, Reaction, TABLE};
use certctl::crash::Point;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guarantees.md")
}

/// Checks that the block with this name holds this text, or updates it.
#[track_caller]
fn block(name: &str, expected: &str) {
    let text = std::fs::read_to_string(path()).unwrap();
    let begin = format!("<!-- {name} -->\n");
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no block {name}"));
    let (found, after) = rest.split_once("<!-- end -->").unwrap();
    if std::env::var_os("CERTCTL_UPDATE_GUARANTEES").is_some() {
        std::fs::write(path(), format!("{before}{begin}{expected}<!-- end -->{after}")).unwrap();
    } else {
        assert!(
            found == expected,
            "{name} is out of date. CERTCTL_UPDATE_GUARANTEES=1 updates it:\n{expected}"
        );
    }
}

fn reaction(reaction: Reaction) -> String {
    match reaction {
        Reaction::Read => "read".to_owned(),
        Reaction::SendAgain(ending) => format!("retried; after the last attempt {}", end(ending)),
        Reaction::Halve => "halved until the faulty row is alone; that row has **failed**".to_owned(),
        Reaction::End(ending) => format!("**{}**", end(ending)),
        Reaction::Stop => "the run stops; remaining rows are not sent".to_owned(),
    }
}

fn end(ending: Ending) -> &'static str {
    match ending {
        Ending::Failed => "failed",
        Ending::InDoubt => "in doubt",
        Ending::NotSent => "not sent",
    }
}

fn retry_table() -> String {
    let mut text = "| what happened | creates | updates | why |\n|---|---|---|---|\n".to_owned();
    for rule in TABLE {
        let (creates, updates) = (reaction(rule.creates), reaction(rule.updates));
        text.push_str(&format!("| {} | {creates} | {updates} | {} |\n", rule.what, rule.why));
    }
    text
}

fn crash_points() -> String {
    let mut text = format!("<details><summary>The {} points</summary>\n\n", Point::ALL.len());
    text.push_str("| point | what has just happened |\n|---|---|\n");
    for point in Point::ALL {
        text.push_str(&format!("| `{}` | {} |\n", point.name(), point.what()));
    }
    text + "\n</details>\n"
}

/// The names of the end-to-end tests, as sentences.
fn hostile_cases() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !file.ends_with("main.rs"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let mut lines = text.lines().skip_while(|line| line.trim() != "#[test]");
        while let Some(line) = lines.next() {
            if line.trim() != "#[test]" {
                continue;
            }
            let Some(name) = lines.find_map(|line| line.trim().strip_prefix("fn ")?.split('(').next()) else {
                break;
            };
            cases.push(name.replace('_', " "));
        }
    }
    cases
}

#[test]
fn tables_match_the_code() {
    block("retry table", &retry_table());
    block("crash points", &crash_points());
    let cases: String = hostile_cases().iter().map(|case| format!("* {case}\n")).collect();
    block("hostile cases", &cases);
}

#[test]
fn every_count_has_a_number() {
    let text = std::fs::read_to_string(path()).unwrap();
    let (_, rest) = text.split_once("<!-- numbers -->\n").unwrap();
    let numbers = rest.split_once("<!-- end -->").unwrap().0;
    for what in
        ["kinds of run and edit", "kills", "worlds", "sequences", "hostile servers", "inputs", "executions"]
    {
        let row = numbers.lines().find(|line| line.starts_with('|') && line.contains(what));
        let counted = row.is_some_and(|row| {
            row.split('|').nth(2).is_some_and(|cell| cell.contains(|c: char| c.is_ascii_digit()))
        });
        assert!(counted, "docs/guarantees.md does not say how many {what}");
    }
    let points = format!("{} points", Point::ALL.len());
    assert!(numbers.contains(&points), "docs/guarantees.md does not say that there are {points}");
    let cases = format!("| {} |", hostile_cases().len());
    assert!(
        numbers.contains(&cases),
        "docs/guarantees.md does not say that there are {cases} hostile servers"
    );
}

#[test]
fn every_named_file_exists() {
    let text = std::fs::read_to_string(path()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for part in text.split('`').skip(1).step_by(2) {
        let word = part.split_whitespace().next().unwrap_or_default();
        if word.contains('/') && !word.contains(['<', '=']) {
            named += 1;
            assert!(root.join(word).exists(), "docs/guarantees.md names {word}, which does not exist");
        }
    }
    assert!(named > 5, "{named}");
}

/// A filter that matches no test runs nothing and passes.
#[test]
fn every_named_property_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(root.join("tests/properties")).unwrap().map(|entry| entry.unwrap().path());
    let code: String =
        files.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut named = 0;
    for document in ["docs/measure", "docs/guarantees.md"] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        for part in text.split("--test properties ").skip(1) {
            let filter = part.split(|c: char| c.is_whitespace() || c == '`').next().unwrap();
            let name = filter.trim_end_matches("::");
            named += 1;
            let exists = code.contains(&format!("fn {name}(")) || code.contains(&format!("mod {name};"));
            assert!(exists, "{document} runs the properties {filter}, and there are none of that name");
        }
    }
    assert!(named >= 2, "{named}");
}
