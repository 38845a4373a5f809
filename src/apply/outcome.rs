//! The report of an apply: `certctl.apply/v1`. Reports print it, and the command line derives its exit code from it.

use serde::Serialize;

use super::{LeftBehind, Rest};
use crate::model::{Commands, Help, Key, TemplateId};
use crate::plan::Selection;

/// How a run ended as a whole. The command line derives its exit code from it (contract section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every row was applied.
    #[serde(rename = "ok")]
    Complete,
    /// The server accepted nothing: it could not be reached, or refused the key; or nothing could be recorded.
    #[serde(rename = "error")]
    NothingSent,
    /// Some rows failed, are pending or were not sent; none is in doubt.
    Partial,
    /// At least one row is in doubt.
    InDoubt,
    /// Interrupted by a signal, with everything recorded and nothing in doubt.
    Interrupted,
}

/// The report of one apply: the `certctl.apply/v1` document (contract section 6).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunReport {
    /// Name and version of the format.
    pub format: &'static str,
    /// The environment's name.
    pub environment: String,
    /// The instance's URL, or `sandbox`.
    pub url: String,
    /// How many rows ended how.
    pub summary: RunSummary,
    /// One entry for each row, sorted by key.
    pub results: Vec<RowReport>,
    /// Replaced templates: the server keeps them until a person deletes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<LeftBehind>,
    /// What `--target` and `--exclude` named; null if the run was about every template.
    pub selection: Option<Selection>,
    /// How many templates of the configuration and the state the selection left out.
    pub left_out: usize,
    /// Warnings of the server and of certctl.
    pub warnings: Vec<String>,
    /// What to do about the last warning; [`RunReport::advised`] appends it to that warning.
    #[serde(skip)]
    pub help: Help,
    /// Requests sent, counting every attempt and poll.
    pub requests: u64,
    /// How the run ended.
    pub outcome: RunOutcome,
    /// Whether the state has everything in this report.
    #[serde(skip)]
    pub state_is_whole: bool,
    /// Whether the state differs from before the run.
    #[serde(skip)]
    pub state_has_changed: bool,
    /// What is left for another run to send.
    #[serde(skip)]
    pub rest: Rest,
    /// Why the run stopped early, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// How many rows ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunSummary {
    /// Accepted as new.
    pub created: usize,
    /// Accepted as changed.
    pub updated: usize,
    /// Rejected by the server.
    pub failed: usize,
    /// Waiting for a background job of the server.
    pub pending: usize,
    /// Sent, with an unknown outcome.
    pub in_doubt: usize,
    /// Not sent.
    pub not_sent: usize,
}

/// The result of one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RowReport {
    /// The template's key.
    pub key: Key,
    /// The plan's action: `create`, `update`, `replace`, `pending`, `in_doubt`, `move` or `forget`.
    pub action: &'static str,
    /// How it ended.
    pub outcome: RowOutcome,
    /// The title of the certificate, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The previous key of a row that was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Key>,
    /// The vendor's id, if known.
    pub id: Option<TemplateId>,
    /// Why it failed, is in doubt or was not sent.
    pub error: Option<String>,
    /// What to do about it; [`RunReport::advised`] appends it to `error`.
    #[serde(skip)]
    pub help: Help,
}

/// How one row ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// Submitted as new, and accepted.
    Created,
    /// Submitted as changed, and accepted.
    Updated,
    /// Rejected by the server.
    Failed,
    /// Waiting for a background job of the server.
    Pending,
    /// Sent, with an unknown outcome.
    InDoubt,
    /// Not sent.
    NotSent,
    /// The state's row got another key.
    Moved,
    /// The state has forgotten the template, as `removed` says.
    Forgotten,
}

impl RunReport {
    /// Name and version of the format.
    pub const FORMAT: &'static str = "certctl.apply/v1";

    /// The report's document, as `--json` prints it.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The report with advice for each row as words and commands.
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
                RowOutcome::Moved | RowOutcome::Forgotten => {}
            }
        }
        summary
    }
}
