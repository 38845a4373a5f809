//! What a merge could not decide.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::{Key, NaturalKey, TemplateId};
use crate::state::{Document, Row, StateIdentity};

/// Why two states are not merged at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// They belong to different environments or instances.
    #[error(
        "these are states of two environments: {:?} at {} and {:?} at {}", ours.environment, ours.url,
        theirs.environment, theirs.url
    )]
    Owner {
        /// Ours.
        ours: StateIdentity,
        /// Theirs, or that of the base.
        theirs: StateIdentity,
    },
    /// Neither is a version of the other.
    #[error(
        "these are not two versions of one state: one has the lineage {ours}, the other {theirs}. Each was begun \
         without the other"
    )]
    Lineage {
        /// Ours.
        ours: String,
        /// Theirs, or that of the base.
        theirs: String,
    },
}

/// A join that waits for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflicts {
    /// The join without the rows that clash.
    pub rest: Document,
    /// The rows that clash, by key.
    pub rows: BTreeMap<Key, RowConflict>,
}

/// A row of which the two states say different things.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowConflict {
    /// Ours; nothing where it was removed, or is not there.
    pub ours: Option<Row>,
    /// Theirs.
    pub theirs: Option<Row>,
    /// Why neither can be taken.
    pub reasons: Vec<ConflictReason>,
}

/// Why a row clashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConflictReason {
    /// Both sides changed it.
    BothChanged,
    /// One side removed it, the other changed it.
    RemovedAndChanged,
    /// Another row is for the same resource and audience, or may be.
    NaturalKey {
        /// What both are for.
        natural_key: NaturalKey,
        /// The other row.
        other: Key,
    },
    /// Another row has the same id.
    Id {
        /// The id.
        id: TemplateId,
        /// The other row.
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
