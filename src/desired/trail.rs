//! Where a walk through a document is. Paths are written out only where something is wrong, because a walk passes
//! hundreds of thousands of values and nearly all of them are right.

use super::faults::Spot;
use super::path::{Part, Step, YamlPath};
use super::shape::Origin;

/// The way down to a value, each step borrowing the one above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail<'t> {
    origin: &'t Origin,
    last: Option<(&'t Self, Last<'t>)>,
}

#[derive(Clone, Copy, Debug)]
enum Last<'t> {
    Member(&'t str, usize),
    Item(usize),
}

impl<'t> Trail<'t> {
    /// Begins at a group of attributes.
    pub(super) fn at(origin: &'t Origin) -> Self {
        Self { origin, last: None }
    }

    pub(super) fn member(&'t self, name: &'t str) -> Self {
        self.nth_member(name, 0)
    }

    pub(super) fn nth_member(&'t self, name: &'t str, nth: usize) -> Self {
        Self { origin: self.origin, last: Some((self, Last::Member(name, nth))) }
    }

    pub(super) fn item(&'t self, position: usize) -> Self {
        Self { origin: self.origin, last: Some((self, Last::Item(position))) }
    }

    /// The way written out.
    pub(super) fn path(&self) -> YamlPath {
        let Some((above, last)) = &self.last else { return self.origin.path.clone() };
        let mut path = above.path();
        path.0.push(match last {
            Last::Member(name, nth) => Step::Member((*name).to_owned(), *nth),
            Last::Item(position) => Step::Item(*position),
        });
        path
    }

    pub(super) fn spot(&self, part: Part) -> Spot {
        Spot { file: self.origin.file.clone(), path: self.path(), part }
    }
}
