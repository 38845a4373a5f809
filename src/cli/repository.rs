//! Locates a project in its git repository, so that reports name files from the repository's root.

use std::path::{Path, PathBuf};

use crate::model::plain_path;
use crate::repository::repository_root;

/// A project's folder and the repository around it.
#[derive(Debug)]
pub(super) struct Repository {
    root: PathBuf,
    folder: PathBuf,
}

impl Repository {
    /// Finds the repository of this folder. Without one, for example after a download, the current folder counts as its
    /// root, because that is what a pipeline checked out.
    pub(super) fn around(folder: &Path) -> Self {
        let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = whole(folder);
        let root = repository_root(&folder).map_or_else(|| whole(Path::new(".")), Path::to_owned);
        Self { root, folder }
    }

    /// Returns the path of a file from the repository's root, or unchanged if the file is outside.
    pub(super) fn name(&self, file: &Path) -> PathBuf {
        let path = plain_path(&self.folder.join(file));
        path.strip_prefix(&self.root).map_or_else(|_| file.to_owned(), Path::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root() {
        let repository = Repository { root: "/srv/academy".into(), folder: "/srv/academy/eu".into() };
        for (file, expected) in [
            ("certctl.toml", "eu/certctl.toml"),
            ("./templates/a.yaml", "eu/templates/a.yaml"),
            ("../shared/layouts.yaml", "shared/layouts.yaml"),
            ("/srv/academy/b.yaml", "b.yaml"),
            ("../../other/c.yaml", "../../other/c.yaml"),
            ("/elsewhere/d.yaml", "/elsewhere/d.yaml"),
        ] {
            assert_eq!(repository.name(Path::new(file)), Path::new(expected), "{file}");
        }
    }
}
