//! What certctl lives on, which no saved plan and no report may be written over: one wrong word on the command line would
//! cost the only memory of what the server holds.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::plain_path;
use crate::state::{FORMAT, JOURNAL_FORMAT};

/// The files that are known so far. Which they are is learnt on the way: the configuration says where the state is.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnFiles(Arc<Mutex<Vec<(PathBuf, &'static str)>>>);

impl OwnFiles {
    /// From here on nothing may be written over these; each with what it is.
    pub(super) fn add(&self, files: impl IntoIterator<Item = (PathBuf, &'static str)>) {
        let files = files.into_iter().map(|(path, what)| (real(&path), what));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
    }

    /// What is at this path, if nothing may be written over it.
    pub(super) fn what_is_at(&self, path: &Path) -> Option<&'static str> {
        let target = real(path);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(file, _)| *file == target || is_one_file(file, &target));
        found.map(|(_, what)| *what).or_else(|| what_it_looks_like(&target))
    }
}

/// Whether two paths lead to the same file or would.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let (one, other) = (real(one), real(other));
    one == other || is_one_file(&one, &other)
}

/// The path with the links in its folders followed, and not one in its last name: what is written there replaces it.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(whole) = fs::canonicalize(&path) {
        return whole;
    }
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => plain_path(&path),
    }
}

/// Two names of one file.
#[cfg(unix)]
fn is_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |path| fs::metadata(path).map(|file| (file.dev(), file.ino()));
    matches!((identity(one), identity(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_one_file(_: &Path, _: &Path) -> bool {
    false
}

/// For those that are not known, as before the configuration is read or in another project.
fn what_it_looks_like(path: &Path) -> Option<&'static str> {
    const BEGINNING: u64 = 4096;
    if !fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return None;
    }
    if path.file_name().is_some_and(|name| name == crate::config::FILE) {
        return Some("a configuration");
    }
    let kind = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    if kind.is_some_and(|kind| kind == "yaml" || kind == "yml") {
        return Some("a YAML file, as templates are");
    }
    let mut beginning = Vec::new();
    File::open(path).ok()?.take(BEGINNING).read_to_end(&mut beginning).ok()?;
    let beginning = String::from_utf8_lossy(&beginning);
    // The name of the format without its version: of any version.
    let names = |format: &str| {
        let (name, _) = format.split_once('/').unwrap_or((format, ""));
        beginning.contains(&format!("\"{name}/"))
    };
    match () {
        () if names(FORMAT) => Some("a state"),
        () if names(JOURNAL_FORMAT) => Some("a journal"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_journals_are_known_by_what_they_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (text, expected) in [
            ("{\n  \"environment\": \"x\",\n  \"format\": \"certctl.state/v1\",\n", Some("a state")),
            ("{\"record\":\"open\",\"format\":\"certctl.journal/v2\"}\n", Some("a journal")),
            ("{ \"format\": \"certctl.plan/v1\" }", None),
            ("", None),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(OwnFiles::default().what_is_at(&path), expected, "{text}");
        }
        assert_eq!(OwnFiles::default().what_is_at(&folder.path().join("new.yaml")), None);
    }
}
