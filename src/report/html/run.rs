//! The page for the result of an apply.

use askama::Template;

use super::page::Page;
use super::prose::Prose;
use crate::apply::{RowOutcome, RowReport, RunReport};
use crate::model::{Commands, Help};
use crate::report::{left_behind, run_text, safe_text, value_text};

/// A result as a page. Words and commands are separate, so [`RunReport::advised`] is not used.
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
    stopped: Option<Prose>,
    warnings: Vec<Prose>,
    next: Vec<Prose>,
    left_behind: Option<Prose>,
    left_out: Option<String>,
    sections: Vec<RunSection>,
}

struct RunSection {
    kind: &'static str,
    title: &'static str,
    sign: char,
    rows: Vec<RunRow>,
}

struct RunRow {
    key: String,
    title: Option<String>,
    /// The old key, if it was moved.
    from: Option<String>,
    id: Option<String>,
    error: Option<Prose>,
    search: String,
}

/// The outcomes, the most important first.
const SECTIONS: [(RowOutcome, &str, &str); 7] = [
    (RowOutcome::InDoubt, "in-doubt", "In doubt"),
    (RowOutcome::Failed, "failed", "Failed"),
    (RowOutcome::Pending, "pending", "Pending"),
    (RowOutcome::NotSent, "not-sent", "Not sent"),
    (RowOutcome::Updated, "update", "Updated"),
    (RowOutcome::Created, "create", "Created"),
    (RowOutcome::Moved, "move", "Moved"),
];

impl RunPage {
    fn new(report: &RunReport, commands: &dyn Commands) -> Self {
        let report = &report.told_once();
        let verdict = run_text::totals(report);
        let below = |help: &Help| Prose::default().with(help, commands);
        let section = |(outcome, kind, title)| {
            let rows = report
                .results
                .iter()
                .filter(|row| row.outcome == outcome)
                .map(|row| RunRow::new(row, commands))
                .collect();
            RunSection { kind, title, sign: run_text::sign(outcome), rows }
        };
        Self {
            page: Page::new(&format!("{verdict} {}", report.environment)),
            environment: safe_text(&report.environment),
            url: safe_text(&report.url),
            verdict,
            stopped: report.stopped.as_deref().map(Prose::plain),
            warnings: warnings(report, commands),
            next: run_text::next_steps(report).into_steps().map(|step| below(&step)).collect(),
            left_behind: (!report.left_behind.is_empty()).then(|| below(&left_behind::help(report))),
            left_out: run_text::left_out(report),
            sections: SECTIONS.into_iter().map(section).filter(|section| !section.rows.is_empty()).collect(),
        }
    }
}

/// Every warning; the advice of the run is attached to the last one.
fn warnings(report: &RunReport, commands: &dyn Commands) -> Vec<Prose> {
    let mut warnings: Vec<Prose> = report.warnings.iter().map(|warning| Prose::plain(warning)).collect();
    if let Some(last) = warnings.pop() {
        warnings.push(last.with(&report.help, commands));
    }
    warnings
}

impl RunRow {
    fn new(row: &RowReport, commands: &dyn Commands) -> Self {
        let key = safe_text(row.key.as_str());
        let title = row.title.as_deref().map(|title| value_text::short(Some(&title.into())));
        Self {
            search: format!("{key} {}", title.as_deref().unwrap_or_default()).to_lowercase(),
            key,
            title,
            from: row.from.as_ref().map(|from| safe_text(from.as_str())),
            id: row.id.as_ref().map(|id| safe_text(id.as_str())),
            error: (row.error.is_some() || !row.help.is_empty()).then(|| {
                row.error.as_deref().map(Prose::plain).unwrap_or_default().with(&row.help, commands)
            }),
        }
    }
}
