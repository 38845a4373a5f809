//! Why something could not be loaded, read or planned.

use std::fmt::Display;

use crate::desired::LoadError;
use crate::model::Finding;

/// Why something could not be loaded, read or planned. Its text says what happened and where, one problem a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    message: String,
    findings: Vec<Finding>,
}

impl Error {
    /// The problems in template files, in the order of their places; empty for other errors.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn of_findings(findings: Vec<Finding>) -> Self {
        let sentences: Vec<String> = findings.iter().map(Finding::sentences).collect();
        Self { message: sentences.join("\n"), findings }
    }

    pub(super) fn of_templates(error: LoadError) -> Self {
        match error {
            LoadError::Findings { findings, .. } | LoadError::NoFiles(findings) => {
                Self::of_findings(findings)
            }
            LoadError::NoTemplates(finding) => Self::of_findings(vec![*finding]),
        }
    }

    /// An error whose words need no more context.
    pub(super) fn of(error: &impl Display) -> Self {
        Self { message: error.to_string(), findings: Vec::new() }
    }
}
