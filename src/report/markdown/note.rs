//! Sections for warnings and refusals.

use super::budget::{BudgetItem, BudgetSection};
use super::code;
use crate::report::safe_lines;
use crate::report::shared_warning::SharedWarning;

/// Warnings, one item each.
pub(super) fn warnings(warnings: &[SharedWarning<'_>]) -> BudgetSection {
    let item = |warning: &SharedWarning<'_>| {
        let item = note("Warning", &warning.words);
        let paste = warning.paste.map(|paste| {
            let lines: Vec<String> = safe_lines(paste).lines().map(str::to_owned).collect();
            code::block("yaml", &lines) + "\n"
        });
        BudgetItem { full: item.full + &paste.unwrap_or_default(), templates: warning.warnings, ..item }
    };
    BudgetSection {
        name: "warnings",
        open: String::new(),
        close: "\n",
        items: warnings.iter().map(item).collect(),
    }
}

/// Sentences, one item each.
pub(super) fn notes<'t>(
    name: &'static str,
    word: &str,
    texts: impl Iterator<Item = &'t str>,
) -> BudgetSection {
    let items = texts.map(|text| note(word, text)).collect();
    BudgetSection { name, open: String::new(), close: "\n", items }
}

fn note(word: &str, text: &str) -> BudgetItem {
    let short = format!("- **{word}:** {}\n", code::span(text.lines().next().unwrap_or_default()));
    let full = if text.trim_end().contains('\n') {
        format!("**{word}:**\n\n{}\n", code::sentences(text))
    } else {
        format!("**{word}:** {}\n\n", code::span(text))
    };
    BudgetItem { full, short, name: String::new(), templates: 1 }
}
