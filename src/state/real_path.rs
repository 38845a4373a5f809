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
