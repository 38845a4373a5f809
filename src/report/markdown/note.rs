//! What must be said beside the templates: warnings and refusals.

use super::budget::{Item, Section};
use super::code;
use crate::report::safe_lines;
use crate::report::told_together::Told;

/// Warnings, one item each.
pub(super) fn warnings(told: &[Told<'_>]) -> Section {
    let item = |told: &Told<'_>| {
        let item = note("Warning", &told.words);
        let paste = told.paste.map(|paste| {
            let lines: Vec<String> = safe_lines(paste).lines().map(str::to_owned).collect();
            code::block("yaml", &lines) + "\n"
        });
        Item { full: item.full + &paste.unwrap_or_default(), templates: told.warnings, ..item }
    };
    Section { name: "warnings", open: String::new(), close: "\n", items: told.iter().map(item).collect() }
}

/// Sentences, one item each.
pub(super) fn notes<'t>(name: &'static str, word: &str, texts: impl Iterator<Item = &'t str>) -> Section {
    let items = texts.map(|text| note(word, text)).collect();
    Section { name, open: String::new(), close: "\n", items }
}

fn note(word: &str, text: &str) -> Item {
    let short = format!("- **{word}:** {}\n", code::span(text.lines().next().unwrap_or_default()));
    let full = if text.trim_end().contains('\n') {
        format!("**{word}:**\n\n{}\n", code::sentences(text))
    } else {
        format!("**{word}:** {}\n\n", code::span(text))
    };
    Item { full, short, name: String::new(), templates: 1 }
}
