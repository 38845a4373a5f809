//! Compares copies of journals with the state in place: finds records that neither it nor the journal beside it has.
//! Pure.

use std::path::PathBuf;

use super::journal::changed;
use super::journal_copy::Copy;
use super::journal_fit::{checkpointed, name_of};
use super::{Document, Record, Replay, Snapshot, StateIdentity};
use crate::model::Timestamp;

/// The records of an interrupted run whose journal is missing or incomplete.
#[derive(Clone, Debug, PartialEq)]
pub struct LostJournal {
    /// The copy's path.
    pub copy: PathBuf,
    /// The path where the journal belongs.
    pub journal: PathBuf,
    /// What is there instead.
    pub instead: Instead,
    /// Whether the run wrote the state at this path.
    pub is_of_this_path: bool,
    /// When the run began to record.
    pub at: Timestamp,
    /// The run's command.
    pub operation: String,
    /// The lineage of the run's state.
    pub lineage: String,
    /// The identity of the state that the run wrote.
    pub identity: StateIdentity,
    /// The state in place with all that the run recorded.
    pub document: Document,
    /// What the run recorded, without the state in place.
    pub recorded: Document,
}

/// What is in place of a lost journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// There is no file.
    Nothing,
    /// The same run's journal, without some of its records.
    Shortened,
    /// The same run's journal, without some of its records and with others that the copy lacks.
    Altered,
    /// The journal of another run.
    Another,
}

/// Whether the journal in place has every record of this copy.
pub(super) fn has_all_of(journal: &[Record], copy: &[Record]) -> bool {
    without_checkpoints(journal).starts_with(&without_checkpoints(copy))
}

/// The records without checkpoints, which are recorded only in the journal and never in a copy.
fn without_checkpoints(records: &[Record]) -> Vec<&Record> {
    records.iter().filter(|record| !matches!(record, Record::Checkpoint { .. })).collect()
}

/// Whether this copy has every readable record of a damaged journal, and may replace it.
pub(super) fn may_replace(copy: &[Record], damaged: &[u8]) -> bool {
    let lines = damaged.split(|byte| *byte == b'\n');
    let readable = lines.filter_map(|line| serde_json::from_slice::<Record>(line).ok());
    let counts = |record: &Record| !matches!(record, Record::Checkpoint { .. }) && changed(record).is_none();
    readable.filter(counts).all(|record| copy.contains(&record))
}

/// Whether a state has every record of this copy.
pub(super) fn knows(document: &Document, copy: &Copy) -> bool {
    let Some(Record::Open { write, .. }) = copy.records.first() else { return true };
    // A kill while the journal's last record is synced leaves a journal that is one record ahead of the copy's whole lines.
    let ahead: Vec<Record> = copy.records.iter().chain(&copy.unconfirmed).cloned().collect();
    write.is_some_and(|write| document.writes.contains(write))
        || checkpointed(&copy.records, document) == copy.records.len()
        || checkpointed(&ahead, document) == ahead.len()
}

/// The records of this copy that the state lacks. `in_place` is that state with the journal that is there.
pub(super) fn lost(
    copy: &Copy,
    is_of_this_path: bool,
    journal: PathBuf,
    snapshot: &Snapshot,
    in_place: Option<&Document>,
) -> Option<LostJournal> {
    let Copy { path, records, .. } = copy;
    let Some(open @ Record::Open { at, environment, lineage, operation, url, .. }) = records.first() else {
        return None;
    };
    let instead = match snapshot.journal.first() {
        None => Instead::Nothing,
        Some(first) if first != open => Instead::Another,
        Some(_) if without_checkpoints(&snapshot.journal).len() > without_checkpoints(records).len() => {
            Instead::Altered
        }
        Some(_) => Instead::Shortened,
    };
    let is_of_the_journal = matches!(instead, Instead::Shortened | Instead::Altered);
    let is_in_the_journal = is_of_the_journal && has_all_of(&snapshot.journal, records);
    if is_in_the_journal || in_place.is_some_and(|document| knows(document, copy)) {
        return None;
    }
    // The complete journal would replace the shortened one.
    let base = if is_of_the_journal { snapshot.document.as_ref() } else { in_place };
    Some(LostJournal {
        copy: path.clone(),
        journal,
        instead,
        is_of_this_path,
        at: *at,
        operation: operation.clone(),
        lineage: lineage.clone(),
        identity: StateIdentity { environment: environment.clone(), url: url.clone() },
        document: with_records(base, records)?,
        recorded: with_records(None, records).unwrap_or_else(|| Replay::begin(None, open).finish()),
    })
}

/// A state with all records of a journal, whether the journal fits or not; `None` if they change nothing.
pub(super) fn with_records(in_place: Option<&Document>, records: &[Record]) -> Option<Document> {
    let mut replay = Replay::begin(in_place.cloned(), records.first()?);
    let done = in_place.map_or(0, |document| checkpointed(records, document));
    for record in records.iter().skip(done) {
        replay.record(record);
    }
    if !replay.has_changed() {
        return None;
    }
    let mut document = replay.finish();
    // A person who accepts another state over this one knows the journal by this name.
    document.writes.push(name_of(records));
    Some(document)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::model::{Attributes, Digest};
    use crate::state::WriteId;

    fn record(value: serde_json::Value) -> Record {
        serde_json::from_value(value).unwrap()
    }

    fn open(number: u128) -> Record {
        record(json!({"record": "open", "at": "2026-11-23T10:00:00Z", "base": null, "environment": "e",
            "format": "certctl.journal/v1", "lineage": "l", "operation": "apply", "serial": 0, "url": "u",
            "write": WriteId::new(Uuid::from_u128(number))}))
    }

    fn intent(name: &str) -> Record {
        let attributes = json!({"resourceType": "course", "resourceId": name, "title": name});
        let digest = serde_json::from_value::<Attributes>(attributes.clone()).unwrap().digest();
        let row = json!({"action": "create", "attributes": attributes, "digest": digest, "key": name,
            "naturalKey": {"resourceType": "course", "resourceId": name}});
        record(json!({"record": "intent", "at": "2026-11-23T10:00:00Z", "batch": name, "rows": [row]}))
    }

    fn checkpoint() -> Record {
        Record::Checkpoint { digest: Digest::of(b"x"), serial: 1, write: None }
    }

    fn found(journal: Vec<Record>, copy: Vec<Record>) -> Option<Instead> {
        let snapshot = Snapshot { journal, ..Snapshot::default() };
        let in_place = snapshot.clone().effective().unwrap();
        let copy = Copy { path: "c".into(), records: copy, unconfirmed: None };
        lost(&copy, true, "j".into(), &snapshot, in_place.as_ref()).map(|lost| lost.instead)
    }

    #[test]
    fn what_the_journal_has_is_not_lost() {
        let (a, b) = (intent("a"), intent("b"));
        for journal in [
            vec![open(1), a.clone(), b.clone()],
            vec![open(1), a.clone(), b.clone(), checkpoint()],
            vec![open(1), a.clone(), checkpoint(), b.clone()],
            vec![open(1), a.clone(), b.clone(), intent("c")],
        ] {
            assert_eq!(found(journal.clone(), vec![open(1), a.clone(), b.clone()]), None, "{journal:?}");
        }
        assert_eq!(found(Vec::new(), vec![open(1)]), None, "nothing was sent");
    }

    #[test]
    fn what_it_lacks_is_lost() {
        let (a, b, c) = (intent("a"), intent("b"), intent("c"));
        let copy = vec![open(1), a.clone(), b.clone()];
        for (journal, instead) in [
            (vec![], Instead::Nothing),
            (vec![open(1)], Instead::Shortened),
            (vec![open(1), a.clone(), checkpoint()], Instead::Shortened),
            (vec![open(1), b.clone()], Instead::Shortened),
            (vec![open(1), b.clone(), a.clone()], Instead::Shortened),
            (vec![open(1), a.clone(), c.clone(), b.clone()], Instead::Altered),
            (vec![open(2), a.clone(), b.clone()], Instead::Another),
        ] {
            assert_eq!(found(journal.clone(), copy.clone()), Some(instead), "{journal:?}");
        }
    }

    /// By another user, who does not have the copy.
    #[test]
    fn only_records_outside_the_state_are_lost() {
        let (a, b) = (intent("a"), intent("b"));
        let copy = vec![open(1), a.clone(), b.clone()];
        let state = |records: &[Record]| with_records(None, records).unwrap();
        let lost = |document: &Document| {
            let snapshot = Snapshot { document: Some(document.clone()), ..Snapshot::default() };
            let copy = Copy { path: "c".into(), records: copy.clone(), unconfirmed: None };
            lost(&copy, true, "j".into(), &snapshot, Some(document)).map(|lost| lost.document)
        };
        assert_eq!(lost(&state(&copy)), None);
        let with_all = lost(&state(&copy[..2])).unwrap();
        assert_eq!(with_all.templates.len(), 2);
        assert!(
            with_all.templates.values().all(|row| row.attempts.iter().count() == 1),
            "nothing is replayed twice"
        );
    }

    #[test]
    fn an_incomplete_copy_replaces_nothing() {
        let text = |records: &[Record]| -> String {
            records.iter().map(|record| record.to_line().unwrap()).collect()
        };
        let copy = [open(1), intent("a"), intent("b")];
        for (damaged, expected) in [
            (text(&copy) + "garbage\n", true),
            ("x".to_owned() + &text(&copy), true),
            (text(&copy).replace("\"title\":\"b\"", "\"title\":\"x\""), true),
            (text(&copy) + &text(&[checkpoint()]) + "garbage\n", true),
            (text(&copy) + "garbage\n" + &text(&[intent("c")]), false),
        ] {
            assert_eq!(may_replace(&copy, damaged.as_bytes()), expected, "{damaged}");
        }
    }
}
