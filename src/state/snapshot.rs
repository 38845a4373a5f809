//! Document and journal as they were at one moment.

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

/// How a journal relates to the document beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalFit {
    /// There is no journal, or nothing was recorded in it.
    None,
    /// Its records are yet to become part of the document.
    Unfolded,
    /// They are part of it already: the crash came after the document was written.
    Folded,
    /// The document is neither the one it began with nor the one it led to.
    Foreign {
        /// The serial it began with.
        expected: u64,
    },
}

impl Snapshot {
    /// How the journal relates to the document.
    pub fn fit(&self) -> JournalFit {
        let Some(Record::Open { base, serial, .. }) = self.journal.first() else {
            return JournalFit::None;
        };
        let folded = self.journal.iter().rev().find_map(|record| match record {
            Record::Fold { digest, .. } => Some(digest),
            _ => None,
        });
        if *base == self.version {
            JournalFit::Unfolded
        } else if folded.is_some() && folded == self.version.as_ref() {
            JournalFit::Folded
        } else {
            JournalFit::Foreign { expected: *serial }
        }
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
