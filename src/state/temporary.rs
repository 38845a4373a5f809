//! Temporary files beside a state, before they get their name, and their removal after a killed run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::DocumentText;
use super::durable::{sync_folder, write_file};
use crate::crash::{Point, reach};

/// The number of random characters in a name.
const RANDOM: usize = 6;

/// The prefix of the names for this state: states that share a folder must not remove each other's files.
fn prefix(state: &Path) -> String {
    let name = state.file_name().unwrap_or_default().to_string_lossy();
    format!(".certctl-tmp-{name}-")
}

/// A new file in the state's folder that only its owner may read. Dropping it removes it, unless it was put in place.
pub(super) fn new_for(state: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(&prefix(state)).rand_bytes(RANDOM).tempfile_in(folder)
}

/// Saves a version of the state that cannot be put in place beside it, under a unique name; durable when it returns.
/// The name ends in `.rescued` like that of a run that holds the lock, so that git ignores both.
pub(super) fn rescue(state: &Path, folder: &Path, new: &DocumentText<'_>) -> io::Result<PathBuf> {
    let name = state.file_name().unwrap_or_default().to_string_lossy();
    let mut builder = tempfile::Builder::new();
    let (prefix, suffix) = (format!("{name}."), ".rescued");
    let file = builder.prefix(&prefix).suffix(suffix).rand_bytes(RANDOM).tempfile_in(folder)?;
    write_file(&file, |sink| new.write_to(sink))?;
    reach(Point::RescueWritten);
    file.as_file().sync_all()?;
    reach(Point::RescueSynced);
    let (_, path) = file.keep()?;
    reach(Point::RescueRenamed);
    sync_folder(folder)?;
    reach(Point::RescueDurable);
    Ok(path)
}

/// Temporary files of killed runs. Only the holder of the state's lock may remove them: the files of a run in
/// progress look the same.
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
