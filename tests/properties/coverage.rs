//! What the campaigns of a run have covered: a kind of trouble that never occurs tests nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static SEEN: RefCell<BTreeMap<String, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Counts an occurrence.
pub(crate) fn count(what: impl Into<String>) {
    SEEN.with_borrow_mut(|seen| *seen.entry(what.into()).or_default() += 1);
}

/// Which of these never occurred in this thread.
pub(crate) fn missing(expected: impl IntoIterator<Item = String>) -> Vec<String> {
    SEEN.with_borrow(|seen| expected.into_iter().filter(|what| !seen.contains_key(what)).collect())
}

/// The name of a variant, without its contents.
pub(crate) fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}
