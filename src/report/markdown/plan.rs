//! The comment for a plan.

use super::budget::{BudgetItem, BudgetSection, fill};
use super::prose::{below, heading, in_short, inline, notices, with_notes};
use super::{MIN_BYTES, change, code, collapsed, of_section};
use crate::model::{Attributes, Commands};
use crate::report::value_text;
use crate::view::{ItemContents, Note, PROTECTION, PlanItem, PlanView, Section};

/// The limit of names listed for templates with the same change.
const NAMED: usize = 50;

/// A plan as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn plan(view: &PlanView<'_>, commands: &dyn Commands, max_bytes: usize) -> String {
    let verdict = heading(&view.verdict, commands);
    let sections: Vec<(&Section, Vec<PlanItem<'_>>)> = view.sections().collect();
    let (open, plain): (Vec<_>, Vec<_>) = sections.iter().partition(|(section, _)| section.needs_attention);
    let mut must =
        vec![notices("refusals", &view.refusals, commands), notices("warnings", &view.warnings(), commands)];
    must.extend(open.iter().map(|(section, items)| {
        of_section(section, items.iter().map(|item| open_item(item, commands)).collect())
    }));
    let mut may: Vec<BudgetSection> = plain
        .iter()
        .map(|(section, items)| {
            of_section(section, items.iter().map(|item| full_item(item, &item.notes, commands)).collect())
        })
        .collect();
    // What is held back is explained above; here are the differences.
    let held = open.iter().flat_map(|(_, items)| items).filter(|item| item.is_submission);
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
    text.extend(view.allowed.as_ref().map(|allowed| inline(allowed, commands) + "\n\n"));
    text
}

/// The key of an item, and what else is said on its line.
fn head(item: &PlanItem<'_>, commands: &dyn Commands) -> String {
    let operation = item.operation_below_heading().map(|operation| inline(operation, commands));
    let place = item.place.as_deref().map(code::span);
    let parts = [Some(code::span(item.key.as_str())), item.same_on_others(), operation, place];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// An item that needs attention: what is said about it.
fn open_item(item: &PlanItem<'_>, commands: &dyn Commands) -> BudgetItem {
    let name = code::span(item.key.as_str());
    let notes: Vec<&Note> = item.notes.iter().collect();
    let first = notes.first().map(|note| format!(": {}", in_short(note, commands))).unwrap_or_default();
    BudgetItem {
        full: with_notes(&head(item, commands), &notes, commands),
        short: format!("- {name}{first}\n"),
        name,
        templates: 1,
    }
}

/// An item with these notes and its changes, of one template or of several.
fn full_item(item: &PlanItem<'_>, notes: &[Note], commands: &dyn Commands) -> BudgetItem {
    let head = head(item, commands);
    let notes: Vec<&Note> = notes.iter().collect();
    let lines: Vec<String> = match item.contents() {
        ItemContents::Changes(changes) => changes.iter().flat_map(change::lines).collect(),
        ItemContents::Attributes(attributes) => values(item, attributes).collect(),
        ItemContents::Nothing => Vec::new(),
    };
    let full = if lines.is_empty() {
        with_notes(&head, &notes, commands)
    } else {
        let block = code::block("diff", &lines);
        format!("{head}\n\n{}{block}{}\n", below(&notes, commands), also(item))
    };
    BudgetItem {
        full,
        short: format!("- {head}\n"),
        name: code::span(item.key.as_str()),
        templates: 1 + item.others.len(),
    }
}

/// One line for each attribute.
fn values(item: &PlanItem<'_>, attributes: &Attributes) -> impl Iterator<Item = String> {
    let sign = if item.sign == "+" { '+' } else { ' ' };
    attributes.iter().map(move |(name, value)| {
        format!("{sign} {}: {}", code::shortened(name), value_text::of_attribute(name, Some(value)))
    })
}

/// The keys of the templates with the same change.
fn also(item: &PlanItem<'_>) -> String {
    if item.others.is_empty() {
        return String::new();
    }
    let names: Vec<String> = item.others.iter().take(NAMED).map(|key| code::span(key.as_str())).collect();
    let more = match item.others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("\nAlso: {}{more}\n", names.join(", "))
}

fn protection(view: &PlanView<'_>, commands: &dyn Commands) -> Vec<BudgetItem> {
    let item =
        |line: String| BudgetItem { full: line.clone(), short: line.clone(), name: line, templates: 1 };
    view.protection().map(|change| item(format!("- {}\n", inline(&change.words, commands)))).collect()
}
