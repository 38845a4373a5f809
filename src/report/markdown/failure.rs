//! The comment for a command that failed before it had a plan or a result.

use super::budget::{BudgetItem, BudgetSection, fill};
use super::prose::{heading, notices};
use super::{MIN_BYTES, code};
use crate::model::{Commands, Finding};
use crate::report::findings::snippet;
use crate::report::safe_text;
use crate::view::{FailureView, NOTHING_SENT};

/// The environment in the marker if none is known.
const UNKNOWN: &str = "default";

/// A failure as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn failure(view: &FailureView<'_>, commands: &dyn Commands, max_bytes: usize) -> String {
    let environment = view.environment.unwrap_or(UNKNOWN);
    let of = view.environment.map(|name| format!(" for {}", code::name(name))).unwrap_or_default();
    let verdict = heading(&view.verdict, commands);
    let begin = format!(
        "<!-- certctl {} {} -->\n### certctl {}{of}\n\n**{verdict}** {NOTHING_SENT}\n\n",
        view.command,
        code::marker(environment),
        view.command,
    );
    let problems = BudgetSection {
        name: "problems",
        open: "#### Problems\n\n".to_owned(),
        close: "\n",
        items: view.findings.iter().map(problem).collect(),
    };
    let reason = notices("reasons", view.reason.as_slice(), commands);
    fill(&begin, &[reason, problems], &[], &format!("**{verdict}**\n"), max_bytes.max(MIN_BYTES))
}

/// A finding with its line.
pub(super) fn problem(finding: &Finding) -> BudgetItem {
    let place = code::span(&finding.place.to_string());
    let line = format!("{place} ({}): {}", code::span(finding.rule), code::span(&finding.message));
    let mut help = String::new();
    if let Some(words) = finding.help_words() {
        help.push_str(&format!("Help: {}\n\n", code::span(words)));
    }
    if let Some(block) = finding.to_paste() {
        let lines: Vec<String> = block.lines().map(safe_text).collect();
        help.push_str(&format!("{}\n", code::block("toml", &lines)));
    }
    BudgetItem {
        full: format!("{line}\n\n{}\n{help}", code::block("text", &snippet(finding))),
        short: format!("- {line}\n"),
        name: place,
        templates: 1,
    }
}
