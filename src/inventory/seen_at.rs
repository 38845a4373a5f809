//! Where and when something was seen.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::baseline::StaleContents;
use crate::model::Timestamp;

/// Where something was seen. Sightings of one source are ordered as in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeenAt {
    /// A line of a file.
    Line {
        /// The file.
        file: Arc<Path>,
        /// The number of the line.
        line: usize,
    },
    /// A certificate of the observer.
    Certificate {
        /// The id of the certificate.
        id: String,
        /// When it was issued.
        issued_at: Timestamp,
    },
}

impl SeenAt {
    /// The number of the line, if it is one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Line { line, .. } => Some(*line),
            Self::Certificate { .. } => None,
        }
    }
}

impl fmt::Display for SeenAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "line {line} of {}", file.display()),
            Self::Certificate { id, issued_at } => write!(f, "certificate {id}, issued at {issued_at}"),
        }
    }
}

/// As of when a template holds what was seen of it. Without that, ids count and contents do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Since this time, or at this time.
    Time(Timestamp),
    /// Perhaps only when the certificate was issued, at this time: it may have been edited since.
    Issue(Timestamp),
    /// Perhaps only before certctl last applied the template: it was last changed at this time, which is not certainly
    /// later, and the contents are those of an earlier state.
    BeforeApply(Timestamp),
    /// The source does not say.
    Unknown,
}

impl AsOf {
    /// The time, if contents count as of then; else why they do not.
    pub fn time(self) -> Result<Timestamp, StaleContents> {
        match self {
            Self::Time(at) => Ok(at),
            Self::Issue(at) => Err(StaleContents::AtIssue(at)),
            Self::BeforeApply(at) => Err(StaleContents::BeforeApply(at)),
            Self::Unknown => Err(StaleContents::NotDated),
        }
    }
}

impl From<Option<Timestamp>> for AsOf {
    fn from(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Unknown, Self::Time)
    }
}
