//! The requests that a state on shared storage needs. Each is made once; [`super::conditional`] decides what may be
//! repeated. Implemented by [`super::bucket`].

use std::fmt::Debug;
use std::thread::sleep;
use std::time::Duration;

/// A store of objects that compares and swaps.
pub trait Objects: Debug + Send + Sync {
    /// Reads an object.
    fn get(&self, key: &str) -> Result<Option<StoredObject>, ObjectError>;

    /// Asks for the tag of an object.
    fn tag(&self, key: &str) -> Result<Option<Tag>, ObjectError>;

    /// Writes an object if there is none.
    fn create(&self, key: &str, bytes: &[u8]) -> Result<Tag, ObjectError>;

    /// Writes an object if its tag is still this one.
    fn replace(&self, key: &str, tag: &Tag, bytes: &[u8]) -> Result<Tag, ObjectError>;

    /// Removes an object; one that does not exist is removed already.
    fn remove(&self, key: &str) -> Result<(), ObjectError>;

    /// Lists the keys below a folder that come after `after` in the order of their bytes, sorted.
    fn list(&self, folder: &str, after: &str) -> Result<Vec<String>, ObjectError>;

    /// Waits before a request is made again.
    fn pause(&self, time: Duration) {
        sleep(time);
    }
}

/// Identifies the content of an object at one moment, as the store sends it.
#[derive(Clone, Debug)]
pub struct Tag(pub String);

/// Some stores quote a tag in one answer and not in another.
impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.0.trim_matches('"') == other.0.trim_matches('"')
    }
}

/// An object as read.
#[derive(Clone, Debug)]
pub struct StoredObject {
    /// The contents.
    pub bytes: Vec<u8>,
    /// What identifies them.
    pub tag: Tag,
    /// How long ago it was written, in seconds, by two times of the store itself; `None` if the store does not say.
    pub age: Option<i64>,
}

/// Why a request did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectError {
    /// The store says that the condition of a write does not hold, or that another write is in progress.
    Refused,
    /// Whether the request was carried out is not known: an error of the store, or no answer.
    Unclear(String),
    /// The request was not carried out, and would not be if it was repeated.
    Rejected(String),
}

impl ObjectError {
    /// The reason, in words.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Refused => "the object was changed meanwhile",
            Self::Unclear(words) | Self::Rejected(words) => words,
        }
    }
}
