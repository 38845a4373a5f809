//! The comment for the result of an apply.

use super::budget::{BudgetItem, BudgetSection, fill};
use super::prose::{heading, inline, notices, on_one_line, with_notes};
use super::{MIN_BYTES, code, of_section};
use crate::model::Commands;
use crate::report::prose::note_text;
use crate::report::value_text;
use crate::view::{Note, RunItem, RunView};

/// A result as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn run(view: &RunView<'_>, commands: &dyn Commands, max_bytes: usize) -> String {
    let verdict = heading(&view.verdict, commands);
    let mut begin = format!(
        "<!-- certctl apply {} -->\n### certctl apply to {}\n\n**{verdict}**\n\n",
        code::marker(view.environment),
        code::name(view.environment),
    );
    for remark in &view.remarks {
        let line = on_one_line(remark, commands);
        begin.push_str(&line.unwrap_or_else(|| code::sentences(&note_text(remark, commands))));
        begin.push_str("\n\n");
    }
    let (mut open, mut may) = (Vec::new(), Vec::new());
    for (section, items) in view.sections() {
        let items = items.iter().map(|one| item(one, commands)).collect();
        let place = if section.needs_attention { &mut open } else { &mut may };
        place.push(of_section(section, items));
    }
    let stopped = notices("reasons to stop", view.stopped.as_slice(), commands);
    let left_behind = notices("to delete by hand", view.left_behind.as_slice(), commands);
    let warnings = notices("warnings", &view.warnings, commands);
    let must: Vec<BudgetSection> =
        std::iter::once(stopped).chain(open).chain([left_behind, warnings]).collect();
    fill(&begin, &must, &may, &format!("**{verdict}**\n"), max_bytes.max(MIN_BYTES))
}

fn item(item: &RunItem<'_>, commands: &dyn Commands) -> BudgetItem {
    let name = code::span(item.key.as_str());
    let title = item.title.map(|title| code::span(&value_text::short_text(title)));
    let moved = item.is_moved.then(|| inline(&item.outcome, commands));
    let id = item.id.map(|id| code::span(id.as_str()));
    let head = [Some(name.clone()), title, moved, id].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let notes: Vec<&Note> = (!item.why.is_empty()).then_some(&item.why).into_iter().collect();
    BudgetItem { full: with_notes(&head, &notes, commands), short: format!("- {name}\n"), name, templates: 1 }
}
