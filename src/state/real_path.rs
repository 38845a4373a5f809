//! Resolves paths to the files that they lead to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::plain_path;

/// The path of an existing or future file, with every link resolved.
pub fn real_path(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
    match there {
        Some((above, whole)) => match path.strip_prefix(above) {
            Ok(rest) if !rest.as_os_str().is_empty() => plain_path(&whole.join(rest)),
            _ => whole,
        },
        None => path,
    }
}

/// Follows symbolic links even if the target does not exist yet: every path to a state must lead to the same lock,
/// and a link must stay a link.
pub(super) fn resolve(path: &Path) -> PathBuf {
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match (fs::canonicalize(&path), fs::read_link(&path)) {
            (Ok(whole), _) => return whole,
            (Err(_), Ok(target)) => path = path.parent().map(|folder| folder.join(&target)).unwrap_or(target),
            (Err(_), Err(_)) => break,
        }
    }
    path
}
