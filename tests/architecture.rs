//! The arrows between the rooms: src/lib.rs draws them, and this reads the imports.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may import. `main` and `cli` may import everything.
const MAY_IMPORT: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("crash", &[]),
    ("config", &["model"]),
    ("desired", &["model", "config"]),
    ("state", &["model", "crash"]),
    ("export", &["model", "desired", "state"]),
    ("plan", &["model", "desired", "state"]),
    ("api", &["model", "crash"]),
    ("apply", &["model", "plan", "state", "api", "crash"]),
    ("report", &["model", "plan", "state", "export", "apply"]),
    ("sandbox", &["model", "api::wire"]),
];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file without its comments and without what only tests see.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every `crate::ROOM::…` in the code, as the text that follows `crate::`.
fn imports(code: &str) -> Vec<&str> {
    code.split("crate::").skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

fn is_test_file(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_stem().is_some_and(|stem| stem == "tests" || stem == "memory_store")
}

#[test]
fn no_arrow_is_added_that_the_table_does_not_have() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut violations = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (room, allowed) in MAY_IMPORT {
        let mut files = Vec::new();
        rust_files(&source.join(room), &mut files);
        for file in files.iter().filter(|file| !is_test_file(file)) {
            *seen.entry(room).or_default() += 1;
            for import in imports(&code(file)) {
                let own = import
                    .strip_prefix(room)
                    .is_some_and(|rest| rest.starts_with("::") || rest.starts_with(')'));
                let permitted = allowed.iter().any(|other| {
                    import
                        .strip_prefix(other)
                        .is_some_and(|rest| rest.starts_with("::") || rest.starts_with(';'))
                });
                if !own && !permitted {
                    let target: String = import.chars().take_while(|c| !";{ \n".contains(*c)).collect();
                    violations.push(format!("{}: crate::{target}", file.display()));
                }
            }
        }
    }
    assert!(violations.is_empty(), "arrows that src/lib.rs does not draw:\n{}", violations.join("\n"));
    assert_eq!(seen.len(), MAY_IMPORT.len(), "a room without files is a room that was not checked: {seen:?}");
}

#[test]
fn the_check_sees_a_forbidden_arrow() {
    let code = "use crate::model::Key;\nuse crate::api::{Client, Call};\nlet x = crate::cli::run();";
    let found: Vec<_> = imports(code).iter().map(|import| import.split("::").next().unwrap()).collect();
    assert_eq!(found, ["model", "api", "cli"]);
}
