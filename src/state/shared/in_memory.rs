//! Objects in memory, with faults, for tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::objects::{ObjectError, Objects, StoredObject, Tag};

/// What goes wrong with one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFault {
    /// It is carried out, and the store says that it has failed.
    ErrorAfterWrite,
    /// It is not carried out, and the caller cannot tell.
    ErrorBeforeWrite,
    /// The store says that another write is in progress (409).
    Conflict,
    /// It is not allowed.
    Forbidden,
    /// Every process is killed before it.
    Killed,
}

/// A bucket.
#[derive(Debug, Default)]
pub struct InMemory {
    inner: Mutex<MemoryContents>,
    /// Whether conditions are ignored.
    is_unconditional: bool,
    /// How often processes were killed.
    killed: AtomicU64,
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
    pub fn unconditional() -> Self {
        Self { is_unconditional: true, ..Self::default() }
    }

    fn inner(&self) -> MutexGuard<'_, MemoryContents> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets this go wrong with the next write.
    pub fn next_write(&self, fault: WriteFault) {
        self.next_write_after(0, fault);
    }

    /// Lets this go wrong with the write that comes after this many.
    pub fn next_write_after(&self, writes: usize, fault: WriteFault) {
        let mut inner = self.inner();
        inner.faults.extend(std::iter::repeat_n(None, writes));
        inner.faults.push_back(Some(fault));
    }

    /// Lets nothing go wrong with further writes.
    pub fn clear_faults(&self) {
        self.inner().faults.clear();
    }

    /// The same objects, for reads that are out of date.
    #[must_use]
    pub fn copy(&self) -> Self {
        let there = self.inner();
        let (objects, writes, now) = (there.objects.clone(), there.writes, there.now);
        let inner = MemoryContents { objects, writes, now, ..MemoryContents::default() };
        Self { inner: Mutex::new(inner), ..Self::default() }
    }

    /// Ends every process that has begun so far.
    pub fn kill_all(&self) {
        self.killed.fetch_add(1, Ordering::SeqCst);
    }

    /// The time of the bucket, in seconds.
    pub fn now(&self) -> i64 {
        self.inner().now
    }

    /// Lets time pass.
    pub fn passes(&self, seconds: i64) {
        self.inner().now += seconds;
    }

    /// Somebody removes an object.
    pub fn remove(&self, key: &str) {
        self.inner().objects.remove(key);
    }

    /// The keys of all objects, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.inner().objects.keys().cloned().collect()
    }

    /// How many writes were asked for, other than of the lock, which is written beside the run.
    pub fn writes_of_the_run(&self) -> u64 {
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
            Some(WriteFault::Killed) => {
                self.kill_all();
                return Err(ObjectError::Rejected("killed".to_owned()));
            }
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

/// A process's connection to a bucket.
#[derive(Debug)]
pub struct KillableProcess {
    bucket: Arc<InMemory>,
    /// How many processes had been killed when this one began.
    began: u64,
}

impl KillableProcess {
    /// A process that begins now.
    pub fn to(bucket: &Arc<InMemory>) -> Arc<Self> {
        Arc::new(Self { bucket: Arc::clone(bucket), began: bucket.killed.load(Ordering::SeqCst) })
    }

    fn bucket(&self) -> Result<&InMemory, ObjectError> {
        let is_alive = self.began == self.bucket.killed.load(Ordering::SeqCst);
        if is_alive { Ok(&self.bucket) } else { Err(ObjectError::Rejected("killed".to_owned())) }
    }
}

impl Objects for KillableProcess {
    fn get(&self, key: &str) -> Result<Option<StoredObject>, ObjectError> {
        self.bucket()?.get(key)
    }

    fn tag(&self, key: &str) -> Result<Option<Tag>, ObjectError> {
        self.bucket()?.tag(key)
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Result<Tag, ObjectError> {
        self.bucket()?.create(key, bytes)
    }

    fn replace(&self, key: &str, tag: &Tag, bytes: &[u8]) -> Result<Tag, ObjectError> {
        self.bucket()?.replace(key, tag, bytes)
    }

    fn remove(&self, key: &str) -> Result<(), ObjectError> {
        Objects::remove(self.bucket()?, key)
    }

    fn list(&self, folder: &str, after: &str) -> Result<Vec<String>, ObjectError> {
        self.bucket()?.list(folder, after)
    }

    fn pause(&self, _: Duration) {}
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

    fn pause(&self, _: Duration) {}
}
