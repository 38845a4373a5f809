//! Prints the result of an apply on the terminal.

use std::collections::HashMap;

use super::summary_line::flags;
use super::{Style, left_behind, safe_lines, safe_text};
use crate::apply::{RowOutcome, RowReport, RunOutcome, RunReport};
use crate::model::{Advice, Commands, Help};

/// Up to this many successful rows are listed one by one.
const LISTED: usize = 20;
/// From this number on, rows with the same outcome and reason are grouped.
const ALIKE: usize = 2;
/// The limit of names listed for a group.
const NAMED: usize = 6;
/// The limit of warnings.
const WARNINGS: usize = 20;

/// The result: what was done, what was not, and what to do now.
pub fn run_text(report: &RunReport, state: &str, style: Style, commands: &dyn Commands) -> String {
    let report = &report.told_once();
    // Separates the result from the plan above.
    let mut text = String::from("\n");
    let (good, bad): (Vec<_>, Vec<_>) = report.results.iter().partition(|row| is_good(row.outcome));
    let all = good.len() <= LISTED || style.is_verbose();
    // A successful row with a message could not be recorded: this information exists nowhere else.
    for row in good.into_iter().filter(|row| all || row.error.is_some()) {
        push_good(row, style, &mut text);
    }
    for rows in by_outcome(&bad, style) {
        push_bad_group(&rows, style, &mut text);
    }
    let shown = if style.is_verbose() { usize::MAX } else { WARNINGS };
    for warning in report.warnings.iter().take(shown) {
        text.push_str(&format!("{} {}\n", style.warning(), safe_lines(warning).replace('\n', "\n  ")));
    }
    if report.warnings.len() > shown {
        let more = report.warnings.len() - shown;
        text.push_str(&format!("{} there are {more} more (-v shows them all)\n", style.warning()));
    }
    if let Some(stopped) = &report.stopped {
        text.push_str(&format!("Stopped: {}\n", safe_lines(stopped)));
    }
    if text.len() > 1 {
        text.push('\n');
    }
    text.push_str(&format!("{}\n", style.bold(&totals(report))));
    if report.outcome != RunOutcome::NothingSent && report.state_is_whole {
        text.push_str(&match (report.state_has_changed, report.requests) {
            (true, _) => format!("The state is in {}. Commit it.\n", safe_text(state)),
            (false, 0) => "Nothing was sent, and the state is as it was.\n".to_owned(),
            (false, _) => "The state is as it was.\n".to_owned(),
        });
    }
    for line in next_steps(report).lines(commands) {
        text.push_str(&format!("{line}\n"));
    }
    for line in left_behind::help(report).lines(commands) {
        text.push_str(&format!("{}\n", safe_text(&line)));
    }
    if let Some(left_out) = left_out(report) {
        text.push_str(&format!("{left_out}\n"));
    }
    style.laid_out(text)
}

/// The outcomes of all rows, in one sentence.
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

/// Groups rows with the same outcome and reason, because hundreds of rows share one when a run stops. In verbose
/// output, each row is its own group.
fn by_outcome<'r>(rows: &[&'r RowReport], style: Style) -> Vec<Vec<&'r RowReport>> {
    let mut places: HashMap<(RowOutcome, Option<&str>), usize> = HashMap::new();
    let mut groups: Vec<Vec<&RowReport>> = Vec::new();
    for row in rows {
        let place = *places.entry((row.outcome, row.error.as_deref())).or_insert(groups.len());
        match groups.get_mut(place).filter(|_| !style.is_verbose()) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

fn push_bad_group(rows: &[&RowReport], style: Style, text: &mut String) {
    let Some((first, others)) = rows.split_first() else { return };
    push_bad(first, style, text);
    if others.len() < ALIKE {
        for row in others {
            push_bad(row, style, text);
        }
        return;
    }
    let names: Vec<String> = others.iter().take(NAMED).map(|row| safe_text(row.key.as_str())).collect();
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more (-v names all)"),
    };
    let sign = sign(first.outcome);
    let head = style.signed(sign, &format!("{sign} the same for {} others", others.len()));
    text.push_str(&format!("  {head}: {}{more}\n", names.join(", ")));
}

/// A row that was not sent has the sign of an unchanged one: it leaves no open question.
pub(super) fn sign(outcome: RowOutcome) -> char {
    match outcome {
        RowOutcome::Created => '+',
        RowOutcome::Updated => '~',
        RowOutcome::Moved => '>',
        RowOutcome::Failed => '!',
        RowOutcome::Pending | RowOutcome::InDoubt => '?',
        RowOutcome::NotSent => '=',
    }
}

fn is_good(outcome: RowOutcome) -> bool {
    matches!(outcome, RowOutcome::Created | RowOutcome::Updated | RowOutcome::Moved)
}

fn push_good(row: &RowReport, style: Style, text: &mut String) {
    let word = match (row.outcome, &row.from) {
        (RowOutcome::Created, _) => "created".to_owned(),
        (RowOutcome::Moved, Some(from)) => format!("moved, was {}", safe_text(from.as_str())),
        (RowOutcome::Moved, None) => "moved".to_owned(),
        _ => "updated".to_owned(),
    };
    let sign = sign(row.outcome);
    let head = style.signed(sign, &format!("{sign} {}", safe_text(row.key.as_str())));
    let id = row.id.as_ref().map(|id| format!("  {}", safe_text(id.as_str()))).unwrap_or_default();
    let but = row.error.as_deref().map(|error| format!("  {}", indented(error))).unwrap_or_default();
    text.push_str(&format!("  {head}  {word}{id}{but}\n"));
}

fn push_bad(row: &RowReport, style: Style, text: &mut String) {
    let word = match row.outcome {
        RowOutcome::Failed => "failed",
        RowOutcome::Pending => "pending",
        RowOutcome::InDoubt => "in doubt",
        _ => "not sent",
    };
    let sign = sign(row.outcome);
    let head = style.signed(sign, &format!("{sign} {}", safe_text(row.key.as_str())));
    let reason = row.error.as_deref().map(|error| format!(": {}", indented(error)));
    text.push_str(&format!("  {head}  {word}{}\n", reason.unwrap_or_default()));
}

/// Indents the later lines of a text below its first.
fn indented(text: &str) -> String {
    safe_lines(text).replace('\n', "\n      ")
}

/// The advice after a run.
pub(super) fn next_steps(report: &RunReport) -> Help {
    let RunReport { summary, rest, .. } = report;
    let unsent = summary.not_sent.saturating_sub(rest.held + rest.sent_meanwhile);
    let (target, exclude) =
        report.selection.clone().map(|selection| (selection.target, selection.exclude)).unwrap_or_default();
    let again = Advice::ApplyRest { target, exclude, max_changes: rest.max_changes };
    let help = if summary.in_doubt > 0 {
        let help = Help::none().run(
            "What is in doubt is not sent again until you settle it. To see how",
            Advice::Recover { keys: Vec::new() },
        );
        if unsent == 0 { help } else { help.run("To send the rest afterwards", again) }
    } else if summary.failed > 0 {
        Help::none().run("Correct what failed, then apply again", again)
    } else if summary.pending > 0 {
        Help::none().run("The server is still working. To ask again", again)
    } else if unsent > 0 && report.outcome != RunOutcome::NothingSent && !report.state_is_whole {
        Help::none().run("Run the commands above first. To send the rest afterwards", again)
    } else if unsent > 0 && report.outcome != RunOutcome::NothingSent {
        Help::none().run("To send the rest", again)
    } else if unsent > 0 {
        Help::none().run("To try again", again)
    } else {
        Help::none()
    };
    match rest.held {
        0 => help,
        1 => help.say("1 template is held back: what to do is said beside it."),
        held => help.say(format!("{held} templates are held back: what to do is said beside each of them.")),
    }
}

/// What the run left out, if it was limited to some templates; `None` otherwise.
pub(super) fn left_out(report: &RunReport) -> Option<String> {
    let selection = report.selection.as_ref().filter(|_| report.left_out > 0)?;
    let were = if report.left_out == 1 {
        "1 other template was"
    } else {
        &format!("{} other templates were", report.left_out)
    };
    Some(format!("{were} left out by {}.", flags(selection)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimens::{HOSTILE, commands, run_of};

    #[test]
    fn the_same_reason_is_given_once() {
        let keys: Vec<String> = (0..300).map(|number| format!("t-{number:03}")).collect();
        let mut rows = vec![
            ("a", RowOutcome::Created, None),
            ("b", RowOutcome::Failed, Some("Resource not found\nand more")),
            ("c", RowOutcome::InDoubt, Some("no answer")),
        ];
        rows.extend(keys.iter().map(|key| (key.as_str(), RowOutcome::NotSent, Some("stopped"))));
        let report = run_of(&rows);
        insta::assert_snapshot!(run_text(
            &report,
            "state/test.json",
            Style::default().columns(Some(80)),
            &commands
        ));
        let verbose = run_text(&report, "state/test.json", Style::new(false, true), &commands);
        assert!(keys.iter().all(|key| verbose.contains(key.as_str())));
    }

    #[test]
    fn nothing_that_a_server_says_forges_the_result() {
        let rows: Vec<_> = HOSTILE.iter().map(|text| ("a", RowOutcome::Failed, Some(*text))).collect();
        let mut report = run_of(&rows);
        report.warnings = HOSTILE.map(str::to_owned).to_vec();
        let text = run_text(&report, "state/test.json", Style::default(), &commands);
        assert!(!text.chars().any(|c| c != '\n' && crate::report::safe_text::is_unsafe(c)), "{text:?}");
        let verdicts = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!((verdicts("Applied:"), verdicts("Plan:"), verdicts("No changes.")), (1, 0, 0), "{text}");
    }
}
