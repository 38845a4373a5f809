//! Where something is in a YAML document, before anybody asks for its line.

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PathStep {
    /// Into the member of this name; the second number tells doubled members apart, from 0.
    Member(String, usize),
    /// Into the item with this number, from 0.
    Item(usize),
}

/// What of it is meant.
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
