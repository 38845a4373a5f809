//! Warnings that say the same of many templates, as one.

use super::same_warnings::{SameWarning, same_warnings};
use crate::plan::Warned;

/// So many templates are named of those of which the same is told.
const NAMED: usize = 6;

/// A warning, told of all templates of which the same is said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SharedWarning<'w> {
    /// What is said; the last line names the others.
    pub(super) words: String,
    /// Lines that are to be pasted as they are.
    pub(super) paste: Option<&'w str>,
    /// How many warnings it is.
    pub(super) warnings: usize,
}

impl<'w> SharedWarning<'w> {
    /// One for itself.
    pub(super) fn alone(warned: &'w Warned) -> Self {
        Self { words: warned.text.clone(), paste: warned.paste.as_deref(), warnings: 1 }
    }

    /// One for all that say the same; `more` says how to see them all.
    fn of(same: &SameWarning<'w>, more: &str) -> Self {
        let mut told = Self::alone(same.first);
        told.warnings += same.others.len();
        if let Some(others) = others(same, NAMED) {
            told.words.push_str(&format!("\n{others}{more}"));
        }
        told
    }
}

/// Every warning, told once; `more` says how to see them all.
pub(super) fn warnings<'w>(
    warnings: impl IntoIterator<Item = &'w Warned>,
    more: &str,
) -> Vec<SharedWarning<'w>> {
    same_warnings(warnings).iter().map(|same| SharedWarning::of(same, more)).collect()
}

/// Of which others the same is told; nothing where there are none.
pub(super) fn others(same: &SameWarning<'_>, most: usize) -> Option<String> {
    if same.others.is_empty() {
        return None;
    }
    let keys = same.other_keys();
    let what = match (same.is_same, keys.is_empty()) {
        (true, false) => format!("The same for {}", counted(keys.len(), "other")),
        (false, false) => format!(
            "The same kind of thing {} more times, for {}",
            same.others.len(),
            counted(keys.len(), "template")
        ),
        (_, true) => return Some(format!("The same kind of thing {} more times", same.others.len())),
    };
    let named: Vec<&str> = keys.iter().take(most).map(|key| key.as_str()).collect();
    let more = if keys.len() > named.len() { ", …" } else { "" };
    Some(format!("{what}: {}{more}", named.join(", ")))
}

/// A number of things: `1 template`, `3 templates`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimens::warning;

    #[test]
    fn six_hundred_are_one_with_a_name_for_some() {
        let all: Vec<Warned> = (0..600).map(warning).collect();
        let told = warnings(&all, " (-v shows them all)");
        let words: Vec<&str> = told.iter().map(|told| told.words.as_str()).collect();
        assert_eq!(
            words,
            ["a.yaml:0:5: never shown (k000)\n\
              The same for 599 others: k001, k002, k003, k004, k005, k006, … (-v shows them all)"]
        );
    }
}
