//! The result of an apply as Markdown.

use super::budget::{Budget, Item};
use super::{MIN_BYTES, code, folded};
use crate::apply::{Exit, RowOutcome, RowReport, RunReport};

/// A result as one comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn run(report: &RunReport, max_bytes: usize) -> String {
    let end = format!("**{}**\n", verdict(report));
    let mut budget = Budget::new(begin(report), &end, max_bytes.max(MIN_BYTES));
    let stopped = report.stopped.iter().map(|stopped| note("Stopped", stopped));
    let notes: Vec<Item> =
        stopped.chain(report.warnings.iter().map(|warning| note("Warning", warning))).collect();
    budget.section("warnings", "", "\n", &notes);
    for (name, title, outcome) in SECTIONS {
        let rows: Vec<Item> = report.results.iter().filter(|row| row.outcome == outcome).map(row).collect();
        let (open, close) = if is_good(outcome) {
            folded(&format!("{} {name}", rows.len()))
        } else {
            (format!("#### {title}\n\n"), "\n")
        };
        budget.section(name, &open, close, &rows);
    }
    budget.finish(&end)
}

/// What is told, the most important first.
const SECTIONS: [(&str, &str, RowOutcome); 7] = [
    ("in doubt", "In doubt", RowOutcome::InDoubt),
    ("failed", "Failed", RowOutcome::Failed),
    ("pending", "Pending", RowOutcome::Pending),
    ("not sent", "Not sent", RowOutcome::NotSent),
    ("updated", "Updated", RowOutcome::Updated),
    ("created", "Created", RowOutcome::Created),
    ("moved", "Moved", RowOutcome::Moved),
];

fn is_good(outcome: RowOutcome) -> bool {
    matches!(outcome, RowOutcome::Updated | RowOutcome::Created | RowOutcome::Moved)
}

/// The same sentence as on the terminal.
fn verdict(report: &RunReport) -> String {
    let summary = report.summary;
    format!(
        "Applied: {} created, {} updated, {} failed, {} pending, {} in doubt, {} not sent.",
        summary.created, summary.updated, summary.failed, summary.pending, summary.in_doubt, summary.not_sent
    )
}

fn begin(report: &RunReport) -> String {
    let outcome = match report.outcome {
        Exit::Ok | Exit::Changes => "all is well",
        Exit::Partial => "some templates need another look",
        Exit::InDoubt => "the outcome of some templates is not known: run `certctl recover`",
        Exit::Interrupted => "stopped by a signal, with everything recorded",
        Exit::Error | Exit::Refused | Exit::Locked => "nothing was sent",
    };
    format!(
        "<!-- certctl apply {} -->\n### certctl apply to {}\n\n**{}** {outcome}.\n\n",
        code::marker(&report.environment),
        code::span(&report.environment),
        verdict(report)
    )
}

fn note(word: &str, text: &str) -> Item {
    let line = format!("> **{word}:** {}\n>\n", code::span(text));
    Item { full: line.clone(), short: line, templates: 1 }
}

fn row(row: &RowReport) -> Item {
    let key = code::span(row.key.as_str());
    let id = row.id.as_ref().map(|id| format!(" {}", code::span(id.as_str()))).unwrap_or_default();
    let why = row.error.as_ref().map(|error| format!(": {}", code::span(error))).unwrap_or_default();
    Item { full: format!("- {key}{id}{why}\n"), short: format!("- {key}\n"), templates: 1 }
}
