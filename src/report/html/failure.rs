//! The page for a command that failed before it had anything to report.

use askama::Template;

use super::finding::ShownFinding;
use super::notice::{NoticeBox, boxes};
use super::page::Page;
use crate::model::Commands;
use crate::report::prose::words_text;
use crate::report::safe_text;
use crate::view::{FailureView, NOTHING_SENT};

/// A failure as a page: the command, the reason, and every finding.
pub fn failure(view: &FailureView<'_>, commands: &dyn Commands) -> Result<String, askama::Error> {
    let verdict = words_text(&view.verdict, commands);
    FailurePage {
        page: Page::new(&verdict),
        command: safe_text(view.command),
        environment: view.environment.map(safe_text),
        verdict,
        consequence: NOTHING_SENT,
        notices: boxes(&view.reason, true, commands),
        findings: view.findings.iter().map(ShownFinding::new).collect(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "html/failure.html")]
struct FailurePage {
    page: Page,
    command: String,
    environment: Option<String>,
    verdict: String,
    consequence: &'static str,
    notices: Vec<NoticeBox>,
    findings: Vec<ShownFinding>,
}
