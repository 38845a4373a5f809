//! Where a part of a state is kept, for errors and people. Stores return it; the command line decides what advice
//! fits that kind of location.

use std::fmt;
use std::path::{Path, PathBuf};

/// The location of a part of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file on this machine.
    File(PathBuf),
    /// An object on storage that machines share, by its address.
    Object(Box<str>),
    /// A document on a server of Terraform's HTTP protocol, by its address. The protocol has no earlier versions.
    Server(Box<str>),
}

impl Location {
    /// The number of the version, if it is an object that keeps one: its name begins with it.
    pub fn serial(&self) -> Option<u64> {
        let Self::Object(address) = self else { return None };
        let name = address.rsplit('/').next()?;
        name.split(['-', '.']).next()?.parse().ok()
    }

    /// The path, if it is a file.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Object(_) | Self::Server(_) => None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Object(address) | Self::Server(address) => f.write_str(address),
        }
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
