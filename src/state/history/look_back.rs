//! Shows the versions of a state that the current branch has committed.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use super::git::Git;
use super::log::parse_dated;
use super::{LookLimits, Unchecked, real_path, root_of};
use crate::state::{FoundAt, PastCommit, PastState, parse_state};

/// Shows every version of the state at this path that HEAD's own history has, the youngest first, until `see` breaks. The
/// result says why some were not shown.
pub(in crate::state) fn each_committed(
    path: &Path,
    limits: LookLimits,
    see: &mut dyn FnMut(PastState) -> ControlFlow<()>,
) -> Option<Unchecked> {
    look(path, limits, see).unwrap_or_else(Some)
}

fn look(
    path: &Path,
    limits: LookLimits,
    see: &mut dyn FnMut(PastState) -> ControlFlow<()>,
) -> Result<Option<Unchecked>, Unchecked> {
    let path = real_path(path);
    let root = root_of(&path).ok_or(Unchecked::NoRepository)?;
    let name = path.strip_prefix(root).map_err(|_| Unchecked::NoRepository)?;
    let mut git = Git::new(root, limits);
    let running = git.start_clone_of()?;
    let clone = git.clone_of(running)?;
    let mut unchecked = clone.is_shallow.then_some(Unchecked::Shallow);
    if clone.head.is_none() {
        return Ok(unchecked);
    }
    let log = git.start_log(&["HEAD"], name)?;
    let commits = parse_dated(&git.end(Some(log))?);
    let mut blobs = git.blobs();
    let mut seen = HashSet::new();
    // Of equal contents the oldest commit made the version; younger ones restored it.
    let oldest: HashMap<&str, _> = commits
        .iter()
        .filter_map(|(commit, at)| Some((commit.blob.as_deref()?, (&commit.id, *at))))
        .collect();
    for (commit, at) in &commits {
        let Some(blob) = commit.blob.as_deref().filter(|blob| seen.insert((*blob).to_owned())) else {
            continue;
        };
        let (id, at) = oldest.get(blob).copied().unwrap_or((&commit.id, *at));
        let id = id.clone();
        let bytes = match blobs.read(blob) {
            Ok(bytes) => bytes,
            Err(why) => return Ok(Some(why)),
        };
        let Ok(document) = parse_state(&path, &bytes) else {
            unchecked.get_or_insert(Unchecked::Unreadable(id));
            continue;
        };
        let found = FoundAt::Commit(PastCommit { id, at });
        if see(PastState { document, found }).is_break() {
            break;
        }
    }
    Ok(unchecked)
}
