//! The page for a command that failed before it had anything to report.

use askama::Template;

use super::page::Page;
use super::prose::Prose;
use crate::model::Finding;
use crate::report::{Failed, safe_lines, safe_text};

/// A failure as a page: the command, the reason, and every finding.
pub fn failure(failed: &Failed<'_>) -> Result<String, askama::Error> {
    let found = |finding: &Finding| ShownFinding {
        place: safe_text(&finding.place.to_string()),
        rule: finding.rule,
        message: safe_text(&finding.message),
        help: finding.help_words().map(safe_text),
        paste: finding.to_paste().map(safe_lines),
        source: safe_text(&finding.place.source_line),
    };
    let verdict = failed.verdict();
    FailurePage {
        page: Page::new(&verdict),
        command: safe_text(failed.command),
        environment: failed.environment.map(safe_text),
        verdict,
        // The findings give the reason, place by place.
        message: failed.findings.is_empty().then(|| Prose::of(failed.message)),
        findings: failed.findings.iter().map(found).collect(),
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
    message: Option<Prose>,
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
