//! Sets of attribute names, stored once: most templates of an export lack the same attributes.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::stored_once::StoredOnce;

/// A set of attribute names. Equal ones share one allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeSet<String>", into = "BTreeSet<String>")]
pub struct NameSet(Arc<BTreeSet<String>>);

static STORED: StoredOnce<BTreeSet<String>> = StoredOnce::new();

impl NameSet {
    /// Whether it has no name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with one more name.
    #[must_use]
    pub fn with(&self, name: &str) -> Self {
        self.0.iter().cloned().chain([name.to_owned()]).collect()
    }
}

impl Deref for NameSet {
    type Target = BTreeSet<String>;

    fn deref(&self) -> &BTreeSet<String> {
        &self.0
    }
}

impl From<BTreeSet<String>> for NameSet {
    fn from(names: BTreeSet<String>) -> Self {
        Self(STORED.get(&names, |known| *known == names, || Arc::new(names.clone())))
    }
}

impl From<NameSet> for BTreeSet<String> {
    fn from(names: NameSet) -> Self {
        (*names.0).clone()
    }
}

impl FromIterator<String> for NameSet {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        names.into_iter().collect::<BTreeSet<String>>().into()
    }
}

impl<const N: usize> From<[String; N]> for NameSet {
    fn from(names: [String; N]) -> Self {
        names.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_are_stored_once() {
        let set = || NameSet::from(["title", "labels"].map(str::to_owned));
        let (one, other) = (set(), set());
        assert!(Arc::ptr_eq(&one.0, &other.0));
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!((text.as_str(), serde_json::from_str(&text).ok()), (r#"["labels","title"]"#, Some(one)));
    }
}
