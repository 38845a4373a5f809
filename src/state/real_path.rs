//! Where paths lead.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::plain_path;

/// The path that a file has or would have, every link on the way followed.
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

/// Where the path leads to, symbolic links followed even if nothing is there yet: every way to one state must come
/// to one lock, and the link must stay a link.
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
