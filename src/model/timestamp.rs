//! Timestamps as files hold them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment in UTC to the second, written `2026-11-23T10:00:00Z` (ISO 8601, as the vendor's own timestamps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The moment this many seconds after 1970-01-01T00:00:00Z, or the nearest representable one.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        let limit = if seconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_second(seconds).unwrap_or(limit))
    }

    /// Parses `2026-11-23 10:00:00.123456` in UTC, as the vendor's reporting tables write it, or ISO 8601 with an offset.
    /// `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let utc = |local: jiff::civil::DateTime| jiff::tz::TimeZone::UTC.to_timestamp(local).ok();
        let moment = text.parse().ok().or_else(|| utc(text.parse().ok()?))?;
        Some(Self::from_unix_seconds(jiff::Timestamp::as_second(moment)))
    }

    /// The date in UTC.
    pub fn utc_date(self) -> jiff::civil::Date {
        jiff::tz::TimeZone::UTC.to_datetime(self.0).date()
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

#[cfg(test)]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$", "description": "A moment in UTC." })
    }
}
