//! Compares the references in docs with the tables in the code that they are printed from. In tests only.

use std::fs;
use std::path::Path;

/// Checks that a file in docs has this text. `INSTA_UPDATE=always`, or `just snapshots`, writes it.
pub(crate) fn assert_current(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&path, text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/{file} is not what the code says. If a command, option, setting, field, rule or exit code was added or reworded, \
         that is expected: run `just snapshots --lib current` and commit docs/{file}\n{}",
        similar::TextDiff::from_lines(&written, text).unified_diff()
    );
}

/// Writes a row of a Markdown table.
pub(crate) fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>().join(" | "))
}

/// Writes a text as code; nothing for an empty one.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}
