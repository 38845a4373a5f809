//! The result of an apply for people.

use super::{Style, safe_lines, safe_text};
use crate::apply::{Exit, RowOutcome, RowReport, RunReport};

/// Rows that went well are listed one by one up to this many.
const LISTED: usize = 20;

/// What was done, what was not, and what to do now.
pub fn run_text(report: &RunReport, state: &str, style: Style) -> String {
    // Set off from the plan that stands above.
    let mut text = String::from("\n");
    let (good, bad): (Vec<_>, Vec<_>) = report.results.iter().partition(|row| is_good(row.outcome));
    let all = good.len() <= LISTED || style.is_verbose();
    // A good row with something to say could not be recorded: what stands here stands nowhere else.
    for row in good.into_iter().filter(|row| all || row.error.is_some()) {
        well(row, style, &mut text);
    }
    let mut not_sent_alike = None;
    for row in bad {
        // When a run stops, the same reason would stand beside hundreds of rows.
        let reason = row.error.as_deref().unwrap_or("not sent");
        if row.outcome == RowOutcome::NotSent && not_sent_alike == Some(reason) && !style.is_verbose() {
            continue;
        }
        if row.outcome == RowOutcome::NotSent {
            not_sent_alike = Some(reason);
        }
        badly(row, style, &mut text);
    }
    for warning in &report.warnings {
        text.push_str(&format!("Warning: {}\n", safe_lines(warning).replace('\n', "\n  ")));
    }
    if let Some(stopped) = &report.stopped {
        text.push_str(&format!("Stopped: {}\n", safe_lines(stopped)));
    }
    if text.len() > 1 {
        text.push('\n');
    }
    text.push_str(&format!("{}\n", style.bold(&totals(report))));
    if report.outcome != Exit::Error && report.state_is_whole {
        text.push_str(&format!("The state is in {}. Commit it.\n", safe_text(state)));
    }
    if let Some(next) = next_step(report) {
        text.push_str(&format!("{next}\n"));
    }
    text
}

/// What came of all rows, in one sentence.
pub(super) fn totals(report: &RunReport) -> String {
    let summary = report.summary;
    format!(
        "Applied: {} created, {} updated, {} failed, {} pending, {} in doubt, {} not sent; {}.",
        summary.created,
        summary.updated,
        summary.failed,
        summary.pending,
        summary.in_doubt,
        summary.not_sent,
        if report.requests == 1 { "1 request".to_owned() } else { format!("{} requests", report.requests) }
    )
}

fn is_good(outcome: RowOutcome) -> bool {
    matches!(outcome, RowOutcome::Created | RowOutcome::Updated | RowOutcome::Moved)
}

fn well(row: &RowReport, style: Style, text: &mut String) {
    let (sign, word) = match row.outcome {
        RowOutcome::Created => ('+', "created"),
        RowOutcome::Moved => ('>', "moved"),
        _ => ('~', "updated"),
    };
    let head = style.signed(sign, &format!("{sign} {}", safe_text(row.key.as_str())));
    let id = row.id.as_ref().map(|id| format!("  {}", safe_text(id.as_str()))).unwrap_or_default();
    let but = row.error.as_deref().map(|error| format!("  {}", safe_text(error))).unwrap_or_default();
    text.push_str(&format!("  {head}  {word}{id}{but}\n"));
}

fn badly(row: &RowReport, style: Style, text: &mut String) {
    let word = match row.outcome {
        RowOutcome::Failed => "failed",
        RowOutcome::Pending => "pending",
        RowOutcome::InDoubt => "in doubt",
        _ => "not sent",
    };
    let sign = if row.outcome == RowOutcome::Failed { '!' } else { '?' };
    let head = style.signed(sign, &format!("{sign} {}", safe_text(row.key.as_str())));
    let reason =
        row.error.as_deref().map(|error| safe_lines(error).replace('\n', "\n      ")).unwrap_or_default();
    text.push_str(&format!("  {head}  {word}: {reason}\n"));
}

/// What to do now.
pub(super) fn next_step(report: &RunReport) -> Option<&'static str> {
    let summary = report.summary;
    if summary.in_doubt > 0 {
        Some("What is in doubt is not sent again until you settle it. To see how: certctl recover")
    } else if summary.failed > 0 {
        Some("Correct what failed and run certctl apply again: only that is sent.")
    } else if summary.pending > 0 {
        Some("The server is still working. To ask again: certctl apply")
    } else if summary.not_sent > 0 && report.outcome != Exit::Error {
        Some("To send the rest: certctl apply")
    } else {
        None
    }
}
