//! The templates that were seen to be deleted, as far as the state remembers. An export that was made before still shows
//! them alive. A row remembers its own; what a forgotten row remembered stays in the document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Document, Row};
use crate::model::{TemplateId, Timestamp};

/// The maximum number that is kept of forgotten rows. Exports are seldom older than the last thousand deletions.
const MAX_KEPT: usize = 1000;

/// The ids of deleted templates that no row has any more, each with the time at which it was seen to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DeletedIds(BTreeMap<TemplateId, Timestamp>);

impl DeletedIds {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds these. The oldest ones are dropped if there are too many.
    pub(super) fn remember(&mut self, deletions: impl IntoIterator<Item = (TemplateId, Timestamp)>) {
        for (id, at) in deletions {
            let known = self.0.entry(id).or_insert(at);
            *known = at.max(*known);
        }
        while self.0.len() > MAX_KEPT {
            let oldest = self.0.iter().min_by_key(|(id, at)| (**at, *id)).map(|(id, _)| id.clone());
            let Some(oldest) = oldest else { return };
            self.0.remove(&oldest);
        }
    }

    /// What two states remember together.
    pub(super) fn joined(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        joined.remember(other.0.clone());
        joined
    }
}

impl Document {
    /// Every template that was seen to be deleted, and when. One may be named more than once.
    pub fn deletions(&self) -> impl Iterator<Item = (&TemplateId, Timestamp)> {
        let of_rows = self.templates.values().flat_map(of_row);
        of_rows.chain(self.deleted_ids.0.iter().map(|(id, at)| (id, *at)))
    }

    /// Keeps what a row remembers that is about to be forgotten.
    pub(super) fn keep_deletions(&mut self, row: &Row) {
        self.deleted_ids.remember(of_row(row).map(|(id, at)| (id.clone(), at)));
    }
}

fn of_row(row: &Row) -> impl Iterator<Item = (&TemplateId, Timestamp)> {
    row.deletions().filter_map(|deletion| Some((deletion.id.as_ref()?, deletion.at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deletion(number: usize) -> (TemplateId, Timestamp) {
        let id = TemplateId::from(format!("8f14e45f-ceea-467f-a0e6-{number:012}"));
        (id, Timestamp::from_unix_seconds(i64::try_from(number).unwrap()))
    }

    #[test]
    fn the_newest_thousand_are_kept() {
        let mut ids = DeletedIds::default();
        ids.remember((0..MAX_KEPT + 5).map(deletion));
        assert_eq!(ids.0.len(), MAX_KEPT);
        assert!(!ids.0.contains_key(&deletion(4).0) && ids.0.contains_key(&deletion(5).0));
        ids.remember([(deletion(9).0, deletion(3).1)]);
        assert_eq!(ids.0[&deletion(9).0], deletion(9).1, "a later time counts");
    }
}
