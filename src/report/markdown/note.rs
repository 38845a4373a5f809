//! What must be said beside the templates: warnings and refusals.

use super::budget::{Item, Section};
use super::code;

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
