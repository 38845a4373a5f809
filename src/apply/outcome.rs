//! What came of a run.

use serde::Serialize;

use super::{LeftBehind, Rest};
use crate::model::{Commands, Help, Key, TemplateId};
use crate::plan::Selection;

/// How a run ended, as a whole. The command line makes its exit code from it (contract section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every row was applied.
    #[serde(rename = "ok")]
    Complete,
    /// The server took nothing: it could not be reached, or refused the key; or nothing could be recorded.
    #[serde(rename = "error")]
    NothingSent,
    /// Some rows failed, are pending or were not sent; nothing is in doubt.
    Partial,
    /// At least one row's outcome is unknown.
    InDoubt,
    /// Stopped by a signal with everything recorded and nothing in doubt.
    Interrupted,
}

/// Everything there is to tell of one apply: the `certctl.apply/v1` document (contract section 6).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunReport {
    /// Name and version of the format.
    pub format: &'static str,
    /// The environment.
    pub environment: String,
    /// The instance.
    pub url: String,
    /// How many of each.
    pub summary: RunSummary,
    /// One entry a row, sorted by key.
    pub results: Vec<RowReport>,
    /// Old templates that new ones replaced: the server keeps them until a person deletes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<LeftBehind>,
    /// What --target and --exclude named; null where the run was about every template.
    pub selection: Option<Selection>,
    /// How many templates of the configuration and the state the selection left out.
    pub left_out: usize,
    /// The server's warnings, and certctl's.
    pub warnings: Vec<String>,
    /// What to do about the last warning; [`RunReport::advised`] makes it a part of it.
    #[serde(skip)]
    pub help: Help,
    /// Requests sent, each sending counted, job polls included.
    pub requests: u64,
    /// How the run ended.
    pub outcome: RunOutcome,
    /// Whether the state has everything that is told here.
    #[serde(skip)]
    pub state_is_whole: bool,
    /// Whether the state says something else than before.
    #[serde(skip)]
    pub state_has_changed: bool,
    /// What another run has to send.
    #[serde(skip)]
    pub rest: Rest,
    /// Why it stopped before its end, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// How many rows ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// Submitted as new.
    pub created: usize,
    /// Submitted as changed.
    pub updated: usize,
    /// Refused by the server.
    pub failed: usize,
    /// Waiting for a job.
    pub pending: usize,
    /// Outcome not known.
    pub in_doubt: usize,
    /// Not sent.
    pub not_sent: usize,
}

/// What came of one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowReport {
    /// The template.
    pub key: Key,
    /// The plan's action: `create`, `update`, `replace`, `pending`, `in_doubt` or `move`.
    pub action: &'static str,
    /// What came of it.
    pub outcome: RowOutcome,
    /// What the certificate is called, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The key that it had, for a row that was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Key>,
    /// Its id as far as it is known.
    pub id: Option<TemplateId>,
    /// Why it failed, is in doubt or was not sent.
    pub error: Option<String>,
    /// What to do about it; [`RunReport::advised`] makes it a part of `error`.
    #[serde(skip)]
    pub help: Help,
}

/// What came of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// Submitted as new, and accepted.
    Created,
    /// Submitted as changed, and accepted.
    Updated,
    /// Refused by the server.
    Failed,
    /// Waiting for a job.
    Pending,
    /// Outcome not known.
    InDoubt,
    /// Not sent.
    NotSent,
    /// The state's row got another key.
    Moved,
}

impl RunReport {
    /// For people: what stopped the run is said once, and not beside every row that was not sent for it.
    #[must_use]
    pub fn told_once(&self) -> Self {
        let mut report = self.clone();
        for row in &mut report.results {
            if row.outcome == RowOutcome::NotSent && row.error == report.stopped {
                row.error = None;
            }
        }
        report
    }

    /// Name and version of the format.
    pub const FORMAT: &'static str = "certctl.apply/v1";

    /// The same, with what to do about each row in words and commands.
    #[must_use]
    pub fn advised(&self, commands: &dyn Commands) -> Self {
        let advised = |row: &RowReport| {
            let error = match &row.error {
                Some(error) => Some(row.help.below(error, commands)),
                None if row.help.is_empty() => None,
                None => Some(row.help.lines(commands).join("\n")),
            };
            RowReport { error, help: Help::none(), ..row.clone() }
        };
        let mut warnings = self.warnings.clone();
        if let Some(last) = warnings.last_mut() {
            *last = self.help.below(last, commands);
        }
        let results = self.results.iter().map(advised).collect();
        Self { results, warnings, help: Help::none(), ..self.clone() }
    }
}

impl RunSummary {
    /// Counts the rows of a run.
    pub fn of(results: &[RowReport]) -> Self {
        let mut summary = Self::default();
        for row in results {
            match row.outcome {
                RowOutcome::Created => summary.created += 1,
                RowOutcome::Updated => summary.updated += 1,
                RowOutcome::Failed => summary.failed += 1,
                RowOutcome::Pending => summary.pending += 1,
                RowOutcome::InDoubt => summary.in_doubt += 1,
                RowOutcome::NotSent => summary.not_sent += 1,
                RowOutcome::Moved => {}
            }
        }
        summary
    }
}
