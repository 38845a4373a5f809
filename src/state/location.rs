//! Where a part of a state is kept, for errors and for people. Stores answer with it; what can be done about a place is
//! decided by whoever knows what kind of place it is.

use std::fmt;
use std::path::{Path, PathBuf};

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file on this machine.
    File(PathBuf),
}

impl Location {
    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        let Self::File(path) = self;
        Some(path)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::File(path) = self;
        path.display().fmt(f)
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}
