//! The versions of a state for programs, as `certctl.history/v1`.

use serde::Serialize;
use serde_json::Value;

use crate::model::{Key, Timestamp};
use crate::state::{FoundAt, Provenance, RowStatus};
use crate::view::{HistoryEntry, HistoryView};

/// `certctl.history/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct HistoryDocument<'h> {
    /// Whether every version is known. False in a clone without the whole history, and where git cannot be asked.
    complete: bool,
    /// The environment.
    environment: &'h str,
    /// Name and major version of the format.
    format: &'static str,
    /// The template, if it is about one; otherwise null.
    key: Option<&'h Key>,
    /// Why not every version is known, in words; null if every one is.
    reason: Option<&'h str>,
    /// The versions, the newest first. With a template, only those in which it changed.
    versions: Vec<HistoryVersion<'h>>,
}

/// One version of a state.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct HistoryVersion<'h> {
    /// Templates that the version before does not have.
    added: &'h [Key],
    /// When the newest change was made or recorded; null if that is not known.
    at: Option<Timestamp>,
    /// Who sent what changed; empty if that is not known, or if nothing was sent.
    by: &'h [Provenance],
    /// Templates whose contents changed.
    changed: &'h [Key],
    /// How the template's attributes differ from those in the version before; empty without a template.
    changes: Vec<HistoryChange<'h>>,
    /// The commit of git that has it; null if none is known.
    commit: Option<&'h str>,
    /// Whether it is the state in place.
    in_place: bool,
    /// The key that the template had before, if it got this one since; null without a template.
    moved_from: Option<&'h Key>,
    /// Templates of which only something else was recorded: a status, an id, the protection.
    recorded: &'h [Key],
    /// Templates that only the version before has.
    removed: &'h [Key],
    /// The number of the version.
    serial: u64,
    /// The number of the version that it is compared with; null if none before it is known.
    since: Option<u64>,
    /// The template's status; null without a template, or if the version does not have it.
    status: Option<RowStatus>,
}

/// How an attribute differs from the version before.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HistoryChange<'h> {
    /// What the server held since this version; null if nothing.
    after: Option<&'h Value>,
    /// What it held before; null if nothing.
    before: Option<&'h Value>,
    /// The attribute, or `labels[FIELD-ID]` and its members.
    path: String,
}

impl<'h> From<&'h HistoryView<'h>> for HistoryDocument<'h> {
    fn from(view: &'h HistoryView<'h>) -> Self {
        Self {
            complete: view.incomplete.is_none(),
            environment: view.environment,
            format: "certctl.history/v1",
            key: view.key,
            reason: view.incomplete.as_deref(),
            versions: view.entries.iter().map(HistoryVersion::from).collect(),
        }
    }
}

impl<'h> From<&'h HistoryEntry<'h>> for HistoryVersion<'h> {
    fn from(entry: &'h HistoryEntry<'h>) -> Self {
        let step = entry.step;
        let commit = step.found.iter().find_map(|found| match found {
            FoundAt::Commit(commit) => Some(commit.id.as_str()),
            FoundAt::InPlace | FoundAt::Backup | FoundAt::Mark | FoundAt::Kept => None,
        });
        Self {
            added: &step.added,
            at: step.at,
            by: &step.by,
            changed: &step.changed,
            changes: entry
                .changes
                .iter()
                .map(|change| HistoryChange {
                    after: change.after.as_ref(),
                    before: change.before.as_ref(),
                    path: change.path.to_string(),
                })
                .collect(),
            commit,
            in_place: step.found.contains(&FoundAt::InPlace),
            moved_from: step.moved_from.as_ref(),
            recorded: &step.touched,
            removed: &step.removed,
            serial: step.serial,
            since: step.since,
            status: step.row[1].as_ref().map(crate::state::Row::status),
        }
    }
}
