//! The comment for a command that failed before it had a plan or a result.

use super::budget::{BudgetItem, BudgetSection, fill};
use super::{MIN_BYTES, code};
use crate::model::Finding;
use crate::report::failure::Failed;
use crate::report::findings::snippet;
use crate::report::safe_text;

/// The environment in the marker if none is known.
const UNKNOWN: &str = "default";

/// A failure as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn failure(failed: &Failed<'_>, max_bytes: usize) -> String {
    let environment = failed.environment.unwrap_or(UNKNOWN);
    let of = failed.environment.map(|name| format!(" for {}", code::name(name))).unwrap_or_default();
    let begin = format!(
        "<!-- certctl {} {} -->\n### certctl {}{of}\n\n**{}** Nothing was sent.\n\n",
        failed.command,
        code::marker(environment),
        failed.command,
        failed.verdict()
    );
    let problems = BudgetSection {
        name: "problems",
        open: "#### Problems\n\n".to_owned(),
        close: "\n",
        items: failed.findings.iter().map(item).collect(),
    };
    let message = BudgetSection { name: "reasons", open: String::new(), close: "\n", items: message(failed) };
    fill(&begin, &[message, problems], &[], &format!("**{}**\n", failed.verdict()), max_bytes.max(MIN_BYTES))
}

/// The reason, unless the findings give it.
fn message(failed: &Failed<'_>) -> Vec<BudgetItem> {
    if !failed.findings.is_empty() {
        return Vec::new();
    }
    let first = failed.message.lines().next().unwrap_or_default();
    vec![BudgetItem {
        full: code::sentences(failed.message),
        short: format!("{}\n", code::span(first)),
        name: String::new(),
        templates: 1,
    }]
}

fn item(finding: &Finding) -> BudgetItem {
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
