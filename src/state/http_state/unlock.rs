//! The lock of another run: whose it is, and its release at a person's word. The protocol tells the holder only to whoever
//! asks for the lock.

use std::time::Duration;

use uuid::Uuid;

use super::HttpStore;
use super::exchange::LockRequest;
use super::lock_info::LockInfo;
use crate::model::Timestamp;
use crate::state::{HeldLock, Holder, LockError, LockHolder, LockState, StateError, Store as _, Unlocking};

impl HttpStore {
    /// The lock as it is now. Takes it for a moment if it is free.
    pub fn lock_state(&self) -> Result<LockState, StateError> {
        let (server, info) = (self.server()?, self.question());
        Ok(match server.lock(&info).map_err(|error| self.failed("lock", error))? {
            LockRequest::Taken(place) => {
                server.unlock(&place, &info);
                LockState::Free
            }
            LockRequest::Held(said, _) => LockState::Held(self.held_lock(said.as_ref())),
        })
    }

    /// Releases the lock of the run with this id, and writes the document anew: right before its next request, that run
    /// sees that it is not as it left it. The journal stays in the document, and the next run replays it.
    pub fn unlock(&self, id: &str) -> Result<Unlocking, StateError> {
        let (server, info) = (self.server()?, self.question());
        match server.lock(&info).map_err(|error| self.failed("lock", error))? {
            LockRequest::Taken(place) => {
                server.unlock(&place, &info);
                return Ok(Unlocking::NotHeld(LockState::Free));
            }
            LockRequest::Held(Some(said), place) if said.id == id => {
                if !server.unlock(&place, &said) {
                    return Ok(Unlocking::NotHeld(self.lock_state()?));
                }
            }
            LockRequest::Held(said, _) => {
                return Ok(Unlocking::NotHeld(LockState::Held(self.held_lock(said.as_ref()))));
            }
        }
        match self.lock(&asking(), Duration::ZERO) {
            Ok(mut guard) => guard.renew(self)?,
            // A run that was faster writes the document itself.
            Err(StateError::Lock(LockError::Leased { .. })) => {}
            Err(error) => return Err(error),
        }
        Ok(Unlocking::Released)
    }

    /// The lock that a server describes.
    pub(super) fn held_lock(&self, said: Option<&LockInfo>) -> HeldLock {
        let holder = match said {
            None => LockHolder::Other("a run that the server does not name".into()),
            Some(said) => match self.run_of(said) {
                Some(holder) => LockHolder::Run(holder),
                None => LockHolder::Other(said.words().into()),
            },
        };
        let id = said.map(|said| said.id.clone()).unwrap_or_default();
        HeldLock { holder, id, silent_seconds: None, seconds_left: None }
    }

    /// The run of certctl that holds this lock, from the lock itself or from what that run has written.
    fn run_of(&self, said: &LockInfo) -> Option<Holder> {
        said.holder().or_else(|| {
            let mark = self.stored().ok()??.mark;
            mark.holder.filter(|_| mark.epoch.run.to_string() == said.id)
        })
    }

    fn question(&self) -> LockInfo {
        LockInfo::new(&asking(), Uuid::new_v4(), &self.claim.identity.environment)
    }
}

/// Who asks for a lock to look at it, or for a moment.
pub(super) fn asking() -> Holder {
    Holder {
        who: "certctl".to_owned(),
        host: String::new(),
        pid: std::process::id(),
        operation: "state unlock".to_owned(),
        run_url: None,
        since: Timestamp::from_unix_seconds(jiff::Timestamp::now().as_second()),
    }
}
