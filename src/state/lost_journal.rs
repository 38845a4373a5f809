//! What the copies of journals record and neither the state in place nor the journal beside it has. Pure.

use std::path::PathBuf;

use super::journal_copy::Copy;
use super::journal_fit::{folded, name_of};
use super::{Document, Owner, Record, Replay, Snapshot};
use crate::model::Timestamp;

/// What an interrupted run recorded in a journal that is not in its place any more, or not whole.
#[derive(Clone, Debug, PartialEq)]
pub struct LostJournal {
    /// The copy.
    pub copy: PathBuf,
    /// Where it belongs.
    pub journal: PathBuf,
    /// What is there instead.
    pub instead: Instead,
    /// Whether the run was one on the state at this path.
    pub is_of_this_path: bool,
    /// When the run began to record.
    pub at: Timestamp,
    /// The command that it was.
    pub operation: String,
    /// The lineage of the run's state.
    pub lineage: String,
    /// Whose state the run wrote.
    pub owner: Owner,
    /// The state in place with all that the run recorded.
    pub document: Document,
    /// What the run recorded, without the state in place.
    pub recorded: Document,
}

/// What is in the place of a journal that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Nothing.
    Nothing,
    /// The same run's journal, which lacks records that it had.
    Shortened,
    /// Another run's journal.
    Another,
}

/// Whether the journal in place has all that this copy of a journal has.
pub(super) fn has_all_of(journal: &[Record], copy: &[Record]) -> bool {
    // Whoever makes a journal part of the state records that in the journal, and in no copy.
    let without_folds = |records: &[Record]| -> Vec<Record> {
        records.iter().filter(|record| !matches!(record, Record::Fold { .. })).cloned().collect()
    };
    without_folds(journal).starts_with(&without_folds(copy))
}

/// Whether a state has all that this copy of a journal has.
pub(super) fn knows(document: &Document, copy: &[Record]) -> bool {
    let Some(Record::Open { write, .. }) = copy.first() else { return true };
    write.is_some_and(|write| document.writes.contains(write)) || folded(copy, document) == copy.len()
}

/// What this copy records, if the state does not have it. `in_place` is that state with the journal that is there.
pub(super) fn lost(
    copy: &Copy,
    is_of_this_path: bool,
    journal: PathBuf,
    snapshot: &Snapshot,
    in_place: Option<&Document>,
) -> Option<LostJournal> {
    let Copy { path, records } = copy;
    let Some(open @ Record::Open { at, environment, lineage, operation, url, .. }) = records.first() else {
        return None;
    };
    let instead = match snapshot.journal.first() {
        None => Instead::Nothing,
        Some(first) if first == open => Instead::Shortened,
        Some(_) => Instead::Another,
    };
    let is_in_the_journal = instead == Instead::Shortened && has_all_of(&snapshot.journal, records);
    if is_in_the_journal || in_place.is_some_and(|document| knows(document, records)) {
        return None;
    }
    // The whole journal is to take the place of the shortened one.
    let base = if instead == Instead::Shortened { snapshot.document.as_ref() } else { in_place };
    Some(LostJournal {
        copy: path.clone(),
        journal,
        instead,
        is_of_this_path,
        at: *at,
        operation: operation.clone(),
        lineage: lineage.clone(),
        owner: Owner { environment: environment.clone(), url: url.clone() },
        document: with_records(base, records)?,
        recorded: with_records(None, records).unwrap_or_else(|| Replay::begin(None, open).finish()),
    })
}

/// A state with all that a journal records, whether the journal fits it or not; nothing where that changes nothing.
pub(super) fn with_records(in_place: Option<&Document>, records: &[Record]) -> Option<Document> {
    let mut replay = Replay::begin(in_place.cloned(), records.first()?);
    let done = in_place.map_or(0, |document| folded(records, document));
    for record in records.iter().skip(done) {
        replay.record(record);
    }
    if !replay.has_changed() {
        return None;
    }
    let mut document = replay.finish();
    // Whoever accepts another state knows of the journal by its name.
    document.writes.push(name_of(records));
    Some(document)
}
