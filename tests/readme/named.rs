//! The files and tests that the documents name are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pulldown_cmark::{Event, Options, Parser};

use crate::{documents, root, text};

/// Files that a person or a program makes later.
const MADE_LATER: [&str; 4] =
    ["release/minisign.pub", "state/academy-sandbox.json", "fuzz/scratch", "state/.certctl-tmp-NAME.json-…"];

/// The words that a document sets as code, without its blocks.
fn code(document: &str) -> Vec<String> {
    let events = Parser::new_ext(document, Options::ENABLE_TABLES);
    events
        .filter_map(|event| if let Event::Code(code) = event { Some(code.into_string()) } else { None })
        .collect()
}

/// Whether this is the path of a file of the repository, and not a pattern or a name to fill in.
fn is_path(word: &str) -> bool {
    let folders =
        ["src/", "docs/", "tests/", "fuzz/", "examples/", "benches/", "state/", "release/", "ci/", ".ci/"];
    let is_open = |part: &str| part.contains(['*', '|', '<', ' ']) || part.contains("NAME");
    folders.iter().any(|folder| word.starts_with(folder))
        && !is_open(word)
        && !word.ends_with("/VERSION")
        && !word.ends_with("/TARGET")
        && !MADE_LATER.contains(&word)
}

#[test]
fn every_named_file_exists() {
    let (mut checked, mut missing) = (0, Vec::new());
    for document in documents() {
        for word in code(&text(&document)).iter().filter(|word| is_path(word)) {
            checked += 1;
            if !root().join(word).exists() {
                missing.push(format!("{document}: {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(checked > 100, "only {checked} paths were found");
}

/// Adds the names of the functions in a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let code = fs::read_to_string(&path).unwrap();
            let found = code.split("fn ").skip(1).filter_map(|rest| rest.split_once('('));
            names.extend(found.map(|(name, _)| name.to_owned()));
        }
    }
}

/// Tests have long names. Settings, which have underscores too, are in `docs/settings.md`.
#[test]
fn every_named_test_exists() {
    let mut known = BTreeSet::new();
    functions(&root().join("tests"), &mut known);
    functions(&root().join("src"), &mut known);
    let settings = text("docs/settings.md");
    let is_test = |word: &&String| {
        word.matches('_').count() >= 2
            && word
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
            && !settings.contains(&format!("`{word}`"))
    };
    let security = code(&text("SECURITY.md"));
    let named: Vec<&String> = security.iter().filter(is_test).collect();
    let missing: Vec<_> = named.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "SECURITY.md: {missing:?}");
    assert!(named.len() > 25, "only {named:?}");
}
