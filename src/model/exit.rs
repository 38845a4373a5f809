//! The exit codes. `cli` returns them to the shell, `report` prints them.

use serde::Serialize;

/// How a command ended (contract section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// Success; for `plan`: with or without changes.
    Ok,
    /// Nothing was sent: configuration, usage, credentials, network before the first send, damaged state.
    Error,
    /// `plan --detailed-exitcode` found changes.
    Changes,
    /// Some rows failed, are pending or were not sent; nothing is in doubt.
    Partial,
    /// At least one row's outcome is unknown.
    InDoubt,
    /// Stale or foreign plan, safety limit, protection, other environment's state.
    Refused,
    /// Another run holds the state.
    Locked,
    /// Stopped by a signal with everything recorded and nothing in doubt.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Partial => 3,
            Self::InDoubt => 4,
            Self::Refused => 5,
            Self::Locked => 6,
            Self::Interrupted => 130,
        }
    }
}
