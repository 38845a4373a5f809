//! What the copies of journals record and neither the state in place nor the journal beside it has. Pure.

use std::path::PathBuf;

use super::journal::changed;
use super::journal_copy::Copy;
use super::journal_fit::{checkpointed, name_of};
use super::{Document, Record, Replay, Snapshot, StateIdentity};
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
    pub owner: StateIdentity,
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
    /// The same, and it has others that the copy lacks.
    Altered,
    /// Another run's journal.
    Another,
}

/// Whether the journal in place has all that this copy of a journal has.
pub(super) fn has_all_of(journal: &[Record], copy: &[Record]) -> bool {
    without_folds(journal).starts_with(&without_folds(copy))
}

/// Whoever makes a journal part of the state records that in the journal, and in no copy.
fn without_folds(records: &[Record]) -> Vec<&Record> {
    records.iter().filter(|record| !matches!(record, Record::Checkpoint { .. })).collect()
}

/// Whether this copy has everything that can still be read of a damaged journal, and may take its place.
pub(super) fn may_replace(copy: &[Record], damaged: &[u8]) -> bool {
    let lines = damaged.split(|byte| *byte == b'\n');
    let readable = lines.filter_map(|line| serde_json::from_slice::<Record>(line).ok());
    let counts = |record: &Record| !matches!(record, Record::Checkpoint { .. }) && changed(record).is_none();
    readable.filter(counts).all(|record| copy.contains(&record))
}

/// Whether a state has all that this copy of a journal has.
pub(super) fn knows(document: &Document, copy: &[Record]) -> bool {
    let Some(Record::Open { write, .. }) = copy.first() else { return true };
    write.is_some_and(|write| document.writes.contains(write)) || checkpointed(copy, document) == copy.len()
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
        Some(first) if first != open => Instead::Another,
        Some(_) if without_folds(&snapshot.journal).len() > without_folds(records).len() => Instead::Altered,
        Some(_) => Instead::Shortened,
    };
    let is_of_the_journal = matches!(instead, Instead::Shortened | Instead::Altered);
    let is_in_the_journal = is_of_the_journal && has_all_of(&snapshot.journal, records);
    if is_in_the_journal || in_place.is_some_and(|document| knows(document, records)) {
        return None;
    }
    // The whole journal is to take the place of the shortened one.
    let base = if is_of_the_journal { snapshot.document.as_ref() } else { in_place };
    Some(LostJournal {
        copy: path.clone(),
        journal,
        instead,
        is_of_this_path,
        at: *at,
        operation: operation.clone(),
        lineage: lineage.clone(),
        owner: StateIdentity { environment: environment.clone(), url: url.clone() },
        document: with_records(base, records)?,
        recorded: with_records(None, records).unwrap_or_else(|| Replay::begin(None, open).finish()),
    })
}

/// A state with all that a journal records, whether the journal fits it or not; nothing where that changes nothing.
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
    // Whoever accepts another state knows of the journal by its name.
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

    fn fold() -> Record {
        Record::Checkpoint { digest: Digest::of(b"x"), serial: 1, write: None }
    }

    fn found(journal: Vec<Record>, copy: Vec<Record>) -> Option<Instead> {
        let snapshot = Snapshot { journal, ..Snapshot::default() };
        let in_place = snapshot.clone().effective().unwrap();
        let copy = Copy { path: "c".into(), records: copy };
        lost(&copy, true, "j".into(), &snapshot, in_place.as_ref()).map(|lost| lost.instead)
    }

    #[test]
    fn what_the_journal_has_is_not_lost() {
        let (a, b) = (intent("a"), intent("b"));
        for journal in [
            vec![open(1), a.clone(), b.clone()],
            vec![open(1), a.clone(), b.clone(), fold()],
            vec![open(1), a.clone(), fold(), b.clone()],
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
            (vec![open(1), a.clone(), fold()], Instead::Shortened),
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
    fn what_became_part_of_the_state_is_not_lost_and_the_rest_is() {
        let (a, b) = (intent("a"), intent("b"));
        let copy = vec![open(1), a.clone(), b.clone()];
        let state = |folded: &[Record]| with_records(None, folded).unwrap();
        let lost = |document: &Document| {
            let snapshot = Snapshot { document: Some(document.clone()), ..Snapshot::default() };
            let copy = Copy { path: "c".into(), records: copy.clone() };
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
    fn a_copy_that_lacks_what_can_be_read_replaces_nothing() {
        let text = |records: &[Record]| -> String {
            records.iter().map(|record| record.to_line().unwrap()).collect()
        };
        let copy = [open(1), intent("a"), intent("b")];
        for (damaged, expected) in [
            (text(&copy) + "garbage\n", true),
            ("x".to_owned() + &text(&copy), true),
            (text(&copy).replace("\"title\":\"b\"", "\"title\":\"x\""), true),
            (text(&copy) + &text(&[fold()]) + "garbage\n", true),
            (text(&copy) + "garbage\n" + &text(&[intent("c")]), false),
        ] {
            assert_eq!(may_replace(&copy, damaged.as_bytes()), expected, "{damaged}");
        }
    }
}
