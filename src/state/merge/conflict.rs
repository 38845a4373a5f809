//! What a merge could not decide.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::{Key, NaturalKey, TemplateId};
use crate::state::{Document, Row, StateIdentity};

/// Why two states cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// They belong to different environments or instances.
    #[error(
        "these are states of two environments: {:?} at {} and {:?} at {}", ours.environment, ours.url,
        theirs.environment, theirs.url
    )]
    Identity {
        /// The identity of ours.
        ours: StateIdentity,
        /// The identity of theirs, or of the base.
        theirs: StateIdentity,
    },
    /// They have different lineages.
    #[error(
        "these are not two versions of one state: one has the lineage {ours}, the other {theirs}. Each was begun \
         without the other"
    )]
    Lineage {
        /// The lineage of ours.
        ours: String,
        /// The lineage of theirs, or of the base.
        theirs: String,
    },
}

/// A join that needs decisions of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflicts {
    /// The join without the rows in conflict.
    pub rest: Document,
    /// The rows in conflict, by key.
    pub rows: BTreeMap<Key, RowConflict>,
}

/// A row on which the two states differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowConflict {
    /// Our row; `None` if it was removed or never existed.
    pub ours: Option<Row>,
    /// Their row; `None` if it was removed or never existed.
    pub theirs: Option<Row>,
    /// Why neither can be taken.
    pub reasons: Vec<ConflictReason>,
}

/// Why a row is in conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConflictReason {
    /// Both sides changed it.
    BothChanged,
    /// One side removed it, the other changed it.
    RemovedAndChanged,
    /// Another row has, or may have, the same natural key.
    NaturalKey {
        /// The natural key of both.
        natural_key: NaturalKey,
        /// The key of the other row.
        other: Key,
    },
    /// Another row has the same id.
    Id {
        /// The vendor's id.
        id: TemplateId,
        /// The key of the other row.
        other: Key,
    },
}

impl fmt::Display for ConflictReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BothChanged => f.write_str("both sides changed it"),
            Self::RemovedAndChanged => f.write_str("one side removed it, the other changed it"),
            Self::NaturalKey { natural_key, other } => {
                write!(f, "{other}, on the other side, is for the same resource and audience ({natural_key})")
            }
            Self::Id { id, other } => write!(f, "{other}, on the other side, has the same id ({id})"),
        }
    }
}
