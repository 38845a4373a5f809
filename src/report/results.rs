//! What became of each template, by a command that records what was seen or what a person says, as `certctl.import/v1`,
//! `certctl.refresh/v1` and `certctl.recover/v1`.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::documents::{DriftSource, FindingDocument, UnmanagedTemplate};
use crate::inventory::{Observation, Observed};
use crate::model::{Exit, Finding, Key, TemplateId};

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
    /// What was seen and matches nothing in the YAML.
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
    source: Option<DriftSource>,
    /// The environment's state file, relative to the directory of certctl.toml; absolute if it is elsewhere.
    state: &'a str,
    /// What was seen and matches nothing in the YAML.
    unmanaged: Vec<UnmanagedTemplate<'a>>,
    /// The files that were written, in addition to the state, sorted.
    written: Vec<String>,
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
            source: results.observation.map(super::json::source),
            state: results.state,
            unmanaged: results.unmanaged.iter().map(super::json::unmanaged).collect(),
            written,
        }
    }
}

fn shown(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}
