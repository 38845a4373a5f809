//! Document and journal as they were at one moment.

use super::journal_fit::{self, JournalFit};
use super::{Document, Record, Replay, Version};

/// What a store held when it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The document; nothing before the first apply.
    pub document: Option<Document>,
    /// Its version.
    pub version: Version,
    /// The journal of a run that is going on or was interrupted; empty where there is none.
    pub journal: Vec<Record>,
}

impl Snapshot {
    /// How the journal relates to the document.
    pub fn fit(&self) -> JournalFit {
        journal_fit::fit(&self.journal, self.document.as_ref(), &self.version)
    }

    /// The document with an unfinished journal taken into account, its serial unchanged: what a plan compares with.
    /// Nothing before the first apply. A journal that does not fit is an error of the caller's store.
    pub fn effective(self) -> Result<Option<Document>, JournalFit> {
        match self.fit() {
            JournalFit::None | JournalFit::Folded => Ok(self.document),
            fit @ JournalFit::Foreign { .. } => Err(fit),
            JournalFit::Unfolded => {
                let Some((open, records)) = self.journal.split_first() else { return Ok(self.document) };
                let mut replay = Replay::begin(self.document, open);
                for record in records {
                    replay.record(record);
                }
                Ok(Some(replay.finish()))
            }
        }
    }
}
