//! Compares times of different clocks: the vendor's, and that of the machine that sent something or reads an export.

use crate::model::Timestamp;

/// The tolerance in seconds (contract section 9). docs/recovery.md and docs/guarantees.md document it.
const TOLERANCE: i64 = 300;

/// Returns whether one time is before the other, however the clocks differ.
pub fn is_before(one: Timestamp, other: Timestamp) -> bool {
    one.unix_seconds() + TOLERANCE < other.unix_seconds()
}
