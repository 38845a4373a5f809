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
    /// The worst of several, for the exit code of a command that ran in several environments (contract section 10).
    #[must_use]
    pub fn worst(exits: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| match exit {
            Self::InDoubt => 7,
            Self::Partial => 6,
            Self::Interrupted => 5,
            Self::Error => 4,
            Self::Refused => 3,
            Self::Locked => 2,
            Self::Changes => 1,
            Self::Ok => 0,
        };
        exits.into_iter().max_by_key(rank).unwrap_or(Self::Ok)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worst_outcome_counts() {
        let order = [4_u8, 3, 130, 1, 5, 6, 0];
        let all = [
            Exit::Ok,
            Exit::Locked,
            Exit::Refused,
            Exit::Error,
            Exit::Interrupted,
            Exit::Partial,
            Exit::InDoubt,
        ];
        for (least, worst) in order.into_iter().rev().enumerate() {
            let exits = all.iter().copied().take(least + 1);
            assert_eq!(Exit::worst(exits.clone()).code(), worst);
            assert_eq!(Exit::worst(exits.rev()).code(), worst);
        }
        assert_eq!(Exit::worst([]), Exit::Ok);
    }
}
