//! Findings on a page.

use crate::model::Finding;
use crate::report::{safe_lines, safe_text};

/// A finding with its line.
pub(super) struct ShownFinding {
    pub(super) place: String,
    pub(super) rule: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) paste: Option<String>,
    pub(super) source: String,
}

impl ShownFinding {
    pub(super) fn new(finding: &Finding) -> Self {
        Self {
            place: safe_text(&finding.place.to_string()),
            rule: finding.rule,
            message: safe_text(&finding.message),
            help: finding.help_words().map(safe_text),
            paste: finding.to_paste().map(safe_lines),
            source: safe_text(&finding.place.source_line),
        }
    }
}
