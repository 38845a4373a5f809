//! Finds states under other paths of the current branch, if one is missing from its own path.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::blobs::Blobs;
use super::git::Git;
use super::{Document, InGit, LookLimits, Unchecked, parse_state, real_path, root_of};
use crate::state::FORMAT;

/// The states of the instance with this URL that the newest commit has under any path, and those that the branch
/// removed. The second value says why some of them were not examined.
pub fn look_elsewhere(
    path: &Path,
    url: &str,
    limits: LookLimits,
) -> (Vec<(InGit, Document)>, Option<Unchecked>) {
    let path = real_path(path);
    let Some(root) = root_of(&path) else { return (Vec::new(), None) };
    let git = Git::new(root, limits);
    let mut looking =
        Looking { git, blobs: None, path: &path, url, names: BTreeSet::new(), found: Vec::new() };
    let unchecked = looking.look().err();
    (looking.found, unchecked)
}

struct Looking<'a> {
    git: Git,
    blobs: Option<Blobs>,
    /// The path where the state is missing.
    path: &'a Path,
    url: &'a str,
    /// The paths examined so far.
    names: BTreeSet<PathBuf>,
    found: Vec<(InGit, Document)>,
}

impl Looking<'_> {
    fn look(&mut self) -> Result<(), Unchecked> {
        let running = self.git.start_clone_of()?;
        let Some(head) = self.git.clone_of(running)?.head else { return Ok(()) };
        let there = self.git.files_with(FORMAT, &head)?;
        // States that exist count even if looking for removed ones fails.
        let there = self.all(there.into_iter().map(|name| (head.clone(), name)));
        let removed = self.git.removed(&head)?;
        there.and(self.all(removed))
    }

    /// Examines all of these. A file that cannot be read does not hide the others.
    fn all(&mut self, files: impl IntoIterator<Item = (String, PathBuf)>) -> Result<(), Unchecked> {
        let mut unreadable = Ok(());
        for (commit, name) in files {
            match self.one(commit, name) {
                Err(Unchecked::Failed(why)) => {
                    // After an error, git is started again.
                    self.blobs = None;
                    unreadable = Err(Unchecked::Failed(why));
                }
                other => other?,
            }
        }
        unreadable
    }

    fn one(&mut self, commit: String, name: PathBuf) -> Result<(), Unchecked> {
        let root = self.git.root().to_owned();
        let is_one_line = !name.to_string_lossy().contains('\n');
        if root.join(&name) == self.path || !is_one_line || !self.names.insert(name.clone()) {
            return Ok(());
        }
        let blobs = match &mut self.blobs {
            Some(blobs) => blobs,
            none => none.insert(self.git.blobs()),
        };
        let place = InGit { root, commit, path: name };
        let bytes = blobs.read(&place.object().to_string_lossy())?;
        if let Ok(document) = parse_state(&place.path, &bytes)
            && document.url == self.url
        {
            self.found.push((place, document));
        }
        Ok(())
    }
}
