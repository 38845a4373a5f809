//! Tests which documents a journal fits.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::model::Digest;
use crate::state::{RowStatus, Snapshot, Writes};

fn write(number: u128) -> WriteId {
    WriteId::new(Uuid::from_u128(number))
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn attributes(resource: u8) -> Value {
    json!({"resourceType": "course", "resourceId": format!("r{resource}"), "title": "T"})
}

/// A state with these writes; each of its rows is applied, by the given write.
fn state(writes: &[u128], rows: &[(&str, u8, u128)]) -> Document {
    let row = |(key, resource, by): &(&str, u8, u128)| {
        let row = json!({"status": "applied", "attributes": attributes(*resource), "write": write(*by)});
        ((*key).to_owned(), row)
    };
    let rows: serde_json::Map<_, _> = rows.iter().map(row).collect();
    serde_json::from_value(json!({
        "format": "certctl.state/v1", "environment": "e", "url": "sandbox", "lineage": "L", "serial": writes.len(),
        "templates": rows, "writes": writes.iter().map(|number| write(*number)).collect::<Vec<_>>(),
    }))
    .unwrap()
}

fn base() -> Document {
    state(&[1, 2], &[("a", 1, 1), ("b", 2, 2)])
}

fn digest(document: &Document) -> Digest {
    Digest::of(document.to_text().unwrap().as_bytes())
}

/// The journal of a run on the base that sends this row and is interrupted.
fn journal(action: &str, name: &str, resource: u8) -> Vec<Record> {
    let attributes: crate::model::Attributes = serde_json::from_value(attributes(resource)).unwrap();
    let records = json!([
        {"record": "open", "at": "2026-11-23T10:00:00Z", "base": digest(&base()), "environment": "e",
            "format": "certctl.journal/v1", "lineage": "L", "operation": "apply", "serial": 2, "url": "sandbox",
            "write": write(9), "writes": [write(1), write(2)]},
        {"record": "intent", "at": "2026-11-23T10:00:01Z", "batch": "3-1", "rows": [{
            "action": action, "attributes": attributes, "digest": attributes.digest(), "key": name,
            "naturalKey": crate::model::NaturalKey::of(&attributes)}]},
    ]);
    serde_json::from_value(records).unwrap()
}

fn fit_of(journal: &[Record], document: &Document) -> JournalFit {
    fit(journal, Some(document), &Some(digest(document)))
}

const FOREIGN: JournalFit = JournalFit::Foreign { expected: 2 };

#[test]
fn a_newer_state_with_the_same_rows_fits() {
    // Another branch changed `b`, and both were joined.
    let joined = state(&[1, 2, 3, 4], &[("a", 1, 1), ("b", 2, 3), ("c", 3, 3)]);
    assert_eq!(fit_of(&journal("create", "n", 7), &joined), JournalFit::Open);
    assert_eq!(fit_of(&journal("update", "a", 1), &joined), JournalFit::Open);
    let snapshot = Snapshot {
        version: Some(digest(&joined)),
        document: Some(joined.clone()),
        journal: journal("create", "n", 7),
        ..Snapshot::default()
    };
    let effective = snapshot.effective().unwrap().unwrap();
    assert_eq!(effective.templates[&key("n")].status(), RowStatus::InDoubt);
    assert_eq!(effective.templates[&key("b")], joined.templates[&key("b")]);
}

#[test]
fn a_changed_or_removed_row_makes_it_foreign() {
    let joined = state(&[1, 2, 3, 4], &[("b", 2, 3), ("n", 7, 3)]);
    for (action, name, resource) in [("update", "b", 2), ("create", "n", 7), ("update", "a", 1)] {
        assert_eq!(fit_of(&journal(action, name, resource), &joined), FOREIGN, "{action} {name}");
    }
    let mut edits = journal("create", "x", 8);
    edits.push(Record::Transaction { records: vec![Record::Move { from: key("a"), to: key("n") }] });
    assert_eq!(fit_of(&edits, &joined), FOREIGN);
}

#[test]
fn a_checkpoint_elsewhere_counts() {
    let journal = journal("create", "n", 7);
    let with = |writes: &[WriteId]| {
        let mut document = base();
        for write in writes {
            document.writes.push(*write);
        }
        document
    };
    // By the run itself; by a later run, on any state; by a checkpoint that could not be put in place.
    assert_eq!(fit_of(&journal, &with(&[write(9)])), JournalFit::Checkpointed);
    assert_eq!(fit_of(&journal, &with(&[name_of(&journal), write(5)])), JournalFit::Checkpointed);
    let mut recovered = journal.clone();
    recovered.push(Record::Checkpoint { digest: Digest::of(b"x"), serial: 3, write: Some(write(11)) });
    assert_eq!(fit_of(&recovered, &with(&[write(11), write(12)])), JournalFit::Checkpointed);
    assert_eq!(name_of(&recovered), name_of(&journal), "a checkpoint is not part of the name");
}

#[test]
fn a_state_without_the_base_is_foreign() {
    let journal = journal("create", "n", 7);
    for other in [
        // Before it; beside it; the same write with other contents; an unrelated state.
        state(&[1], &[]),
        state(&[1, 3], &[]),
        Document { serial: 9, ..base() },
        Document { lineage: "M".to_owned(), ..state(&[1, 2, 3], &[]) },
        Document { writes: Writes::default(), ..base() },
    ] {
        assert_eq!(fit_of(&journal, &other), FOREIGN);
    }
    let mut older = journal;
    if let Record::Open { write, writes, .. } = &mut older[0] {
        (*write, *writes) = (None, Writes::default());
    }
    assert_eq!(fit_of(&older, &state(&[1, 2, 3], &[])), FOREIGN);
    assert_eq!(fit_of(&older, &base()), JournalFit::Open);
}

/// The journal of a run that sent another row after its first records were taken over, with the answer to the first
/// row.
fn went_on() -> (Vec<Record>, Document) {
    let mut records = journal("create", "n", 7);
    let taken_over = {
        let mut document = state(&[1, 2], &[("a", 1, 1), ("b", 2, 2)]);
        document.writes.push(name_of(&records));
        document.writes.push(write(5));
        let attempt = json!({"at": "2026-11-23T10:00:01Z", "batch": "3-1", "deed": "create", "attributes": attributes(7),
            "digest": serde_json::from_value::<crate::model::Attributes>(attributes(7)).unwrap().digest()});
        let row = json!({"status": "in_doubt", "error": {"at": "2026-11-23T10:00:02Z", "message": "m"},
            "attempt": attempt, "write": write(5)});
        document.templates.insert(key("n"), serde_json::from_value(row).unwrap());
        document
    };
    let outcome = json!({"record": "outcome", "at": "2026-11-23T10:00:09Z", "batch": "3-1",
        "rows": [{"key": "n", "result": "applied"}]});
    records.push(serde_json::from_value(outcome).unwrap());
    records.push(Record::Checkpoint { digest: Digest::of(b"x"), serial: 3, write: Some(write(9)) });
    (records, taken_over)
}

#[test]
fn records_taken_over_are_not_replayed() {
    let (records, document) = went_on();
    assert_eq!(checkpointed(&records, &document), 2);
    assert_eq!(fit_of(&records, &document), JournalFit::Open);
    let snapshot = Snapshot {
        version: Some(digest(&document)),
        document: Some(document),
        journal: records,
        ..Snapshot::default()
    };
    let effective = snapshot.effective().unwrap().unwrap();
    assert_eq!(effective.templates[&key("n")].status(), RowStatus::Applied);
}

#[test]
fn later_changes_of_a_row_are_not_undone() {
    let (records, mut document) = went_on();
    document.writes.push(write(6));
    assert_eq!(fit_of(&records, &document), JournalFit::Open, "the other run did something else");
    document.templates.get_mut(&key("n")).unwrap().write = Some(write(6));
    assert_eq!(fit_of(&records, &document), FOREIGN);
}
