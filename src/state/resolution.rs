//! What people said of attempts whose outcome was not known: kept, so that it can be looked up when it turns out to
//! have been a mistake.

use serde::{Deserialize, Deserializer, Serialize};

use super::Resolution;
use crate::model::{TemplateId, Timestamp};

/// So many settlements of one row are kept: more are an accident of a script, and the last ones tell of it.
const MOST: usize = 20;

/// A settlement as the row keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolutionRecord {
    /// As what.
    #[serde(rename = "as")]
    pub how: ResolutionKind,
    /// When.
    pub at: Timestamp,
    /// The id that the person named, or the vendor's export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<TemplateId>,
}

/// The word for a [`Resolution`] in the state file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolutionKind {
    /// See [`Resolution::Created`].
    Created,
    /// See [`Resolution::NotCreated`].
    NotCreated,
    /// See [`Resolution::Applied`].
    Applied,
    /// See [`Resolution::Exists`].
    Exists,
    /// See [`Resolution::Resend`].
    Resend,
}

impl ResolutionRecord {
    fn new(settlement: &Resolution, at: Timestamp) -> Self {
        let (how, id) = match settlement {
            Resolution::Created { id } => (ResolutionKind::Created, Some(id.clone())),
            Resolution::Exists { id } => (ResolutionKind::Exists, Some(id.clone())),
            Resolution::NotCreated => (ResolutionKind::NotCreated, None),
            Resolution::Applied => (ResolutionKind::Applied, None),
            Resolution::Resend => (ResolutionKind::Resend, None),
        };
        Self { how, at, id }
    }
}

/// Adds a settlement to those that a row keeps.
pub(super) fn add(kept: &mut Vec<ResolutionRecord>, settlement: &Resolution, at: Timestamp) {
    kept.push(ResolutionRecord::new(settlement, at));
    kept.drain(..kept.len().saturating_sub(MOST));
}

/// The settlements of two versions of a row, in the order of time.
pub(super) fn join(ours: &[ResolutionRecord], theirs: &[ResolutionRecord]) -> Vec<ResolutionRecord> {
    let mut all: Vec<ResolutionRecord> = ours.to_vec();
    all.extend(theirs.iter().filter(|settled| !ours.contains(settled)).cloned());
    // By all that is in them, so that the order in which the two are named does not matter.
    all.sort_by_cached_key(|settled| {
        (settled.at, settled.how as u8, settled.id.as_ref().map(|id| id.as_str().to_owned()))
    });
    all.drain(..all.len().saturating_sub(MOST));
    all
}

/// Reads the settlements of a row. Earlier versions kept the last one, by itself.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ResolutionRecord>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Last(ResolutionRecord),
        All(Vec<ResolutionRecord>),
    }
    Ok(match Option::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Kept::Last(last)) => vec![last],
        Some(Kept::All(all)) => all,
    })
}
