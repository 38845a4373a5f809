//! Files that are written beside their place before they get their name, and what a killed run left of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// How many characters make a name unique.
const RANDOM: usize = 6;

/// What the names for this state begin with: states that share a folder must not take each other's away.
fn prefix(state: &Path) -> String {
    let name = state.file_name().unwrap_or_default().to_string_lossy();
    format!(".certctl-tmp-{name}-")
}

/// A new file in the state's folder that only its owner may read; it goes with the value unless it is put in its place.
pub(super) fn new_for(state: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(&prefix(state)).rand_bytes(RANDOM).tempfile_in(folder)
}

/// What killed runs left. Only whoever holds the state's lock may remove it: the files of a run that is going on look the
/// same.
pub(super) fn left_over(state: &Path, folder: &Path) -> Vec<PathBuf> {
    let prefix = prefix(state);
    let is_ours = |name: &str| {
        let random = name.strip_prefix(&prefix);
        random.is_some_and(|rest| rest.len() == RANDOM && rest.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_ours));
    ours.map(|entry| entry.path()).collect()
}
