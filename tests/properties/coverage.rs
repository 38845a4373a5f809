//! What the campaigns of one run have met: a kind of trouble that never happens tests nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static SEEN: RefCell<BTreeMap<String, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// That this happened once more.
pub(crate) fn count(what: impl Into<String>) {
    SEEN.with_borrow_mut(|seen| *seen.entry(what.into()).or_default() += 1);
}

/// What of all this never happened in this thread.
pub(crate) fn missing(expected: impl IntoIterator<Item = String>) -> Vec<String> {
    SEEN.with_borrow(|seen| expected.into_iter().filter(|what| !seen.contains_key(what)).collect())
}

/// The name of a variant, without what it holds.
pub(crate) fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}
