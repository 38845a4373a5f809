//! Objects in memory, with faults, for tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use super::objects::{ObjectError, Objects, StoredObject, Tag};

/// What goes wrong with one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteFault {
    /// It is carried out, and the store says that it has failed.
    ErrorAfterWrite,
    /// It is not carried out, and the caller cannot tell.
    ErrorBeforeWrite,
    /// The store says that another write is in progress (409).
    Conflict,
    /// It is not allowed.
    Forbidden,
}

#[derive(Debug, Default)]
pub(super) struct InMemory {
    inner: Mutex<MemoryContents>,
    /// Whether conditions are ignored.
    is_unconditional: bool,
}

#[derive(Debug, Default)]
struct MemoryContents {
    objects: BTreeMap<String, (Vec<u8>, u64, i64)>,
    writes: u64,
    writes_of_the_run: u64,
    now: i64,
    /// What goes wrong with the next writes.
    faults: VecDeque<Option<WriteFault>>,
}

impl InMemory {
    /// A store that ignores conditions.
    pub(super) fn unconditional() -> Self {
        Self { is_unconditional: true, ..Self::default() }
    }

    fn inner(&self) -> MutexGuard<'_, MemoryContents> {
        self.inner.lock().unwrap()
    }

    /// Lets this go wrong with the next write.
    pub(super) fn next_write(&self, fault: WriteFault) {
        self.next_write_after(0, fault);
    }

    /// Lets this go wrong with the write that comes after this many.
    pub(super) fn next_write_after(&self, writes: usize, fault: WriteFault) {
        let mut inner = self.inner();
        inner.faults.extend(std::iter::repeat_n(None, writes));
        inner.faults.push_back(Some(fault));
    }

    /// Lets time pass.
    pub(super) fn passes(&self, seconds: i64) {
        self.inner().now += seconds;
    }

    pub(super) fn remove(&self, key: &str) {
        self.inner().objects.remove(key);
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.inner().objects.keys().cloned().collect()
    }

    /// How many writes were asked for, other than of the lock, which is written beside the run.
    pub(super) fn writes_of_the_run(&self) -> u64 {
        self.inner().writes_of_the_run
    }

    fn write(&self, key: &str, expected: Option<&Tag>, bytes: &[u8]) -> Result<Tag, ObjectError> {
        let mut inner = self.inner();
        inner.writes += 1;
        inner.writes_of_the_run += u64::from(!key.ends_with("lock"));
        let fault = inner.faults.pop_front().flatten();
        match fault {
            Some(WriteFault::ErrorBeforeWrite) => return Err(ObjectError::Unclear("cut".to_owned())),
            Some(WriteFault::Conflict) => return Err(ObjectError::Refused),
            Some(WriteFault::Forbidden) => return Err(ObjectError::Rejected("not allowed".to_owned())),
            Some(WriteFault::ErrorAfterWrite) | None => {}
        }
        let there = inner.objects.get(key).map(|(_, version, _)| version.to_string());
        if there.as_deref() != expected.map(|tag| tag.0.as_str()) && !self.is_unconditional {
            return Err(ObjectError::Refused);
        }
        let (version, now) = (inner.writes, inner.now);
        inner.objects.insert(key.to_owned(), (bytes.to_vec(), version, now));
        if fault == Some(WriteFault::ErrorAfterWrite) {
            return Err(ObjectError::Unclear("503".to_owned()));
        }
        Ok(Tag(version.to_string()))
    }
}

impl Objects for InMemory {
    fn get(&self, key: &str) -> Result<Option<StoredObject>, ObjectError> {
        let inner = self.inner();
        Ok(inner.objects.get(key).map(|(bytes, version, at)| StoredObject {
            bytes: bytes.clone(),
            tag: Tag(version.to_string()),
            age: Some(inner.now - at),
        }))
    }

    fn tag(&self, key: &str) -> Result<Option<Tag>, ObjectError> {
        Ok(self.inner().objects.get(key).map(|(_, version, _)| Tag(version.to_string())))
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Result<Tag, ObjectError> {
        self.write(key, None, bytes)
    }

    fn replace(&self, key: &str, tag: &Tag, bytes: &[u8]) -> Result<Tag, ObjectError> {
        self.write(key, Some(tag), bytes)
    }

    fn remove(&self, key: &str) -> Result<(), ObjectError> {
        Self::remove(self, key);
        Ok(())
    }

    fn list(&self, folder: &str, after: &str) -> Result<Vec<String>, ObjectError> {
        let below = |key: &&String| {
            key.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')) && key.as_str() > after
        };
        Ok(self.inner().objects.keys().filter(below).cloned().collect())
    }
}
