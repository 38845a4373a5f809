//! Finds one version of a state in its repository.

use std::collections::HashSet;
use std::path::Path;

use super::git::Git;
use super::log::parse;
use super::{InGit, LookLimits, real_path, root_of};
use crate::model::Digest;

/// A commit in which the state at this path has this digest. Also `None` if git could not be asked.
pub fn find(path: &Path, digest: &Digest, limits: LookLimits) -> Option<InGit> {
    let path = real_path(path);
    let root = root_of(&path)?;
    let name = path.strip_prefix(root).ok()?;
    let mut git = Git::new(root, limits);
    let log = git.start_log(&["HEAD", "--all"], name).ok()?;
    let commits = parse(&git.end(Some(log)).ok()?);
    let mut blobs = git.blobs();
    let mut seen = HashSet::new();
    for commit in &commits {
        let Some(blob) = commit.blob.as_ref().filter(|blob| seen.insert(*blob)) else { continue };
        if Digest::of(&blobs.read(blob).ok()?) == *digest {
            return Some(InGit { root: root.to_owned(), commit: commit.id.clone(), path: name.to_owned() });
        }
    }
    None
}
