//! One template in a comment, or several that are alike.

use super::budget::BudgetItem;
use super::prose::{in_short, inline, paragraphs, with_notes};
use super::{change, code};
use crate::model::{Attributes, Commands};
use crate::report::value_text;
use crate::view::{ItemContents, Note, ReportItem};

/// The limit of names listed for templates with the same change.
const NAMED: usize = 50;

/// The key of an item, and what else is said on its line.
fn head(item: &ReportItem<'_>, title: Option<String>, commands: &dyn Commands) -> String {
    let operation = item.has_more_to_say.then(|| inline(&item.operation, commands));
    let place = item.place.as_deref().map(code::span);
    let id = item.id.map(|id| code::span(id.as_str()));
    let parts = [Some(code::span(item.key.as_str())), title, item.same_on_others(), operation, id, place];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// An item without its changes: what is said about it.
pub(super) fn noted_item(item: &ReportItem<'_>, commands: &dyn Commands) -> BudgetItem {
    let name = code::span(item.key.as_str());
    let first = item.notes.first().map(|note| format!(": {}", in_short(note, commands))).unwrap_or_default();
    let title = item.title.map(|title| code::span(&value_text::short_text(title)));
    BudgetItem {
        full: with_notes(&head(item, title, commands), &item.notes, commands),
        short: format!("- {name}{first}\n"),
        name,
        templates: 1,
    }
}

/// An item with these notes and its changes, of one template or of several.
pub(super) fn full_item(item: &ReportItem<'_>, notes: &[Note], commands: &dyn Commands) -> BudgetItem {
    // The title is among the changes, or is not news.
    let head = head(item, None, commands);
    let lines: Vec<String> = match item.contents() {
        ItemContents::Changes(changes) => changes.iter().flat_map(change::lines).collect(),
        ItemContents::Attributes(attributes) => values(item, attributes).collect(),
        ItemContents::Nothing => Vec::new(),
    };
    let full = if lines.is_empty() {
        with_notes(&head, notes, commands)
    } else {
        let block = code::block("diff", &lines);
        format!("{head}\n\n{}{block}{}\n", paragraphs(notes, commands), also(item))
    };
    BudgetItem {
        full,
        short: format!("- {head}\n"),
        name: code::span(item.key.as_str()),
        templates: 1 + item.others.len(),
    }
}

/// One line for each attribute.
fn values(item: &ReportItem<'_>, attributes: &Attributes) -> impl Iterator<Item = String> {
    let sign = if item.sign == "+" { '+' } else { ' ' };
    attributes.iter().map(move |(name, value)| {
        format!("{sign} {}: {}", code::shortened(name), value_text::of_attribute(name, Some(value)))
    })
}

/// The keys of the templates that are like it.
pub(super) fn also(item: &ReportItem<'_>) -> String {
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
