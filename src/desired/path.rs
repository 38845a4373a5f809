//! Paths in a YAML document, from the root to a value. They are converted to lines only for what is reported.

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PathStep {
    /// The member with this name; the number distinguishes duplicates, from 0.
    Member(String, usize),
    /// The item at this position, from 0.
    Item(usize),
}

/// The part of a member that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PathPart {
    /// The member's name.
    Name,
    /// The value.
    Value,
}

/// A way down from the document's root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct YamlPath(pub(super) Vec<PathStep>);

impl YamlPath {
    pub(super) fn root() -> Self {
        Self::default()
    }

    pub(super) fn member(&self, name: &str) -> Self {
        self.nth_member(name, 0)
    }

    pub(super) fn nth_member(&self, name: &str, nth: usize) -> Self {
        self.with(PathStep::Member(name.to_owned(), nth))
    }

    pub(super) fn item(&self, position: usize) -> Self {
        self.with(PathStep::Item(position))
    }

    fn with(&self, step: PathStep) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}
