//! What the README says, held against the program.

use std::fs;

use crate::{documents, root, support};

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
fn every_required_export_column_is_named() {
    let page = fs::read_to_string(root().join("docs/recovery.md")).unwrap();
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
        assert!(page.contains(&format!("`{column}`")), "docs/recovery.md does not name the column {column}");
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
        "stands beside",
        "What is said here holds",
        "rather not",
        "has no end",
        "Who cannot",
        "Who takes",
    ];
    for file in documents() {
        let text = fs::read_to_string(root().join(&file)).unwrap().replace('\n', " ");
        for words in stumbled {
            assert!(!text.contains(words), "{file}: {words}");
        }
    }
}
