//! One path for one file.

use std::path::{Component, Path, PathBuf};

/// The path with `.` and `name/..` taken out. By name only: nothing is looked up, so a link that leads elsewhere is
/// not seen.
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
    fn what_leads_back_is_taken_out_and_what_leads_out_is_kept() {
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
