//! The comment for the result of an apply.

use super::budget::{BudgetSection, fill};
use super::item::noted_item;
use super::prose::{heading, notices, paragraphs};
use super::{MIN_BYTES, code, of_section};
use crate::model::Commands;
use crate::view::RunView;

/// A result as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]).
pub fn run(view: &RunView<'_>, commands: &dyn Commands, max_bytes: usize) -> String {
    let verdict = heading(&view.verdict, commands);
    let begin = format!(
        "<!-- certctl apply {} -->\n### certctl apply to {}\n\n**{verdict}**\n\n{}",
        code::marker(view.environment),
        code::name(view.environment),
        paragraphs(&view.remarks, commands)
    );
    let (mut open, mut may) = (Vec::new(), Vec::new());
    for (section, items) in view.sections() {
        let items = items.iter().map(|item| noted_item(item, commands)).collect();
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
