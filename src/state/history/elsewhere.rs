//! States under other paths of the present branch, for one that is missing under its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::blobs::Blobs;
use super::git::Git;
use super::{Document, InGit, Limits, Unchecked, parse_state, real_path, root_of};
use crate::state::FORMAT;

/// The states of the instance with this URL that the newest commit has under any path, and those that the branch removed.
/// What could not be looked at is told.
pub fn look_elsewhere(path: &Path, url: &str, limits: Limits) -> (Vec<(InGit, Document)>, Option<Unchecked>) {
    let mut found = Vec::new();
    let unchecked = try_look(path, url, limits, &mut found).err();
    (found, unchecked)
}

fn try_look(
    path: &Path,
    url: &str,
    limits: Limits,
    found: &mut Vec<(InGit, Document)>,
) -> Result<(), Unchecked> {
    let path = real_path(path);
    let Some(root) = root_of(&path) else { return Ok(()) };
    let mut git = Git::new(root, limits);
    let Some(head) = git.clone_of()?.head else { return Ok(()) };
    let mut blobs: Option<Blobs> = None;
    let there = git.files_with(FORMAT, &head)?.into_iter().map(|name| (head.clone(), name));
    let removed = git.removed(&head)?;
    let mut names: BTreeSet<PathBuf> = BTreeSet::new();
    for (commit, name) in there.chain(removed) {
        if root.join(&name) == path || !names.insert(name.clone()) {
            continue;
        }
        let reader = match &mut blobs {
            Some(reader) => reader,
            none => none.insert(git.blobs()?),
        };
        if name.to_string_lossy().contains('\n') {
            continue;
        }
        let bytes = reader.read(&format!("{commit}:{}", name.display()))?;
        let Ok(document) = parse_state(&name, &bytes) else { continue };
        if document.url == url {
            found.push((InGit { root: root.to_owned(), commit, path: name }, document));
        }
    }
    Ok(())
}
