//! The page for a command that failed before it had anything to report.

use askama::Template;

use super::notice::{NoticeBox, boxes};
use super::page::Page;
use crate::model::{Commands, Finding};
use crate::report::prose::words_text;
use crate::report::{safe_lines, safe_text};
use crate::view::{FailureView, NOTHING_SENT};

/// A failure as a page: the command, the reason, and every finding.
pub fn failure(view: &FailureView<'_>, commands: &dyn Commands) -> Result<String, askama::Error> {
    let found = |finding: &Finding| ShownFinding {
        place: safe_text(&finding.place.to_string()),
        rule: finding.rule,
        message: safe_text(&finding.message),
        help: finding.help_words().map(safe_text),
        paste: finding.to_paste().map(safe_lines),
        source: safe_text(&finding.place.source_line),
    };
    let verdict = words_text(&view.verdict, commands);
    FailurePage {
        page: Page::new(&verdict),
        command: safe_text(view.command),
        environment: view.environment.map(safe_text),
        verdict,
        consequence: NOTHING_SENT,
        notices: boxes(&view.reason, true, commands),
        findings: view.findings.iter().map(found).collect(),
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

struct ShownFinding {
    place: String,
    rule: &'static str,
    message: String,
    help: Option<String>,
    paste: Option<String>,
    source: String,
}
