//! Combines warnings with the same text about several templates.

use super::same_warnings::{SameWarning, same_warnings};
use crate::plan::Warned;

/// The limit of names listed.
const NAMED: usize = 6;

/// A warning, with the other templates that have the same one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SharedWarning<'w> {
    /// The text; its last line names the other templates.
    pub(super) words: String,
    /// Lines to paste unchanged.
    pub(super) paste: Option<&'w str>,
    /// The number of combined warnings.
    pub(super) warnings: usize,
}

impl<'w> SharedWarning<'w> {
    /// A warning that is not combined.
    pub(super) fn alone(warned: &'w Warned) -> Self {
        Self { words: warned.text.clone(), paste: warned.paste.as_deref(), warnings: 1 }
    }

    /// Combines a group; `more` says how to see all of them.
    fn of(same: &SameWarning<'w>, more: &str) -> Self {
        let mut shared = Self::alone(same.first);
        shared.warnings += same.others.len();
        if let Some(others) = others(same, NAMED) {
            shared.words.push_str(&format!("\n{others}{more}"));
        }
        shared
    }
}

/// Every warning, combined where texts are the same; `more` says how to see all of them.
pub(super) fn warnings<'w>(
    warnings: impl IntoIterator<Item = &'w Warned>,
    more: &str,
) -> Vec<SharedWarning<'w>> {
    same_warnings(warnings).iter().map(|same| SharedWarning::of(same, more)).collect()
}

/// The other templates with the same warning; `None` if there are none.
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

/// A number with a noun: `1 template`, `3 templates`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimens::warning;

    #[test]
    fn six_hundred_warnings_are_one_with_names() {
        let all: Vec<Warned> = (0..600).map(warning).collect();
        let shared = warnings(&all, " (-v shows them all)");
        let words: Vec<&str> = shared.iter().map(|shared| shared.words.as_str()).collect();
        assert_eq!(
            words,
            ["a.yaml:0:5: never shown (k000)\n\
              The same for 599 others: k001, k002, k003, k004, k005, k006, … (-v shows them all)"]
        );
    }
}
