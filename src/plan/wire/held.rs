//! Why an entry of a plan's document is held back.

use serde::{Deserialize, Serialize};

use crate::model::Key;
use crate::plan::Held;

/// `from` or `by` comes before `reason`: alphabetical like the rest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Key>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_row: bool,
    reason: HeldReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ring: Option<Vec<Key>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HeldReason {
    Renamed,
    Taken,
    NoExactId,
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
