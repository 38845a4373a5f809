//! Warnings that say the same of many templates, as one.

use crate::plan::{SameWarning, Warned, same_warnings};

/// So many templates are named of those of which the same is told.
const NAMED: usize = 6;

/// The warnings as texts; the last line of one that is told for others names them, and `more` says how to see them all.
pub(super) fn warnings<'w>(warnings: impl IntoIterator<Item = &'w Warned>, more: &str) -> Vec<String> {
    same_warnings(warnings).iter().map(|same| told(same, more)).collect()
}

fn told(same: &SameWarning<'_>, more: &str) -> String {
    let text = &same.first.text;
    match others(same, NAMED) {
        Some(others) => format!("{text}\n{others}{more}"),
        None => text.clone(),
    }
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
        assert_eq!(
            told,
            ["a.yaml:0:5: never shown (k000)\n\
              The same for 599 others: k001, k002, k003, k004, k005, k006, … (-v shows them all)"]
        );
    }
}
