//! The comment, or the text of an issue, for a comparison of server and state.

use super::budget::{BudgetItem, BudgetSection, fill_beside};
use super::failure::problem;
use super::item::{also, full_item, noted_item};
use super::prose::{heading, inline, notices, paragraphs};
use super::{MIN_BYTES, code, of_section};
use crate::model::Commands;
use crate::view::{DriftView, ItemContents, ReportItem, Section, SectionCount};

/// A comparison as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn drift(view: &DriftView<'_>, commands: &dyn Commands, max_bytes: usize) -> String {
    let verdict = heading(&view.verdict, commands);
    let sections = view.sections();
    let (open, plain): (Vec<_>, Vec<_>) = sections.iter().partition(|(section, _)| section.needs_attention);
    let mut must = vec![notices("warnings", &view.warnings, commands)];
    must.extend(open.iter().map(|(section, items)| of(section, items, commands)));
    must.push(BudgetSection {
        name: "problems",
        open: "#### Not readable\n\n".to_owned(),
        close: "\n",
        items: view.context.findings.iter().map(problem).collect(),
    });
    let mut may: Vec<BudgetSection> =
        plain.iter().map(|(section, items)| of(section, items, commands)).collect();
    may.push(unmanaged(view, commands));
    let end = format!("**{verdict}**\n");
    let begin = begin(view, &verdict, commands);
    fill_beside("The JSON report has", &begin, &must, &may, &end, max_bytes.max(MIN_BYTES))
}

fn begin(view: &DriftView<'_>, verdict: &str, commands: &dyn Commands) -> String {
    let mut text = format!(
        "<!-- certctl drift {} -->\n### certctl drift for {}\n\n**{verdict}**\n\n",
        code::marker(view.context.environment),
        code::name(view.context.environment),
    );
    text.push_str(&table(&view.counts));
    text + &paragraphs(&view.remarks, commands)
}

fn table(counts: &[SectionCount]) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let row = |count: &SectionCount| {
        format!("| `{}` | {} | {}: {} |\n", count.sign, count.number, count.what, count.about)
    };
    format!("| | templates | |\n|---|--:|---|\n{}\n", counts.iter().map(row).collect::<String>())
}

fn of(section: &Section, items: &[ReportItem<'_>], commands: &dyn Commands) -> BudgetSection {
    let item = |item: &ReportItem<'_>| match item.contents() {
        ItemContents::Changes(_) => full_item(item, &item.notes, commands),
        ItemContents::Attributes(_) | ItemContents::Nothing => {
            let noted = noted_item(item, commands);
            BudgetItem { full: noted.full + &also(item), templates: 1 + item.others.len(), ..noted }
        }
    };
    of_section(section, items.iter().map(item).collect())
}

fn unmanaged(view: &DriftView<'_>, commands: &dyn Commands) -> BudgetSection {
    let (section, lines) = view.unmanaged();
    let item =
        |line: String| BudgetItem { full: line.clone(), short: line.clone(), name: line, templates: 1 };
    of_section(section, lines.map(|words| item(format!("- {}\n", inline(&words, commands)))).collect())
}
