//! Decides whether the records of a journal still have to become part of a document: of the one that they were begun
//! with, or of one derived from it, such as a join of two branches or a state of another run that took over the first
//! records. Pure.

use super::writes::Deriving;
use super::{Document, Operation, Record, Row, Version, WriteId, Writes};
use crate::model::{Digest, Key};

/// How a journal relates to the document beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalFit {
    /// There is no journal, or it has no records.
    None,
    /// Its records, or those after the ones that the document has, are not part of the document yet.
    Open,
    /// The document has them already: a crash came after the document was written, or another copy of the journal was
    /// checkpointed elsewhere and the document came here.
    Checkpointed,
    /// The document is not the one that the journal began with or led to, and not derived from either.
    Foreign {
        /// The serial that the journal began with.
        expected: u64,
    },
}

/// How this journal relates to the document with this version.
pub(super) fn fit(journal: &[Record], document: Option<&Document>, version: &Version) -> JournalFit {
    let Some(Record::Open { base, lineage, serial, write, writes, .. }) = journal.first() else {
        return JournalFit::None;
    };
    let checkpoints: Vec<_> = journal.iter().filter_map(checkpoint).collect();
    if base == version {
        return JournalFit::Open;
    }
    if checkpoints.last().is_some_and(|(digest, _)| Some(*digest) == version.as_ref()) {
        return JournalFit::Checkpointed;
    }
    let foreign = JournalFit::Foreign { expected: *serial };
    let Some(document) = document else { return foreign };
    let leads_to =
        [*write, Some(name_of(journal))].into_iter().chain(checkpoints.into_iter().map(|(_, write)| write));
    if leads_to.flatten().any(|write| document.writes.contains(write)) {
        // Even under another lineage: it was joined with a state that was begun without it.
        return JournalFit::Checkpointed;
    }
    if document.lineage != *lineage {
        return foreign;
    }
    let (known, rest) = match checkpointed(journal, document) {
        0 => {
            let went_on = writes
                .newest()
                .is_some_and(|base| document.writes.newest() != Some(base) && document.writes.contains(base));
            if !went_on {
                return foreign;
            }
            (writes.clone(), journal)
        }
        count => {
            let (done, rest) = journal.split_at(count);
            (writes_with(name_of(done), document), rest)
        }
    };
    if rest.iter().all(|record| is_untouched(record, document, &known)) { JournalFit::Open } else { foreign }
}

/// The number of records at the beginning of the journal that the document has already: another run, which did not
/// see this run's lock, took them over while it was going on.
pub(super) fn checkpointed(journal: &[Record], document: &Document) -> usize {
    let mut naming = Naming::default();
    let mut found = 0;
    for (position, record) in journal.iter().enumerate() {
        naming.add(record);
        if document.writes.contains(naming.name()) {
            found = position + 1;
        }
    }
    found
}

/// The writes of a document up to the one that made this journal part of it.
fn writes_with(journal: WriteId, document: &Document) -> Writes {
    let all = document.writes.as_slice();
    // The journal's own name comes first, and the write that made it part of the document next.
    let end = all.iter().position(|write| *write == journal).map_or(0, |position| position + 2);
    Writes::of(all.get(..end.min(all.len())).unwrap_or_default().to_vec())
}

fn checkpoint(record: &Record) -> Option<(&Digest, Option<WriteId>)> {
    match record {
        Record::Checkpoint { digest, write, .. } => Some((digest, *write)),
        _ => None,
    }
}

/// Names the records of a journal. The name is the same on every machine.
pub(super) fn name_of(journal: &[Record]) -> WriteId {
    let mut naming = Naming::default();
    for record in journal {
        naming.add(record);
    }
    naming.name()
}

/// Computes a journal's name, record by record.
#[derive(Clone)]
struct Naming(Deriving);

impl Default for Naming {
    fn default() -> Self {
        let mut deriving = Deriving::default();
        deriving.add(b"certctl journal\n");
        Self(deriving)
    }
}

impl Naming {
    /// An unfinished checkpoint is not part of the name.
    fn add(&mut self, record: &Record) {
        if checkpoint(record).is_none()
            && let Ok(line) = record.to_line()
        {
            self.0.add(line.as_bytes());
        }
    }

    fn name(&self) -> WriteId {
        self.0.clone().write()
    }
}

/// Names the write that makes a journal part of the document with this version, the same on every machine.
pub(super) fn name_of_recovery(journal: WriteId, version: &Version) -> WriteId {
    let version = version.as_ref().map(Digest::as_str).unwrap_or_default();
    WriteId::derived(&[b"certctl recovery\n", journal.as_bytes(), version.as_bytes()])
}

/// Whether the rows of a record are as they were in the document that the journal began with. A replay would hide
/// changes that another branch made since.
fn is_untouched(record: &Record, document: &Document, base: &Writes) -> bool {
    let row = |key: &Key| document.templates.get(key);
    let is_old = |row: &Row| row.write.is_none_or(|write| base.contains(write));
    let may_be_new = |key: &Key| row(key).is_none_or(is_old);
    match record {
        Record::Open { .. } | Record::Planned { .. } | Record::Retry { .. } | Record::Checkpoint { .. }
        // These are about no row: knowledge and doubt about certificates stay true.
        | Record::ObserverShows { .. } | Record::Certify { .. } | Record::Certified { .. } => true,
        // An update needs its row: if it is missing, a person removed it.
        Record::Intent { rows, .. } => rows.iter().all(|intent| match intent.action {
            Operation::Create => may_be_new(&intent.key),
            Operation::Update => row(&intent.key).is_some_and(is_old),
        }),
        Record::Lost { rows, .. } => rows.iter().all(|planned| match planned.action {
            Operation::Create => may_be_new(&planned.key),
            Operation::Update => row(&planned.key).is_some_and(is_old),
        }),
        Record::Outcome { rows, .. } => rows.iter().all(|settled| may_be_new(&settled.key)),
        Record::Transaction { records } => records.iter().all(|record| is_untouched(record, document, base)),
        Record::Accept { rows, .. } => rows.keys().all(may_be_new),
        Record::Push { .. } => document.templates.values().all(is_old),
        Record::Move { from, to } => may_be_new(from) && may_be_new(to),
        Record::Protect { key, .. }
        | Record::Resolve { key, .. }
        | Record::Import { key, .. }
        | Record::Observe { key, .. }
        | Record::Gone { key, .. }
        | Record::Forget { key } => may_be_new(key),
    }
}

#[cfg(test)]
mod tests;
