//! A path under construction, while a document is walked. It allocates only where something is reported, because a
//! walk passes hundreds of thousands of values and nearly all are valid.

use std::path::Path;

use super::document::GroupSource;
use super::path::{PathPart, PathStep, YamlPath};
use super::unlocated::NodeRef;

/// The path to a value; each step borrows the one above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathCursor<'t> {
    origin: &'t GroupSource,
    last: Option<(&'t Self, Last<'t>)>,
}

#[derive(Clone, Copy, Debug)]
enum Last<'t> {
    Member(&'t str, usize),
    Item(usize),
}

impl<'t> PathCursor<'t> {
    /// Starts at a group of attributes.
    pub(super) fn at(origin: &'t GroupSource) -> Self {
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

    /// The file that the path is in.
    pub(super) fn file(&self) -> &Path {
        &self.origin.file
    }

    /// The path as an owned value.
    pub(super) fn path(&self) -> YamlPath {
        let Some((above, last)) = &self.last else { return self.origin.path.clone() };
        let mut path = above.path();
        path.0.push(match last {
            Last::Member(name, nth) => PathStep::Member((*name).to_owned(), *nth),
            Last::Item(position) => PathStep::Item(*position),
        });
        path
    }

    pub(super) fn node_ref(&self, part: PathPart) -> NodeRef {
        NodeRef { file: self.origin.file.clone(), path: self.path(), part }
    }
}
