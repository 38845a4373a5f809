//! The comment for the result of an apply.

use super::budget::{BudgetItem, BudgetSection, fill};
use super::code::InCode;
use super::note::notes;
use super::steps::in_a_line;
use super::{MIN_BYTES, code, collapsible};
use crate::apply::{LeftBehind, RowOutcome, RowReport, RunOutcome, RunReport};
use crate::model::Commands;
use crate::report::run_text::{left_out, next_steps};
use crate::report::{left_behind, value_text};

/// A result as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn run(report: &RunReport, commands: &dyn Commands, max_bytes: usize) -> String {
    let report = &report.told_once();
    let end = format!("**{}**\n", verdict(report));
    let stopped = notes("reasons to stop", "Stopped", report.stopped.iter().map(String::as_str));
    let open = OPEN.iter().map(|(name, title, outcome)| {
        let rows = report.results.iter().filter(|row| row.outcome == *outcome).map(row);
        BudgetSection { name, open: format!("#### {title}\n\n"), close: "\n", items: rows.collect() }
    });
    // This information exists nowhere else.
    let unrecorded = report.results.iter().filter(|row| is_good(row.outcome) && row.error.is_some()).map(row);
    let unrecorded = BudgetSection {
        name: "not recorded",
        open: "#### Done and not recorded\n\n".to_owned(),
        close: "\n",
        items: unrecorded.collect(),
    };
    let warnings = notes("warnings", "Warning", report.warnings.iter().map(String::as_str));
    let left_behind = to_delete(report, commands);
    let must: Vec<BudgetSection> =
        [stopped, unrecorded].into_iter().chain(open).chain([left_behind, warnings]).collect();
    let may = GOOD.map(|(name, outcome)| {
        let rows = report.results.iter().filter(|row| row.outcome == outcome && row.error.is_none());
        let items: Vec<BudgetItem> = rows.map(row).collect();
        let (open, close) = collapsible(&format!("{} {name}", items.len()));
        BudgetSection { name, open, close, items }
    });
    fill(&begin(report, commands), &must, &may, &end, max_bytes.max(MIN_BYTES))
}

/// The outcomes that need a look, the most important first.
const OPEN: [(&str, &str, RowOutcome); 4] = [
    ("in doubt", "In doubt", RowOutcome::InDoubt),
    ("failed", "Failed", RowOutcome::Failed),
    ("pending", "Pending", RowOutcome::Pending),
    ("not sent", "Not sent", RowOutcome::NotSent),
];

/// The successful outcomes.
const GOOD: [(&str, RowOutcome); 3] =
    [("updated", RowOutcome::Updated), ("created", RowOutcome::Created), ("moved", RowOutcome::Moved)];

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

fn begin(report: &RunReport, commands: &dyn Commands) -> String {
    let outcome = match report.outcome {
        RunOutcome::Complete => "All is well",
        RunOutcome::Partial => "Some templates need another look",
        RunOutcome::InDoubt => "The outcome of some templates is not known",
        RunOutcome::Interrupted => "Stopped by a signal, with everything recorded",
        RunOutcome::NothingSent => "Nothing was sent",
    };
    let mut text = format!(
        "<!-- certctl apply {} -->\n### certctl apply to {}\n\n**{}** {outcome}.\n\n",
        code::marker(&report.environment),
        code::name(&report.environment),
        verdict(report)
    );
    for (words, command) in next_steps(report).steps() {
        let command = command.map(|command| format!(": {}", code::command(&commands.command(command))));
        text.push_str(&format!("{words}{}\n\n", command.unwrap_or_default()));
    }
    if let Some(left_out) = left_out(report) {
        text.push_str(&format!("{left_out}\n\n"));
    }
    text
}

/// Old templates that only a person can delete.
fn to_delete(report: &RunReport, commands: &dyn Commands) -> BudgetSection {
    let item = |one: &LeftBehind| {
        let name = code::span(one.key.as_ref().unwrap_or(&one.replaced).as_str());
        let full = format!("- {name}: {}\n", in_a_line(&left_behind::help_of(one, &InCode), commands));
        BudgetItem { full, short: format!("- {name}\n"), name, templates: 1 }
    };
    BudgetSection {
        name: "to delete by hand",
        open: "#### Replaced, and still on the server: to delete by hand\n\n".to_owned(),
        close: "\n",
        items: report.left_behind.iter().map(item).collect(),
    }
}

fn row(row: &RowReport) -> BudgetItem {
    let name = code::span(row.key.as_str());
    let id = row.id.as_ref().map(|id| format!(" {}", code::span(id.as_str()))).unwrap_or_default();
    let title =
        row.title.as_deref().map(|title| format!(" {}", code::span(&value_text::short(Some(&title.into())))));
    let from = row.from.as_ref().map(|from| format!(" was {}", code::span(from.as_str())));
    let id = format!("{}{}{id}", title.unwrap_or_default(), from.unwrap_or_default());
    let full = match row.error.as_deref() {
        None => format!("- {name}{id}\n"),
        // With a command to copy, as for templates that are held back.
        Some(why) if why.trim_end().contains('\n') => format!("\n{name}{id}:\n\n{}\n", code::sentences(why)),
        Some(why) => format!("- {name}{id}: {}\n", code::span(why)),
    };
    BudgetItem { full, short: format!("- {name}\n"), name, templates: 1 }
}
