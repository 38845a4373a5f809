//! The locks of shared states that this process holds, so that a process that ends at once can release them first. Which
//! locks there are, and how one is released, is known to the stores.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::Builder;
use std::time::Duration;

/// The locks of one kind that this process holds: two while it moves a state.
#[derive(Debug)]
pub(super) struct ProcessLocks<T>(Mutex<Vec<Weak<T>>>);

impl<T: Send + Sync + 'static> ProcessLocks<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Adds a lock; it counts until it is dropped.
    pub(super) fn add(&self, lock: &Arc<T>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|other| other.strong_count() > 0);
        held.push(Arc::downgrade(lock));
    }

    /// Releases all of them at the same time, and waits for it at most this long.
    pub(super) fn release(&self, limit: Duration, release: fn(&T)) {
        let held = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let (done, released) = channel::<()>();
        for lock in held.iter().filter_map(Weak::upgrade) {
            let done = done.clone();
            let release = move || {
                release(&lock);
                drop(done);
            };
            // Without a thread, this lock ends with its lease, or a person releases it.
            let _ = Builder::new().name("release".to_owned()).spawn(release);
        }
        drop(done);
        // Either error means that the wait is over.
        let _ = released.recv_timeout(limit);
    }
}
