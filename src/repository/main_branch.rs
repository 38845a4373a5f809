//! Which branch a clone takes for the main one.

use std::fs;
use std::path::{Path, PathBuf};

/// The name of the main branch of the clone with this root, by git's files: the one that the origin names, else `main` if
/// there is one, else the one that is checked out. `None` if that is not known, or if its name is a strange one.
pub fn main_branch(root: &Path) -> Option<String> {
    let own = git_folder(root)?;
    let shared = match fs::read_to_string(own.join("commondir")) {
        Ok(shared) => own.join(shared.trim_end()),
        Err(_) => own.clone(),
    };
    let named = |file: PathBuf, prefix: &str| {
        let text = fs::read_to_string(file).ok()?;
        Some(text.trim_end().strip_prefix("ref: ")?.strip_prefix(prefix)?.to_owned())
    };
    named(shared.join("refs/remotes/origin/HEAD"), "refs/remotes/origin/")
        .or_else(|| has_branch(&shared, "main").then(|| "main".to_owned()))
        .or_else(|| named(own.join("HEAD"), "refs/heads/"))
        .filter(|name| is_plain(name))
}

/// The folder of git's own files; a worktree and a submodule name theirs in a file.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let there = root.join(".git");
    if there.is_dir() {
        return Some(there);
    }
    let text = fs::read_to_string(there).ok()?;
    Some(root.join(text.trim_end().strip_prefix("gitdir: ")?))
}

fn has_branch(shared: &Path, name: &str) -> bool {
    let name = format!("refs/heads/{name}");
    let is_it = |line: &str| line.split_once(' ').is_some_and(|(_, branch)| branch == name);
    shared.join(&name).is_file()
        || fs::read_to_string(shared.join("packed-refs")).is_ok_and(|text| text.lines().any(is_it))
}

/// Whether no other program takes a part of the name for something else.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_origin_decides_then_main_then_head() {
        let folder = tempfile::tempdir().unwrap();
        let (root, git) = (folder.path(), folder.path().join(".git"));
        assert_eq!(main_branch(root), None);
        write(&git.join("HEAD"), "ref: refs/heads/trunk\n");
        assert_eq!(main_branch(root).as_deref(), Some("trunk"));
        write(&git.join("packed-refs"), "# pack-refs\n0123 refs/heads/main\n");
        assert_eq!(main_branch(root).as_deref(), Some("main"));
        write(&git.join("refs/remotes/origin/HEAD"), "ref: refs/remotes/origin/release/1.0\n");
        assert_eq!(main_branch(root).as_deref(), Some("release/1.0"));
        write(&git.join("refs/remotes/origin/HEAD"), "ref: refs/remotes/origin/it's\n");
        assert_eq!(main_branch(root), None);
    }

    #[test]
    fn worktrees_look_into_the_shared_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (root, git) = (folder.path().join("tree"), folder.path().join("clone/.git"));
        write(&root.join(".git"), "gitdir: ../clone/.git/worktrees/tree\n");
        write(&git.join("worktrees/tree/commondir"), "../..\n");
        write(&git.join("worktrees/tree/HEAD"), "ref: refs/heads/feature\n");
        assert_eq!(main_branch(&root).as_deref(), Some("feature"));
        write(&git.join("refs/heads/main"), "0123\n");
        assert_eq!(main_branch(&root).as_deref(), Some("main"));
    }
}
