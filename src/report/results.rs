//! What became of each template, by a command that records what was seen or what a person says, as `certctl.import/v1`,
//! `certctl.refresh/v1` and `certctl.recover/v1`.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::documents::FindingDocument;
use crate::inventory::{Observation, Observed};
use crate::model::{Exit, Finding, Key, NaturalKey, TemplateId, Timestamp};

/// What became of one template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeyResult {
    /// The vendor's id, if it is known.
    pub id: Option<TemplateId>,
    /// The template's key.
    pub key: Key,
    /// What became of it.
    pub outcome: &'static str,
    /// Why, in words, with what to do about it; null if there is nothing to add.
    pub reason: Option<String>,
}

/// What a command that looks at the server did.
pub struct Results<'a> {
    /// The name of the command, which is that of the format.
    pub command: &'static str,
    /// The environment.
    pub environment: &'a str,
    /// How it ended.
    pub exit: Exit,
    /// What was seen; `None` if nobody looked.
    pub observation: Option<&'a Observation>,
    /// What became of each template.
    pub keys: Vec<KeyResult>,
    /// The path of the state.
    pub state: &'a str,
    /// What is on the server and nobody's.
    pub unmanaged: &'a [Observed],
    /// The files that were written, in addition to the state.
    pub written: &'a [PathBuf],
}

/// `certctl.import/v1`, `certctl.refresh/v1` or `certctl.recover/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ResultsDocument<'a> {
    /// The environment.
    environment: &'a str,
    /// Everything that could not be read, sorted by place.
    findings: Vec<FindingDocument<'a>>,
    /// Name and major version of the format.
    format: String,
    /// How it ended; the exit codes are 0, 3 and 4.
    outcome: Exit,
    /// What became of each template, by key.
    results: Vec<KeyResult>,
    /// Where the command looked; null if it did not look at the server.
    source: Option<SourceDocument<'a>>,
    /// The environment's state file, relative to the directory of certctl.toml; absolute if it is elsewhere.
    state: &'a str,
    /// What is on the server and neither in the YAML nor in the state.
    unmanaged: Vec<UnmanagedDocument<'a>>,
    /// The files that were written, in addition to the state, sorted.
    written: Vec<String>,
}

/// Where a command looked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Source"))]
pub(super) struct SourceDocument<'a> {
    /// `csv` or `observer`.
    kind: &'static str,
    /// When it was made; null if that is not known.
    #[serde(rename = "takenAt")]
    taken_at: Option<&'a Timestamp>,
}

/// A template on the server that is nobody's.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Unmanaged"))]
#[serde(rename_all = "camelCase")]
pub(super) struct UnmanagedDocument<'a> {
    /// The vendor's id.
    id: &'a TemplateId,
    /// What its certificates are for: `course` or `learningPath`.
    resource_type: &'a str,
    /// The id of the course or learning path.
    resource_id: &'a str,
    /// The title; null if it was not seen.
    title: Option<&'a str>,
}

impl<'a> From<&'a Observation> for SourceDocument<'a> {
    fn from(observation: &'a Observation) -> Self {
        Self { kind: observation.source.kind(), taken_at: observation.taken_at.as_ref() }
    }
}

impl<'a> From<&'a Observed> for UnmanagedDocument<'a> {
    fn from(template: &'a Observed) -> Self {
        let NaturalKey { resource_type, resource_id, .. } = &template.natural_key;
        Self { id: &template.id, resource_type, resource_id, title: template.title() }
    }
}

impl<'a> From<&'a Results<'a>> for ResultsDocument<'a> {
    fn from(results: &'a Results<'a>) -> Self {
        let findings = results.observation.map_or(&[][..], |observation| &observation.findings);
        let mut findings: Vec<&Finding> = findings.iter().collect();
        findings.sort();
        let mut written: Vec<String> = results.written.iter().map(|file| shown(file)).collect();
        written.sort();
        Self {
            environment: results.environment,
            findings: findings.into_iter().map(Into::into).collect(),
            format: format!("certctl.{}/v1", results.command),
            outcome: results.exit,
            results: results.keys.clone(),
            source: results.observation.map(Into::into),
            state: results.state,
            unmanaged: results.unmanaged.iter().map(Into::into).collect(),
            written,
        }
    }
}

fn shown(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}
