//! Normalises paths, so that equal files have equal paths.

use std::path::{Component, Path, PathBuf};

/// The path without `.` and `name/..`. By name only: symbolic links are not resolved.
pub fn plain_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_by_name() {
        for (path, expected) in [
            ("./a/./b/../c", "a/c"),
            ("../a", "../a"),
            ("a/../../b", "../b"),
            ("/a/../b/", "/b"),
            ("a/..", ""),
        ] {
            assert_eq!(plain_path(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
