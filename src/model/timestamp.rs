//! A moment, as it stands in files.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment in UTC to the second, written `2026-11-23T10:00:00Z` (ISO 8601, as the vendor's own timestamps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The moment that many seconds after 1970-01-01T00:00:00Z; the first or last representable one beyond that.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        let limit = if seconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_second(seconds).unwrap_or(limit))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
