//! The epoch of a state on shared storage: one line of its object, which the text of the state itself does not have.
//!
//! A run raises the epoch by compare-and-swap after it took the lock. From then on no earlier holder can save, because
//! the object's tag has changed, and each of them sees that right before its next request.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The line begins like this. A JSON string has no line break, and members of members are indented further.
const LINE: &str = "\n  \"epoch\": ";
/// The member that it comes before.
const NEXT: &str = "\n  \"format\": ";

/// Whether an object may have the line.
pub(in crate::state) fn has_epoch(object: &[u8]) -> bool {
    memchr::memmem::find(object, LINE.as_bytes()).is_some()
}

/// Which run may write a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::state) struct Epoch {
    /// New for each write, so that no two objects have the same contents.
    pub(in crate::state) nonce: Uuid,
    /// Counts the runs that took the lock, from 1; 0 if none did since the object was written.
    pub(in crate::state) number: u64,
    /// The run.
    pub(in crate::state) run: Uuid,
    /// Every journal up to the one of this epoch is part of the state.
    pub(in crate::state) sealed: u64,
    /// The journal that an earlier run left and that is not part of the state yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::state) left: Option<LeftJournal>,
}

/// A journal whose run can record nothing more, unless it was unlocked and no other run has followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::state) struct LeftJournal {
    /// The epoch of the run.
    pub(in crate::state) number: u64,
    /// The run.
    pub(in crate::state) run: Uuid,
    /// How many objects it has; 0 if its run may still add some.
    pub(in crate::state) records: u64,
}

impl Epoch {
    /// The epoch of an object without the line: written by hand, or missing.
    pub(in crate::state) fn none() -> Self {
        Self { nonce: Uuid::nil(), number: 0, run: Uuid::nil(), sealed: 0, left: None }
    }

    /// The epoch once every journal up to the one of this epoch is part of the state.
    pub(in crate::state) fn sealed_to(&self, sealed: u64) -> Self {
        let left = self.left.filter(|left| left.number > sealed);
        Self { sealed, left, ..self.clone() }
    }

    /// The epoch in an object, and the text of the state. An epoch that cannot be read stays in the text, which then
    /// is not a state that this version knows.
    pub(in crate::state) fn split(object: Vec<u8>) -> (Self, Vec<u8>) {
        let Some(start) = memchr::memmem::find(&object, LINE.as_bytes()) else {
            return (Self::none(), object);
        };
        let value = start + LINE.len();
        let mut values = serde_json::Deserializer::from_slice(&object[value..]).into_iter();
        let Some(Ok(epoch)) = values.next() else { return (Self::none(), object) };
        let end = value + values.byte_offset();
        if object.get(end) != Some(&b',') {
            return (Self::none(), object);
        }
        let mut text = object;
        text.drain(start..=end);
        (epoch, text)
    }

    /// The object for the text of a state, with a new nonce.
    pub(super) fn joined(&self, text: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let line = serde_json::to_string(&Self { nonce: Uuid::new_v4(), ..self.clone() })?;
        // A text that another program laid out anew has the member at its beginning.
        let place = memchr::memmem::find(text, NEXT.as_bytes()).unwrap_or(1);
        let (before, after) = text.split_at(place.min(text.len()));
        Ok([before, LINE.as_bytes(), line.as_bytes(), b",", after].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::state::{Document, StateIdentity};

    proptest! {
        #[test]
        fn epoch_and_text_come_apart_again(
            name in "(\\PC|\n  \"epoch\": |\n  \"format\": |\"){0,8}", number: u64, sealed: u64,
        ) {
            let identity = StateIdentity { environment: name.clone(), url: name.clone() };
            let text = Document::empty(&identity, name).to_text().unwrap().into_bytes();
            let epoch = Epoch { nonce: Uuid::nil(), number, run: Uuid::new_v4(), sealed, left: None };
            let object = epoch.joined(&text).unwrap();
            prop_assert_ne!(&object, &epoch.joined(&text).unwrap());
            let (found, rest) = Epoch::split(object);
            prop_assert_eq!(Epoch { nonce: Uuid::nil(), ..found }, epoch.clone());
            prop_assert_eq!(&rest, &text);
            prop_assert_eq!(Epoch::split(text.clone()), (Epoch::none(), text.clone()));
            let compact: serde_json::Value = serde_json::from_slice(&text).unwrap();
            let compact = compact.to_string().into_bytes();
            prop_assert_eq!(Epoch::split(epoch.joined(&compact).unwrap()).1, compact);
        }
    }
}
