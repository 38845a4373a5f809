//! The history of resolutions of a row: kept so that a mistake can be traced later.

use serde::{Deserialize, Deserializer, Serialize};

use super::Resolution;
use crate::model::{NaturalKey, TemplateId, Timestamp};

/// The maximum number kept for each row: more come from a script by mistake, and the last ones show that.
const MAX_KEPT: usize = 20;

/// A resolution as the row keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolutionRecord {
    /// The kind of resolution.
    #[serde(rename = "as")]
    pub how: ResolutionKind,
    /// When it was made.
    pub at: Timestamp,
    /// The id that the person or the vendor's export named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<TemplateId>,
    /// What a deleted template was for. Absent in all other resolutions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub natural_key: Option<NaturalKey>,
}

/// What a person or an export said about a template whose outcome was not known, as the state file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResolutionKind {
    /// It was created, with this id.
    Created,
    /// It was not created: the next apply may send it.
    NotCreated,
    /// The server holds what was sent.
    Applied,
    /// It exists, with this id.
    Exists,
    /// A person asked for it to be sent again.
    Resend,
    /// The server was seen to have deleted it, at this time at the latest. Its id is never taken for another template.
    Deleted,
}

impl ResolutionRecord {
    fn new(resolution: &Resolution, at: Timestamp) -> Self {
        let (how, id) = match resolution {
            Resolution::Created { id } => (ResolutionKind::Created, Some(id.clone())),
            Resolution::Exists { id } => (ResolutionKind::Exists, Some(id.clone())),
            Resolution::NotCreated => (ResolutionKind::NotCreated, None),
            Resolution::Applied => (ResolutionKind::Applied, None),
            Resolution::Resend => (ResolutionKind::Resend, None),
        };
        Self { how, at, id, natural_key: None }
    }
}

/// Adds a resolution to those of a row.
pub(super) fn add(kept: &mut Vec<ResolutionRecord>, resolution: &Resolution, at: Timestamp) {
    keep(kept, ResolutionRecord::new(resolution, at));
}

/// Adds the deletion of a template to the resolutions of its row.
pub(super) fn add_deletion(
    kept: &mut Vec<ResolutionRecord>,
    id: Option<TemplateId>,
    natural_key: Option<NaturalKey>,
    at: Timestamp,
) {
    keep(kept, ResolutionRecord { how: ResolutionKind::Deleted, at, id, natural_key });
}

fn keep(kept: &mut Vec<ResolutionRecord>, record: ResolutionRecord) {
    kept.push(record);
    kept.drain(..kept.len().saturating_sub(MAX_KEPT));
}

/// Joins the resolutions of two versions of a row, sorted by time.
pub(super) fn join(ours: &[ResolutionRecord], theirs: &[ResolutionRecord]) -> Vec<ResolutionRecord> {
    let mut all: Vec<ResolutionRecord> = ours.to_vec();
    all.extend(theirs.iter().filter(|record| !ours.contains(record)).cloned());
    // Sorted by their whole content, so that the order of the two sides does not matter.
    all.sort_by_cached_key(|record| {
        (record.at, record.how as u8, record.id.as_ref().map(|id| id.as_str().to_owned()))
    });
    all.drain(..all.len().saturating_sub(MAX_KEPT));
    all
}

/// Reads the resolutions of a row. Earlier versions kept only the last one.
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
