//! How far clocks may be apart: the vendor's, and that of the machine which sent something or reads an export.

use crate::model::Timestamp;

/// In seconds (contract section 9). It is told to users in README.md and docs/guarantees.md.
const TOLERANCE: i64 = 300;

/// Whether one moment is before the other one, however the clocks differ.
pub(super) fn is_before(one: Timestamp, other: Timestamp) -> bool {
    one.unix_seconds() + TOLERANCE < other.unix_seconds()
}
