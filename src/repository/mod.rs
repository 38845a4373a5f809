//! Where a git repository begins, and which branch is its main one. Looked for without git, so that none is started where
//! there is no repository.

mod main_branch;

use std::path::Path;

pub use main_branch::main_branch;

/// The nearest folder, at or above this one, that has a `.git`: a folder, or a file as in a worktree or a submodule.
pub fn repository_root(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_git_folder_or_file_is_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("a/b");
        fs::create_dir_all(&project).unwrap();
        assert_eq!(repository_root(&project).filter(|root| root.starts_with(folder.path())), None);
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(repository_root(&project), Some(folder.path()));
        fs::write(folder.path().join("a/.git"), "gitdir: elsewhere\n").unwrap();
        assert_eq!(repository_root(&project), Some(folder.path().join("a").as_path()));
        fs::create_dir(project.join(".git")).unwrap();
        assert_eq!(repository_root(&project), Some(project.as_path()));
    }
}
