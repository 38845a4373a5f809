//! Ids of the writes of a state, and the list of them that a state carries.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use crate::model::Digest;

/// Identifies one write of a state: random for a run's own, derived for a join (see [`super::join_writes`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WriteId(Uuid);

impl WriteId {
    /// The write with this UUID. The caller provides the randomness.
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The write of a state that does not name it, derived from its contents.
    pub(super) fn of_unnamed(templates: &Digest) -> Self {
        Self::derived(&[b"certctl unnamed write\n", templates.as_str().as_bytes()])
    }

    /// The write that copies this version of a state to another place: a second attempt makes the same one.
    pub fn of_copy(version: Self) -> Self {
        Self::derived(&[b"certctl copied state\n", version.as_bytes()])
    }

    /// A write derived from the same input on every machine.
    pub(super) fn derived(from: &[&[u8]]) -> Self {
        let mut deriving = Deriving::default();
        for part in from {
            deriving.add(part);
        }
        deriving.write()
    }

    /// The bytes of the UUID.
    pub(super) fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl From<WriteId> for String {
    fn from(id: WriteId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for WriteId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Uuid::try_parse(&text).map(Self).map_err(|_| format!("a write is named by a UUID, not by {text:?}"))
    }
}

/// Derives a write from several parts.
#[derive(Clone, Default)]
pub(super) struct Deriving(Sha256);

impl Deriving {
    pub(super) fn add(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    pub(super) fn write(self) -> WriteId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.0.finalize()[..16]);
        WriteId(Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// The last writes that led to a state, the newest last. Empty for a state of an earlier certctl, which did not name
/// its writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Writes(Vec<WriteId>);

impl Writes {
    /// The maximum number of writes that are kept.
    pub const KEPT: usize = 100;

    /// Makes a list of writes, the newest last; the oldest are dropped beyond [`Self::KEPT`].
    pub fn of(ids: Vec<WriteId>) -> Self {
        let mut writes = Self(ids);
        writes.shorten();
        writes
    }

    /// The write that made the state what it is.
    pub fn newest(&self) -> Option<WriteId> {
        self.0.last().copied()
    }

    /// Whether a write led to the state.
    pub fn contains(&self, id: WriteId) -> bool {
        self.0.contains(&id)
    }

    /// All writes that are kept, the newest last.
    pub fn as_slice(&self) -> &[WriteId] {
        &self.0
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the newest write.
    pub fn push(&mut self, id: WriteId) {
        self.0.push(id);
        self.shorten();
    }

    fn shorten(&mut self) {
        let surplus = self.0.len().saturating_sub(Self::KEPT);
        self.0.drain(..surplus);
    }
}

#[cfg(test)]
impl schemars::JsonSchema for WriteId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WriteId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", "description": "Identifies one write of a state." })
    }
}
