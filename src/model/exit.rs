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
    /// All of them, by their codes.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::Error,
        Self::Changes,
        Self::Partial,
        Self::InDoubt,
        Self::Refused,
        Self::Locked,
        Self::Interrupted,
    ];

    /// What it means, as `certctl --help` and docs/exit-codes.md say it.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done; for plan: with or without changes",
            Self::Error => "nothing was sent: configuration, usage, credentials, network, damaged state",
            Self::Changes => "plan or drift --detailed-exitcode found changes",
            Self::Partial => "some templates failed, are pending or were not sent; nothing is in doubt",
            Self::InDoubt => "at least one template is in doubt: certctl recover lists them",
            Self::Refused => {
                "refused: stale or foreign plan, safety limit, protection, another or an older state"
            }
            Self::Locked => "another run holds the state",
            Self::Interrupted => "stopped by a signal, with everything recorded and nothing in doubt",
        }
    }

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
    use crate::model::reference::{assert_current, row};

    const INTRODUCTION: &str = "\
# Exit codes

Every command ends with one of these codes. With `--json`, the document names it as `outcome`. Scripts decide by the code or by `outcome`, never by the words of
a message.

";

    const AFTER: &str = "
## When each command ends with what

| command | codes beside 0 and 1 |
|---|---|
| `plan` | 2 with `--detailed-exitcode`; 5 if it would exceed a safety limit or the state is not the newest; 6 |
| `apply` | 3, 4, 5, 6, 130 |
| `recover` | 4 while templates stay in doubt after `--from-csv` or `--from-observer`; with `--resend` as `apply` |
| `import`, `refresh` | 3 if something was left out: each is named; 5, 6 |
| `drift` | with `--detailed-exitcode`: 2 if something differs, 3 if not one template could be compared; 5 if the state is not the newest |
| `observer` | 3 if a certificate cannot be read; 5 if the `yes` is missing |
| `state …`, `revert` | 5, 6 |

Several environments in one run (`--all-envs`) end with the worst of their codes, in the order 4, 3, 130, 1, 5, 6, 0.

[Recovery](recovery.md) leads through what to do after 3, 4, 5, 6 and 130.

This page is printed from `src/model/exit.rs`; `just snapshots` renews it.
";

    /// What to do after a command ended so.
    fn remedy(exit: Exit) -> &'static str {
        match exit {
            Exit::Ok => "nothing",
            Exit::Error => "correct what the message names, and run the command again",
            Exit::Changes => "look at the plan or the comparison",
            Exit::Partial => "correct what failed, and apply again: only the rest is sent",
            Exit::InDoubt => "run `certctl recover`. Everything else can go on in the meantime",
            Exit::Refused => "do what the message says; nothing was sent",
            Exit::Locked => "wait for the other run, or give `--lock-timeout` a longer time",
            Exit::Interrupted => "run the command again: it goes on where it stopped",
        }
    }

    #[test]
    fn the_page_is_current() {
        let mut text = INTRODUCTION.to_owned();
        text.push_str(&row(&["code", "`outcome`", "meaning", "what to do"]));
        text.push_str("|---|---|---|---|\n");
        for exit in Exit::ALL {
            let name = serde_json::to_value(exit).unwrap();
            let name = format!("`{}`", name.as_str().unwrap());
            text.push_str(&row(&[&exit.code().to_string(), &name, exit.meaning(), remedy(exit)]));
        }
        assert_current("exit-codes.md", &(text + AFTER));
    }

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
