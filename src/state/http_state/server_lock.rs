//! Holds the lock on a server for the length of a run. Such a lock has no end of its own: the run releases it, or a
//! person does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::exchange::{Failed, LockRequest};
use super::lock_info::LockInfo;
use super::requests::StateServer;
use super::settings::LockPlace;
use crate::crash::{Point, reach};
use crate::state::Holder;
use crate::state::process_locks::ProcessLocks;

/// The pause between two attempts to get a lock that another run holds.
const PAUSE: Duration = Duration::from_secs(1);

/// The locks that this process holds.
static HELD: ProcessLocks<LockShared> = ProcessLocks::new();

/// Releases the locks on servers that this process holds, for a process that ends at once. Waits for it at most this long.
pub(in crate::state) fn release_now(limit: Duration) {
    HELD.release(limit, LockShared::release);
}

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct ServerLock(Arc<LockShared>);

#[derive(Debug)]
struct LockShared {
    server: Arc<StateServer>,
    place: LockPlace,
    info: LockInfo,
    is_released: Mutex<bool>,
    is_lost: AtomicBool,
}

/// Why there is no lock.
#[derive(Debug)]
pub(super) enum NoLock {
    /// Another run holds it. What the server says of it, if it does.
    Held(Option<Box<LockInfo>>),
    /// It cannot be had.
    Failed(Failed),
}

impl ServerLock {
    /// Takes the lock, waiting at most `wait` for another run to end.
    pub(super) fn take(
        server: &Arc<StateServer>,
        holder: &Holder,
        environment: &str,
        wait: Duration,
    ) -> Result<Self, NoLock> {
        let began = Instant::now();
        let info = LockInfo::new(holder, Uuid::new_v4(), environment);
        loop {
            match server.lock(&info).map_err(NoLock::Failed)? {
                LockRequest::Taken(place) => {
                    reach(Point::LockTaken);
                    return Ok(Self::begin(server, place, info));
                }
                LockRequest::Held(other, _) if began.elapsed() >= wait => {
                    return Err(NoLock::Held(other.map(Box::new)));
                }
                LockRequest::Held(..) => sleep(PAUSE.min(wait.saturating_sub(began.elapsed()))),
            }
        }
    }

    fn begin(server: &Arc<StateServer>, place: LockPlace, info: LockInfo) -> Self {
        let shared = Arc::new(LockShared {
            server: Arc::clone(server),
            place,
            info,
            is_released: Mutex::new(false),
            is_lost: AtomicBool::new(false),
        });
        HELD.add(&shared);
        Self(shared)
    }

    /// The id of the lock.
    pub(super) fn id(&self) -> &str {
        &self.0.info.id
    }

    /// Notes that the lock is another run's by now, or nobody's: it is not released then.
    pub(super) fn is_lost_now(&self) {
        self.0.is_lost.store(true, Ordering::SeqCst);
    }

    /// Whether the lock is known to be lost.
    pub(super) fn is_lost(&self) -> bool {
        self.0.is_lost.load(Ordering::SeqCst)
    }
}

impl Drop for ServerLock {
    fn drop(&mut self) {
        self.0.release();
        reach(Point::LockCleared);
    }
}

impl LockShared {
    fn is_released(&self) -> MutexGuard<'_, bool> {
        self.is_released.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn release(&self) {
        let mut is_released = self.is_released();
        if !*is_released && !self.is_lost.load(Ordering::SeqCst) {
            *is_released = true;
            self.server.unlock(&self.place, &self.info);
        }
    }
}
