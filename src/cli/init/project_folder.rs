//! Where a project lies in its git repository.

use std::path::{Path, PathBuf};

use super::super::failure::Failure;
use super::pipeline::MAIN;
use crate::model::shell_word;
use crate::repository::{main_branch, repository_root};
use crate::state::real_path;

/// A project's folder and the root of the repository around it.
pub(super) struct ProjectFolder {
    root: PathBuf,
    /// The project's folder from the root, with `/` between names; `None` if a name is no text.
    folder: Option<String>,
    is_in_repository: bool,
    /// The main branch of the repository, if it is known.
    branch: Option<String>,
}

impl ProjectFolder {
    /// Finds the repository around a folder, which need not exist yet. Without one, the folder counts as its root.
    pub(super) fn of(folder: &Path) -> Self {
        let real = real_path(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        let Some(root) = repository_root(&real) else {
            return Self {
                root: folder.to_owned(),
                folder: Some(String::new()),
                is_in_repository: false,
                branch: None,
            };
        };
        let below = real.strip_prefix(root).unwrap_or(Path::new(""));
        let names: Option<Vec<&str>> = below.iter().map(|name| name.to_str()).collect();
        let folder_of_root = if below.as_os_str().is_empty() { folder } else { root };
        Self {
            root: folder_of_root.to_owned(),
            folder: names.map(|names| names.join("/")),
            is_in_repository: true,
            branch: main_branch(root),
        }
    }

    /// The root of the repository.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The project's folder from the root, empty if it is the root.
    pub(super) fn folder(&self, folder: &Path) -> Result<&str, Failure> {
        self.folder.as_deref().ok_or_else(|| {
            let name = folder.display();
            Failure::error(format!("the name of the folder {name} is not UTF-8, so a pipeline cannot name it: rename it\nnothing was written"))
        })
    }

    /// The branch that changes are merged into.
    pub(super) fn branch(&self) -> &str {
        self.branch.as_deref().unwrap_or(MAIN)
    }

    /// Whether there is a repository.
    pub(super) fn is_in_repository(&self) -> bool {
        self.is_in_repository
    }
}

/// Explains why the project's folder cannot be used, and what to do; `None` if it can.
pub(super) fn unusable_folder(folder: &Path) -> Option<String> {
    // The nearest ancestor that exists decides.
    let there = folder.ancestors().find(|path| path.exists() || path.is_symlink())?;
    if there.is_symlink() && !there.exists() {
        let (name, link) = (there.display(), shell_word(there));
        return Some(format!(
            "{name} is a symbolic link to nothing: remove it (rm {link}), or make the folder that it leads to"
        ));
    }
    (!there.is_dir()).then(|| format!("{} is not a directory: name another folder", there.display()))
}
