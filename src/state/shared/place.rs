//! Where a shared state and the objects beside it are, and requests to them with errors for people.

use std::sync::Arc;

use super::conditional::{self, Swap};
use super::objects::{ObjectError, Objects, StoredObject, Tag};
use crate::model::ObjectAddress;
use crate::state::{Location, StateError};

/// The objects of one state.
#[derive(Clone, Debug)]
pub(super) struct StatePlace {
    address: ObjectAddress,
    objects: Arc<dyn Objects>,
}

impl StatePlace {
    pub(super) fn new(address: ObjectAddress, objects: Arc<dyn Objects>) -> Self {
        Self { address, objects }
    }

    pub(super) fn objects(&self) -> &dyn Objects {
        &*self.objects
    }

    pub(super) fn state(&self) -> String {
        self.address.key().to_owned()
    }

    pub(super) fn lock(&self) -> String {
        self.beside(".lock")
    }

    pub(super) fn journal(&self) -> String {
        self.beside(".journal")
    }

    pub(super) fn history(&self) -> String {
        self.beside(".history")
    }

    pub(super) fn probe(&self) -> String {
        self.beside(".probe")
    }

    fn beside(&self, ending: &str) -> String {
        format!("{}{ending}", self.address.key())
    }

    /// The address of an object, for people.
    pub(super) fn location(&self, key: &str) -> Location {
        let beside = key.strip_prefix(self.address.key()).unwrap_or_default();
        Location::Object(format!("{}{beside}", self.address).into())
    }

    /// The error of a request about an object.
    pub(super) fn failed(&self, action: &'static str, key: &str, error: &ObjectError) -> StateError {
        let source = std::io::Error::other(error.words().to_owned());
        StateError::Io { action, at: self.location(key), source }
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<StoredObject>, StateError> {
        conditional::get(self.objects(), key).map_err(|error| self.failed("read", key, &error))
    }

    /// See [`conditional::get_until`].
    pub(super) fn get_until(
        &self,
        key: &str,
        is_it: impl Fn(&StoredObject) -> bool,
    ) -> Result<Option<StoredObject>, StateError> {
        conditional::get_until(self.objects(), key, is_it).map_err(|error| self.failed("read", key, &error))
    }

    pub(super) fn tag(&self, key: &str) -> Result<Option<Tag>, StateError> {
        conditional::tag(self.objects(), key).map_err(|error| self.failed("read", key, &error))
    }

    pub(super) fn list(&self, folder: &str, after: &str) -> Result<Vec<String>, StateError> {
        conditional::list(self.objects(), folder, after)
            .map_err(|error| self.failed("list the objects below", folder, &error))
    }

    pub(super) fn remove(&self, key: &str) -> Result<(), StateError> {
        conditional::remove(self.objects(), key).map_err(|error| self.failed("remove", key, &error))
    }

    pub(super) fn create(&self, key: &str, bytes: &[u8]) -> Result<Swap, StateError> {
        conditional::create(self.objects(), key, bytes).map_err(|error| self.failed("write", key, &error))
    }

    pub(super) fn replace(&self, key: &str, tag: &Tag, bytes: &[u8]) -> Result<Swap, StateError> {
        conditional::replace(self.objects(), key, tag, bytes)
            .map_err(|error| self.failed("write", key, &error))
    }

    /// Writes an object whose last known tag is this one, or a new one.
    pub(super) fn swap(&self, key: &str, tag: Option<&Tag>, bytes: &[u8]) -> Result<Swap, StateError> {
        match tag {
            Some(tag) => self.replace(key, tag, bytes),
            None => self.create(key, bytes),
        }
    }
}
