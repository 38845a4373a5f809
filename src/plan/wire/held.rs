//! Why an entry of a plan's document is held back.

use serde::{Deserialize, Serialize};

use crate::model::Key;
use crate::plan::Held;

/// Why the row is not sent although it differs. `warnings` says it in words, with what to do.
// `from` or `by` comes before `reason`: alphabetical like the rest.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Held"))]
#[serde(deny_unknown_fields)]
pub(super) struct HeldFile {
    /// For `taken`: the other key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Key>,
    /// For `taken`, if more than 50 keys have changed places: how many. Absent if they have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    /// For `renamed`: the key that it seems to have had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Key>,
    /// For `renamed`: the state has a row of this key already, so `moved` cannot join the two. Absent if it has none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_row: bool,
    /// The reason.
    reason: HeldReason,
    /// For `taken`, if up to 50 keys have changed places: all of them. Each takes the place of the next, the last that of the
    /// first. Absent if they have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ring: Option<Vec<Key>>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum HeldReason {
    /// It looks like another key renamed.
    Renamed,
    /// The server holds the template of another key for the same resource and audience.
    Taken,
    /// Addressing by id needs an exact id.
    NoExactId,
    /// The outcome of an earlier attempt is not known.
    Unsettled,
}

impl HeldFile {
    pub(super) fn of(held: &Held, key: &Key) -> Self {
        let plain = |reason| Self { by: None, count: None, from: None, has_row: false, reason, ring: None };
        match held {
            Held::Renamed { from, has_row } => {
                Self { from: Some(from.clone()), has_row: *has_row, ..plain(HeldReason::Renamed) }
            }
            Held::Taken { by } => Self { by: Some(by.clone()), ..plain(HeldReason::Taken) },
            Held::Exchanged { ring } => {
                Self { by: held.other(key).cloned(), ring: Some(ring.clone()), ..plain(HeldReason::Taken) }
            }
            Held::Shifted { by, count } => {
                Self { by: Some(by.clone()), count: Some(*count), ..plain(HeldReason::Taken) }
            }
            Held::NoExactId => plain(HeldReason::NoExactId),
            Held::Unsettled => plain(HeldReason::Unsettled),
        }
    }
}

impl TryFrom<&HeldFile> for Held {
    type Error = String;

    fn try_from(file: &HeldFile) -> Result<Self, String> {
        let lacks = || "an action that is held back does not say by whom".to_owned();
        Ok(match &file.reason {
            HeldReason::Renamed => {
                Self::Renamed { from: file.from.clone().ok_or_else(lacks)?, has_row: file.has_row }
            }
            HeldReason::Taken => match (&file.ring, file.count) {
                (Some(ring), _) => Self::Exchanged { ring: ring.clone() },
                (None, Some(count)) => Self::Shifted { by: file.by.clone().ok_or_else(lacks)?, count },
                (None, None) => Self::Taken { by: file.by.clone().ok_or_else(lacks)? },
            },
            HeldReason::NoExactId => Self::NoExactId,
            HeldReason::Unsettled => Self::Unsettled,
        })
    }
}
