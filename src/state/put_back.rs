//! Makes a version of a state fit to be put in the place of one that is lost, with the journal that the last run left.
//! Pure.

use super::{Document, DocumentText, JournalFit, Record, Snapshot, accepted};
use crate::model::Timestamp;

/// This version with everything that the last run recorded, if the run began with it or is part of it. If the run began with
/// another version, the result is the number of that one.
pub fn with_journal(document: &Document, journal: &[Record]) -> Result<Document, u64> {
    let version = DocumentText::of(document).ok().map(|text| text.digest().clone());
    let journal = journal.to_vec();
    let snapshot = Snapshot { document: Some(document.clone()), version, blob: None, journal };
    match snapshot.effective() {
        Ok(effective) => Ok(effective.unwrap_or_else(|| document.clone())),
        Err(JournalFit::Foreign { expected }) => Err(expected),
        Err(JournalFit::None | JournalFit::Open | JournalFit::Checkpointed) => Ok(document.clone()),
    }
}

/// The chosen version as it is once it takes the place of these newer ones and of what the last run recorded: everything that
/// they consider possible stays possible. If the run began with none of them, the result is the number of the version
/// that it began with.
pub fn restored(
    chosen: &Document,
    newer: &[Document],
    journal: &[Record],
    at: Timestamp,
) -> Result<Document, u64> {
    let mut began_with = 0;
    let mut is_found = false;
    let mut with = |document: &Document| match with_journal(document, journal) {
        Ok(document) => {
            is_found = true;
            document
        }
        Err(expected) => {
            began_with = expected;
            document.clone()
        }
    };
    let newer: Vec<Document> = newer.iter().map(&mut with).collect();
    let chosen = with(chosen);
    if is_found { Ok(accepted(&chosen, &newer, at)) } else { Err(began_with) }
}
