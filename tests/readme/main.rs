//! The README and the pages of the book in docs: their commands are run as a newcomer would, their outputs compared, their other
//! commands held against the command tree, and their links followed.
//!
//! `CERTCTL_UPDATE_README=1 cargo test --test readme` updates the outputs; check the diff.
// The blocks are for a shell of Unix.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod facts;
mod links;
mod named;
mod pages;
mod pictures;
mod pieces;
mod settings_and_templates;
mod steady;
mod tables;
mod typed;
mod workshop;

use std::path::{Path, PathBuf};

/// The repository's root.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The pages of the book, by their names in docs.
fn book() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"))
        .collect();
    names.sort();
    names
}

/// Documents beside the book.
const OTHERS: [&str; 9] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "examples/academy/README.md",
    "fuzz/README.md",
    "release/README.md",
    "state/README.md",
    "tests/browser/README.md",
];

/// The paths of all documents.
fn documents() -> Vec<String> {
    let pages = book().into_iter().map(|page| format!("docs/{page}"));
    pages.chain(OTHERS.map(str::to_owned)).collect()
}

/// Reads a file of the repository.
fn text(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
