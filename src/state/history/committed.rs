//! Reads the versions of a state that were committed last.

use std::collections::HashSet;
use std::path::Path;

use super::git::Git;
use super::log::parse;
use super::{LookLimits, real_path, root_of};
use crate::state::{Document, parse_state};

/// The states at this path in HEAD's own history, the newest first, at most so many; fewer if git cannot be asked for
/// them.
pub fn committed(path: &Path, most: usize, limits: LookLimits) -> Vec<Document> {
    let mut documents = Vec::new();
    // What was read before an error counts.
    let _ = read(path, most, limits, &mut documents);
    documents
}

fn read(path: &Path, most: usize, limits: LookLimits, documents: &mut Vec<Document>) -> Option<()> {
    let path = real_path(path);
    let root = root_of(&path)?;
    let name = path.strip_prefix(root).ok()?;
    let mut git = Git::new(root, limits);
    let log = git.start_log(&["HEAD"], name).ok()?;
    let commits = parse(&git.end(Some(log)).ok()?);
    let mut blobs = git.blobs();
    let mut seen = HashSet::new();
    let contents = commits.iter().filter_map(|commit| commit.blob.as_ref());
    for blob in contents.filter(|blob| seen.insert(*blob)).take(most) {
        documents.push(parse_state(path.clone(), &blobs.read(blob).ok()?).ok()?);
    }
    Some(())
}
