//! The templates that the state knows to be deleted. An older export still shows them alive.

use std::collections::HashMap;

use super::{Observed, StaleContents};
use crate::model::{TemplateId, Timestamp};
use crate::state::Document;

/// When each template was seen to be deleted, as far as a state remembers.
pub(super) struct Deletions<'a>(HashMap<&'a TemplateId, Timestamp>);

impl<'a> Deletions<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let mut deletions = HashMap::new();
        for (id, deleted_at) in document.deletions() {
            let at = deletions.entry(id).or_insert(deleted_at);
            *at = deleted_at.max(*at);
        }
        Self(deletions)
    }

    /// When this template was deleted, unless what was seen of it is newer: then it is there again. Both times are of
    /// the vendor's clock.
    pub(super) fn of_seen(&self, found: &Observed) -> Option<Timestamp> {
        let at = *self.0.get(&found.id)?;
        (!found.as_of.time().is_ok_and(|seen| seen > at)).then_some(at)
    }

    /// Fails if what was seen of this template is older than its deletion.
    pub(super) fn check(&self, found: &Observed) -> Result<(), StaleContents> {
        match self.of_seen(found) {
            Some(_) => Err(found.as_of.time().map_or_else(|stale| stale, StaleContents::Older)),
            None => Ok(()),
        }
    }
}
