//! The documents for programs that no other module defines, as types: `docs/schema` is generated from them and from those
//! of plans, results and states. `json` prints them; nothing here knows what a command does.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::model::{Exit, Finding, Key, TemplateId, Timestamp, Warning};

/// `certctl.error/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ErrorDocument<'a> {
    /// Why the command failed.
    pub(super) error: ErrorWords<'a>,
    /// Everything that is wrong in the configuration, sorted by place. Empty if the failure has another cause.
    pub(super) findings: Vec<FindingDocument<'a>>,
    /// Name and major version of the format.
    pub(super) format: &'static str,
    /// How it ended; the exit codes are 1, 5, 6 and 130.
    pub(super) outcome: Exit,
}

/// Why the command failed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ErrorWords<'a> {
    /// What to do, if the message does not say it.
    pub(super) help: Option<&'a str>,
    /// What is wrong, in words.
    pub(super) message: &'a str,
}

/// `certctl.validate/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ValidDocument<'a> {
    /// The environment that was checked.
    pub(super) environment: &'a str,
    /// Always empty: with findings, the document is certctl.error/v1.
    pub(super) findings: [(); 0],
    /// Name and major version of the format.
    pub(super) format: &'static str,
    /// `ok`: the exit code is 0. `error`: it is 1, because `--deny-warnings` was given and there are warnings.
    pub(super) outcome: Exit,
    /// Whether the state is kept on storage that machines share, so that there is nothing to commit. Missing in documents of
    /// older versions.
    pub(super) shared: bool,
    /// The environment's state file, relative to the directory of certctl.toml; absolute if it is elsewhere. The address of a
    /// shared state. It need not exist yet.
    pub(super) state: &'a str,
    /// How many templates the environment has.
    pub(super) templates: usize,
    /// What is allowed but most likely a mistake. Missing in documents of older versions.
    pub(super) warnings: Vec<WarningDocument<'a>>,
}

/// `certctl.drift/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DriftDocument<'a> {
    /// The environment that was compared.
    pub(super) environment: &'a str,
    /// Everything that could not be read, and entries of `[drift] ignore` that explain nothing (`drift-ignore`).
    pub(super) findings: Vec<FindingDocument<'a>>,
    /// Name and major version of the format.
    pub(super) format: &'static str,
    /// Templates that have the id of another one in the state, because it went by the order of a response, and whose own was
    /// not seen; by key. They are no difference of the server. Missing in documents of older versions.
    pub(super) ids_of_others: Vec<IdOfAnother<'a>>,
    /// Templates that were not compared for another reason than `stale`: not seen, not readable, in doubt. By key.
    pub(super) not_compared: Vec<UncomparedTemplate<'a>>,
    /// Where the server was seen.
    pub(super) source: DriftSource,
    /// Templates of which what was seen may be older than the state, by key.
    pub(super) stale: Vec<UncomparedTemplate<'a>>,
    /// How many templates.
    pub(super) summary: DriftSummary,
    /// Templates that differ or were deleted: those that count, then deleted ones, then ignored ones, each by key. A template
    /// of which only a part is ignored is there twice.
    pub(super) templates: Vec<DriftedTemplate<'a>>,
    /// Templates on the server that the state does not have.
    pub(super) unmanaged: Vec<UnmanagedTemplate<'a>>,
    /// Templates that have a wrong id in the state, because it went by the order of a response; by key. `refresh` corrects
    /// them, and they are no difference of the server.
    pub(super) wrong_ids: Vec<WrongId<'a>>,
}

/// A template that has a wrong id in the state.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WrongId<'a> {
    /// The id on the server.
    pub(super) id: &'a TemplateId,
    /// The id in the state. Missing in documents of older versions.
    pub(super) in_state: Option<&'a TemplateId>,
    /// The key.
    pub(super) key: &'a Key,
}

/// A template that has the id of another one in the state.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct IdOfAnother<'a> {
    /// The id in the state.
    pub(super) id: Option<&'a TemplateId>,
    /// The key.
    pub(super) key: &'a Key,
    /// The key of the template that was seen to have this id.
    pub(super) of: &'a Key,
}

/// Where the server was seen.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct DriftSource {
    /// `csv`: exports; `observer`: the certificates of a learner.
    pub(super) kind: &'static str,
    /// When it was seen; null if that is not known.
    pub(super) taken_at: Option<Timestamp>,
}

/// How many templates.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DriftSummary {
    /// Compared, whether equal or not.
    pub(super) compared: usize,
    /// Deleted on the server, without those that are ignored.
    pub(super) deleted: usize,
    /// Different in a way that counts.
    pub(super) differing: usize,
    /// Different or deleted, as `[drift] ignore` explains. A template of which it explains only a part is in `differing`, too.
    pub(super) ignored: usize,
    /// Not compared for another reason than age.
    pub(super) not_compared: usize,
    /// Not compared, because what was seen may be older than the state.
    pub(super) stale: usize,
    /// On the server and not in the state.
    pub(super) unmanaged: usize,
}

/// A template that differs from the state, or was deleted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct DriftedTemplate<'a> {
    /// The differences, by path; empty if the template was deleted.
    pub(super) changes: Vec<DriftedValue<'a>>,
    /// Whether the server has deleted it.
    pub(super) deleted: bool,
    /// The id on the server.
    pub(super) id: &'a TemplateId,
    /// Whether `[drift] ignore` explains it.
    pub(super) ignored: bool,
    /// The key.
    pub(super) key: &'a Key,
    /// How many learners hold its certificate; null without an export of certificates.
    pub(super) learners: Option<usize>,
    /// Why it is ignored; null if it is not.
    pub(super) reason: Option<String>,
    /// When it was last changed on the server; null if that was not seen.
    pub(super) updated_at: Option<Timestamp>,
}

/// A difference from the state.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DriftedValue<'a> {
    /// What the server has now; null if nothing.
    pub(super) after: Option<&'a Value>,
    /// What the state has; null if nothing.
    pub(super) before: Option<&'a Value>,
    /// The attribute, or `labels[FIELD-ID]` and its members.
    pub(super) path: String,
}

/// A template that was not compared.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UncomparedTemplate<'a> {
    /// The key.
    pub(super) key: &'a Key,
    /// Why, in words.
    pub(super) reason: String,
}

/// A template that the state does not have.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct UnmanagedTemplate<'a> {
    /// The id on the server.
    pub(super) id: &'a TemplateId,
    /// The id of the course or learning path.
    pub(super) resource_id: &'a str,
    /// `course` or `learningPath`.
    pub(super) resource_type: &'a str,
    /// The title; null if it was not seen.
    pub(super) title: Option<&'a str>,
}

/// Something that is wrong in a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Finding"))]
pub(super) struct FindingDocument<'a> {
    /// The column, from 1, in characters.
    column: usize,
    /// The file, relative to the directory of certctl.toml.
    file: Cow<'a, str>,
    /// What to do, if there is anything to add.
    help: Option<&'a str>,
    /// The line, from 1.
    line: usize,
    /// What is wrong, in words.
    message: &'a str,
    /// The stable id of the rule, such as `duplicate-key`. New rules may be added.
    rule: &'a str,
}

/// Something that is allowed but most likely a mistake.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Warning"))]
pub(super) struct WarningDocument<'a> {
    #[serde(flatten)]
    finding: FindingDocument<'a>,
    /// The keys of the templates concerned, sorted; empty if it concerns none in particular.
    templates: &'a [Key],
}

impl<'a> From<&'a Finding> for FindingDocument<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            column: finding.place.column,
            // A name that is not UTF-8 is written in its lossy form.
            file: finding.place.file.to_string_lossy(),
            help: finding.help.as_deref(),
            line: finding.place.line,
            message: &finding.message,
            rule: finding.rule,
        }
    }
}

impl<'a> From<&'a Warning> for WarningDocument<'a> {
    fn from(warning: &'a Warning) -> Self {
        Self { finding: FindingDocument::from(&warning.finding), templates: &warning.keys }
    }
}

#[cfg(test)]
mod tests;
