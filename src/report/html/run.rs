//! The result of an apply as a page.

use askama::Template;

use super::page::Page;
use super::plan::lines;
use crate::apply::{RowOutcome, RowReport, RunReport};
use crate::model::Commands;
use crate::report::{run_text, safe_text};

/// A result as one page.
pub fn run(report: &RunReport, commands: &dyn Commands) -> Result<String, askama::Error> {
    RunPage::new(report, commands).render()
}

#[derive(Template)]
#[template(path = "html/run.html")]
struct RunPage {
    page: Page,
    environment: String,
    url: String,
    verdict: String,
    stopped: Option<String>,
    warnings: Vec<String>,
    next: Vec<String>,
    left_out: Option<String>,
    sections: Vec<Section>,
}

struct Section {
    kind: &'static str,
    title: &'static str,
    sign: char,
    rows: Vec<Row>,
}

struct Row {
    key: String,
    id: Option<String>,
    error: Option<String>,
    search: String,
}

/// What came of rows, the most important first.
const SECTIONS: [(RowOutcome, &str, &str, char); 7] = [
    (RowOutcome::InDoubt, "in-doubt", "In doubt", '?'),
    (RowOutcome::Failed, "failed", "Failed", '!'),
    (RowOutcome::Pending, "pending", "Pending", '?'),
    (RowOutcome::NotSent, "not-sent", "Not sent", '?'),
    (RowOutcome::Updated, "update", "Updated", '~'),
    (RowOutcome::Created, "create", "Created", '+'),
    (RowOutcome::Moved, "move", "Got another key", '>'),
];

impl RunPage {
    fn new(report: &RunReport, commands: &dyn Commands) -> Self {
        let report = &report.told_once();
        let verdict = run_text::totals(report);
        let section = |(outcome, kind, title, sign)| {
            let rows = report.results.iter().filter(|row| row.outcome == outcome).map(Row::new).collect();
            Section { kind, title, sign, rows }
        };
        Self {
            page: Page::new(&format!("{verdict} {}", report.environment)),
            environment: safe_text(&report.environment),
            url: safe_text(&report.url),
            verdict,
            stopped: report.stopped.as_deref().map(lines),
            warnings: report.warnings.iter().map(|warning| lines(warning)).collect(),
            next: run_text::next_steps(report).lines(commands),
            left_out: run_text::left_out(report),
            sections: SECTIONS.into_iter().map(section).filter(|section| !section.rows.is_empty()).collect(),
        }
    }
}

impl Row {
    fn new(row: &RowReport) -> Self {
        let key = safe_text(row.key.as_str());
        Self {
            search: key.to_lowercase(),
            key,
            id: row.id.as_ref().map(|id| safe_text(id.as_str())),
            error: row.error.as_deref().map(lines),
        }
    }
}
