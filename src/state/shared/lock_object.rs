//! The lock of a shared state, as an object: who holds it, and until when. It is never removed; its holder releases it
//! by overwriting it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::journal_notes::JournalNotes;
use super::objects::StoredObject;
use crate::model::Timestamp;
use crate::state::{HeldLock, Holder, LockHolder, LockState, StateError, Writer};

/// Name and version of the format.
const FORMAT: &str = "certctl.lock/v1";

/// The contents of the lock object. A member that a newer version adds is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LockObject {
    pub(super) format: String,
    pub(super) holder: Holder,
    /// The run that holds it, or held it last.
    pub(super) id: Uuid,
    /// Without a sign of life for this long, by the store's clock, the holder is taken to have ended.
    pub(super) lease_seconds: u64,
    /// New for each write.
    pub(super) nonce: Uuid,
    /// The number of the last epoch that was raised under this lock.
    pub(super) epoch: u64,
    /// How many objects the journal of that epoch has at least.
    pub(super) records: u64,
    /// The newest journal that may not be part of the state yet. Absent if there is none, and in locks of early versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) journal: Option<JournalNotes>,
    pub(super) released: bool,
    /// Whether the run released it when it had nothing more to record.
    #[serde(default)]
    pub(super) ended: bool,
    /// Whether the store was seen to compare and swap.
    pub(super) proven: bool,
}

impl LockObject {
    pub(super) fn new(holder: &Holder, lease_seconds: u64) -> Self {
        Self {
            format: FORMAT.to_owned(),
            holder: holder.clone(),
            id: Uuid::new_v4(),
            lease_seconds,
            nonce: Uuid::new_v4(),
            epoch: 0,
            records: 0,
            journal: None,
            released: false,
            ended: false,
            proven: false,
        }
    }

    pub(super) fn read(object: &StoredObject) -> Result<Self, String> {
        let lock: Self = serde_json::from_slice(&object.bytes)
            .map_err(|_| "it is not a lock that this version of certctl knows".to_owned())?;
        if lock.format == FORMAT {
            Ok(lock)
        } else {
            Err("a newer certctl wrote it: use the version that wrote it, or a newer one".to_owned())
        }
    }

    /// What it says of the newest journal that it names.
    pub(super) fn notes(&self) -> Option<JournalNotes> {
        let counted = JournalNotes::counted(self.epoch, self.id, self.records);
        match &self.journal {
            // Until its own first record, a run keeps the notes of the run before.
            Some(notes) if notes.epoch >= self.epoch || self.records == 0 => Some(notes.clone()),
            _ => (self.records > 0).then_some(counted),
        }
    }

    /// The text, with a new nonce.
    pub(super) fn text(&self) -> Result<Vec<u8>, StateError> {
        let mut new = Self { nonce: Uuid::new_v4(), ..self.clone() };
        if let Some(notes) = new.journal.as_mut().filter(|notes| notes.run == self.id) {
            notes.at = Some(now());
        }
        serde_json::to_vec(&new).map_err(|error| StateError::Unwritable { message: error.to_string() })
    }

    /// How many seconds the holder has left; `None` if the lock is free.
    pub(super) fn seconds_left(&self, object: &StoredObject) -> Option<u64> {
        if self.released {
            return None;
        }
        // A store that does not say when an object was written cannot show that a holder has ended.
        let Some(age) = object.age else { return Some(self.lease_seconds) };
        let left = i64::try_from(self.lease_seconds).unwrap_or(i64::MAX).saturating_sub(age);
        u64::try_from(left).ok().filter(|left| *left > 0)
    }

    /// The lock as others see it.
    pub(super) fn lock_state(&self, object: &StoredObject) -> LockState {
        if self.released {
            return LockState::Free;
        }
        let left = self.seconds_left(object);
        let held = HeldLock {
            holder: LockHolder::Run(self.holder.clone()),
            id: self.id.to_string(),
            silent_seconds: object.age.map(|age| u64::try_from(age).unwrap_or_default()),
            seconds_left: Some(left.unwrap_or_default()),
        };
        if left.is_some() { LockState::Held(held) } else { LockState::Expired(held) }
    }

    /// Who is writing, for readers.
    pub(super) fn writer(&self, object: &StoredObject) -> Writer {
        match self.seconds_left(object) {
            Some(_) => Writer::Known(self.holder.clone()),
            None => Writer::Absent,
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(jiff::Timestamp::now().as_second())
}
