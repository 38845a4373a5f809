//! The comment for a plan.

use super::budget::{BudgetItem, BudgetSection, fill};
use super::item::{full_item, noted_item};
use super::prose::{heading, inline, notices, paragraphs};
use super::{MIN_BYTES, code, collapsed, of_section};
use crate::model::Commands;
use crate::view::{PROTECTION, PlanView, ReportItem, Section};

/// A plan as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn plan(view: &PlanView<'_>, commands: &dyn Commands, max_bytes: usize) -> String {
    let verdict = heading(&view.verdict, commands);
    let sections: Vec<(&Section, Vec<ReportItem<'_>>)> = view.sections().collect();
    let (open, plain): (Vec<_>, Vec<_>) = sections.iter().partition(|(section, _)| section.needs_attention);
    let mut must = vec![
        notices("refusals", &view.refusals, commands),
        notices("warnings", &view.warnings(false, true), commands),
    ];
    must.extend(open.iter().map(|(section, items)| {
        of_section(section, items.iter().map(|item| noted_item(item, commands)).collect())
    }));
    let mut may: Vec<BudgetSection> = plain
        .iter()
        .map(|(section, items)| {
            of_section(section, items.iter().map(|item| full_item(item, &item.notes, commands)).collect())
        })
        .collect();
    // What is held back is explained above; here are the differences.
    let held = open.iter().flat_map(|(_, items)| items).filter(|item| item.is_submission());
    may.push(collapsed(
        "held back, with the changes",
        held.map(|item| full_item(item, &[], commands)).collect(),
    ));
    may.push(of_section(&PROTECTION, protection(view, commands)));
    let end = format!("**{verdict}**\n");
    fill(&begin(view, &verdict, commands), &must, &may, &end, max_bytes.max(MIN_BYTES))
}

fn begin(view: &PlanView<'_>, verdict: &str, commands: &dyn Commands) -> String {
    let mut text = format!(
        "<!-- certctl plan {} -->\n### certctl plan for {}\n\n**{verdict}**\n\n| | templates | |\n|---|--:|---|\n",
        code::marker(view.environment),
        code::name(view.environment),
    );
    for count in &view.counts {
        let colon = if count.about.is_empty() { "" } else { ": " };
        text.push_str(&format!(
            "| `{}` | {} | {}{colon}{} |\n",
            count.sign, count.number, count.what, count.about
        ));
    }
    text.push('\n');
    text + &paragraphs(&view.remarks, commands)
}

fn protection(view: &PlanView<'_>, commands: &dyn Commands) -> Vec<BudgetItem> {
    let item =
        |line: String| BudgetItem { full: line.clone(), short: line.clone(), name: line, templates: 1 };
    view.protection().map(|change| item(format!("- {}\n", inline(&change.words, commands)))).collect()
}
