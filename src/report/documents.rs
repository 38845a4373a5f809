//! The documents for programs that no other module defines, as types: `docs/schema` is generated from them and from those
//! of plans, results and states. `json` prints them; nothing here knows what a command does.

use std::borrow::Cow;

use serde::Serialize;

use crate::model::{Exit, Finding, Key, Warning};

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
    /// The environment's state file, relative to the directory of certctl.toml; absolute if it is elsewhere. It need not
    /// exist yet.
    pub(super) state: &'a str,
    /// How many templates the environment has.
    pub(super) templates: usize,
    /// What is allowed but most likely a mistake. Missing in documents of older versions.
    pub(super) warnings: Vec<WarningDocument<'a>>,
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
