//! A document and its journal, read at one moment. Stores return it.

use super::journal_fit::{self, JournalFit};
use std::path::Path;

use super::{BlobId, Document, Record, Replay, Version, lost_journal, parse_state};
use crate::model::Digest;

/// The contents of a store when it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The document; `None` before the first apply.
    pub document: Option<Document>,
    /// The version of the document.
    pub version: Version,
    /// Git's id of the document's bytes, if it is a file in a repository.
    pub blob: Option<BlobId>,
    /// The journal of a run that is in progress or was interrupted; empty if there is none.
    pub journal: Vec<Record>,
}

impl Snapshot {
    /// How the journal relates to the document.
    pub fn fit(&self) -> JournalFit {
        journal_fit::fit(&self.journal, self.document.as_ref(), &self.version)
    }

    /// The objects of a shared journal that are missing, if any are.
    pub fn lost_objects(&self) -> &[String] {
        let lost = self.journal.iter().find_map(|record| match record {
            Record::Lost { objects, .. } => Some(objects.as_slice()),
            _ => None,
        });
        lost.unwrap_or_default()
    }

    /// Whether a state's text differs from this document although the same write made both. `path` is for errors. A
    /// document that a journal changes is compared by its writes only.
    pub fn contradicts(&self, path: &Path, text: &[u8]) -> bool {
        let Some(own) = self.document.as_ref().filter(|_| self.version.as_ref() != Some(&Digest::of(text)))
        else {
            return false;
        };
        parse_state(path, text).map_or(true, |other| {
            own.writes.newest() == other.writes.newest() && own.templates != other.templates
        })
    }

    /// The document with the records of a journal that does not fit it; `None` if the journal fits or is empty.
    pub fn foreign(&self) -> Option<Document> {
        match self.fit() {
            JournalFit::Foreign { .. } => {
                let with_it = lost_journal::with_records(self.document.as_ref(), &self.journal);
                with_it
                    .or_else(|| self.document.clone())
                    .or_else(|| Some(Replay::begin(None, self.journal.first()?).finish()))
            }
            JournalFit::None | JournalFit::Checkpointed | JournalFit::Open => None,
        }
    }

    /// The document including an unfinished journal, with its serial unchanged: plans compare with it. `None` before
    /// the first apply. A journal that does not fit is returned as the error.
    pub fn effective(self) -> Result<Option<Document>, JournalFit> {
        self.with_journal(Replay::finish)
    }

    /// The same while another run writes the journal: what that run is sending now does not count as interrupted.
    pub fn effective_so_far(self) -> Result<Option<Document>, JournalFit> {
        self.with_journal(Replay::so_far)
    }

    fn with_journal(self, end: impl Fn(Replay) -> Document) -> Result<Option<Document>, JournalFit> {
        match self.fit() {
            JournalFit::None | JournalFit::Checkpointed => Ok(self.document),
            fit @ JournalFit::Foreign { .. } => Err(fit),
            JournalFit::Open => match self.replayed() {
                Some(replay) => Ok(Some(end(replay))),
                None => Ok(self.document),
            },
        }
    }

    /// The replay of every record that the document lacks; `None` without a journal.
    pub(super) fn replayed(&self) -> Option<Replay> {
        let open = self.journal.first()?;
        let done =
            self.document.as_ref().map_or(0, |document| journal_fit::checkpointed(&self.journal, document));
        let mut replay = Replay::begin(self.document.clone(), open);
        // The first record only says what the others belong to.
        self.journal.iter().skip(done.max(1)).for_each(|record| replay.record(record));
        Some(replay)
    }
}
