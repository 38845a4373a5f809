//! Files that are written beside their place before they get their name, and what a killed run left of them.

use std::fs;
use std::io;
use std::path::Path;

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

/// Removes what killed runs left. Only whoever holds the state's lock may: the files of a run that is going on look the
/// same. What cannot be removed harms nobody.
pub(super) fn clear_away(state: &Path, folder: &Path) {
    let prefix = prefix(state);
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        if random.is_some_and(|rest| rest.len() == RANDOM && rest.chars().all(|c| c.is_ascii_alphanumeric()))
        {
            // Removing it is followed by a point where it is asked for.
            let _ = fs::remove_file(entry.path());
        }
    }
}
