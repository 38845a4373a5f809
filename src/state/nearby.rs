//! Lists the folders and files of a project that may contain a state, by name only. A folder is listed in any order,
//! so names are sorted before the limits apply.

use std::fs;
use std::path::{Path, PathBuf};

/// The maximum number of files that are opened.
const FILES: usize = 10_000;
/// The maximum number of folders that are read.
const FOLDERS: usize = 1_000;

/// Files or folders, and whether the list is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nearby {
    pub(super) paths: Vec<PathBuf>,
    pub(super) is_all: bool,
}

impl Nearby {
    /// The folder of a state, the project's folder and those directly in it: states are seldom deeper.
    pub(super) fn folders(of_state: Option<PathBuf>, project: PathBuf) -> Self {
        let mut within: Vec<PathBuf> = entries(&project).filter(|path| path.is_dir()).collect();
        within.sort();
        Self::first(of_state.into_iter().chain([project]).chain(within), FOLDERS)
    }

    /// The files with this extension in these folders.
    pub(super) fn files(folders: &[PathBuf], extension: &str) -> Self {
        Self::files_within(folders, extension, FILES)
    }

    fn files_within(folders: &[PathBuf], extension: &str, most: usize) -> Self {
        let has_it = |path: &PathBuf| path.extension().is_some_and(|ending| ending == extension);
        let in_one = |folder: &PathBuf| {
            let mut files: Vec<PathBuf> = entries(folder).filter(has_it).collect();
            files.sort();
            files
        };
        Self::first(folders.iter().flat_map(in_one), most)
    }

    /// The first of these paths, without duplicates.
    fn first(all: impl Iterator<Item = PathBuf>, most: usize) -> Self {
        let mut seen = std::collections::HashSet::new();
        let mut all = all.filter(|path| seen.insert(path.clone()));
        let paths = all.by_ref().take(most).collect();
        Self { paths, is_all: all.next().is_none() }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_when_it_is_incomplete() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for name in ["b/z.json", "b/y.json", "b/x.txt", "a/z.json", "a/w.txt", "a/v.json.backup"] {
            fs::create_dir_all(place(name).parent().unwrap()).unwrap();
            fs::write(place(name), "").unwrap();
        }
        let folders = [place("b"), place("a"), place("b"), place("missing")];
        let all = ["b/y.json", "b/z.json", "a/z.json"].map(place);
        for most in 0..=4 {
            let found = Nearby::files_within(&folders, "json", most);
            assert_eq!(found.paths, all[..most.min(3)], "{most}");
            assert_eq!(found.is_all, most >= 3, "{most}");
        }
    }

    #[test]
    fn folders_come_by_name_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for name in ["c", "a", "b"] {
            fs::create_dir(place(name)).unwrap();
        }
        fs::write(place("file"), "").unwrap();
        let found = Nearby::folders(Some(place("b")), folder.path().to_owned());
        assert_eq!(found.paths, [place("b"), folder.path().to_owned(), place("a"), place("c")]);
        assert!(found.is_all);
    }
}
