//! Tests a state in a folder: what is kept, what is refused, and what an interrupted run leaves behind.

mod settling;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::model::{Attributes, Key, NaturalKey, TemplateId, Timestamp};

fn at() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}

fn identity() -> StateIdentity {
    StateIdentity { environment: "test".to_owned(), url: "sandbox".to_owned() }
}

fn holder() -> Holder {
    Holder {
        who: "ada".to_owned(),
        host: "h".to_owned(),
        pid: 7,
        operation: "apply".to_owned(),
        run_url: None,
        since: at(),
    }
}

fn open(store: &FileStore) -> Result<(Ledger<&FileStore>, bool), StateError> {
    let (identity, holder) = (identity(), holder());
    let write = || WriteId::new(uuid::Uuid::new_v4());
    let opening =
        Opening { identity: &identity, holder: &holder, by: None, lineage: "l".to_owned(), write: write() };
    Locked::take(store, &holder, Duration::ZERO)?.open(&opening)
}

struct Place {
    folder: tempfile::TempDir,
    store: FileStore,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(&folder.path().join("state/test.json"), identity());
        Self { folder, store }
    }

    fn file(&self, suffix: &str) -> PathBuf {
        self.folder.path().join(format!("state/test.json{suffix}"))
    }

    fn serial(&self) -> u64 {
        self.store.read().unwrap().document.map_or(0, |document| document.serial)
    }
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn attributes(resource: &str, title: &str) -> Attributes {
    let value = serde_json::json!({"resourceType": "course", "resourceId": resource, "title": title});
    serde_json::from_value(value).unwrap()
}

fn intent(batch: &str, name: &str, operation: Operation, attributes: &Attributes) -> Record {
    let row = IntentRow {
        action: operation,
        attributes: attributes.clone(),
        digest: attributes.digest(),
        key: key(name),
        natural_key: NaturalKey::of(attributes),
        requested_by_user: false,
    };
    Record::Intent { at: at(), batch: batch.to_owned(), rows: vec![row] }
}

fn outcome(batch: &str, name: &str, result: RecordedOutcome) -> Record {
    let rows = vec![KeyedOutcome { key: key(name), result }];
    Record::Outcome {
        at: at(),
        batch: batch.to_owned(),
        candidate_ids: Vec::new(),
        rows,
        warnings: Vec::new(),
    }
}

/// A folder in which `a` was applied for the resource `r`.
fn applied() -> Place {
    let place = Place::new();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("1-1", "a", Operation::Create, &attributes("r", "A"))).unwrap();
    let id = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01").unwrap();
    ledger
        .record(&outcome("1-1", "a", RecordedOutcome::Applied { id: Some((id, IdSource::Exact)) }))
        .unwrap();
    ledger.checkpoint().unwrap();
    place
}

#[test]
fn a_run_leaves_state_and_backup() {
    let place = applied();
    assert_eq!(place.serial(), 1);
    assert!(!place.file(".journal").exists() && !place.file(".backup").exists());
    let first = fs::read(place.file("")).unwrap();
    let (mut ledger, recovered) = open(&place.store).unwrap();
    assert!(!recovered);
    ledger.record(&Record::Protect { key: key("a"), protect: true }).unwrap();
    ledger.checkpoint().unwrap();
    assert_eq!(fs::read(place.file(".backup")).unwrap(), first);
    assert_eq!(place.serial(), 2);
}

#[test]
fn state_and_changed_rows_name_the_write() {
    let place = applied();
    let first = place.store.read().unwrap().document.unwrap();
    assert_eq!(first.writes.as_slice(), &[first.templates[&key("a")].write.unwrap()]);
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
    let second = ledger.checkpoint().unwrap();
    assert_eq!(first.relation_to(&second), Some(Relation::Older));
    assert_eq!(second.templates[&key("a")], first.templates[&key("a")], "it did not change");
    assert_eq!(second.templates[&key("b")].write, second.writes.newest());
    // A row under another key is another row.
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&Record::Move { from: key("a"), to: key("c") }).unwrap();
    let third = ledger.checkpoint().unwrap();
    assert_eq!(third.templates[&key("c")].write, third.writes.newest());
    assert_eq!(third.templates[&key("b")].write, second.writes.newest());
}

#[test]
fn a_recovery_is_its_own_write() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
    drop(ledger);
    let (mut ledger, _) = open(&place.store).unwrap();
    let recovered = ledger.document().clone();
    assert_eq!(recovered.templates[&key("b")].write, recovered.writes.newest());
    ledger.record(&Record::Protect { key: key("a"), protect: true }).unwrap();
    let document = ledger.checkpoint().unwrap();
    // The first run's, that of the journal, its recovery, and this run's.
    assert_eq!(document.writes.as_slice().len(), 4);
    assert_eq!(recovered.relation_to(&document), Some(Relation::Older));
}

#[test]
fn a_state_without_writes_is_read() {
    let place = applied();
    let mut old = place.store.read().unwrap().document.unwrap();
    old.writes = Writes::default();
    old.templates.values_mut().for_each(|row| row.write = None);
    fs::write(place.file(""), old.to_text().unwrap()).unwrap();
    assert_eq!(place.store.read().unwrap().document.as_ref(), Some(&old));
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
    let new = ledger.checkpoint().unwrap();
    assert_eq!(old.relation_to(&new), Some(Relation::Older));
    assert_eq!(new.templates[&key("a")].write, None, "who wrote it last is not known");
}

#[test]
fn a_run_that_changes_nothing_writes_nothing() {
    let place = Place::new();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("1-1", "a", Operation::Create, &attributes("r", "A"))).unwrap();
    ledger.record(&outcome("1-1", "a", RecordedOutcome::NotSent)).unwrap();
    ledger.checkpoint().unwrap();
    assert!(!place.file("").exists() && !place.file(".journal").exists());
}

#[test]
fn an_interrupted_row_is_in_doubt_once() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
    drop(ledger);
    let planned = place.store.read().unwrap().effective().unwrap().unwrap();
    assert_eq!(planned.templates[&key("b")].status(), RowStatus::InDoubt);
    assert_eq!(place.serial(), 1, "reading changes nothing");
    let (ledger, recovered) = open(&place.store).unwrap();
    assert!(recovered);
    ledger.checkpoint().unwrap();
    assert_eq!(place.serial(), 2);
    assert!(!open(&place.store).unwrap().1);
}

#[test]
fn a_crash_after_the_state_repeats_nothing() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&Record::Move { from: key("a"), to: key("b") }).unwrap();
    let mut journal = fs::read_to_string(place.file(".journal")).unwrap();
    let document = ledger.checkpoint().unwrap();
    // The journal as it was when the state had just been written.
    let digest = crate::model::Digest::of(document.to_text().unwrap().as_bytes());
    journal.push_str(&Record::Checkpoint { digest, serial: document.serial, write: None }.to_line().unwrap());
    fs::write(place.file(".journal"), journal).unwrap();
    assert_eq!(place.store.read().unwrap().fit(), JournalFit::Checkpointed);
    let (ledger, recovered) = open(&place.store).unwrap();
    assert!(!recovered);
    ledger.checkpoint().unwrap();
    assert_eq!(place.serial(), 2);
}

#[test]
fn a_replaced_state_is_refused() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
    let text = fs::read_to_string(place.file("")).unwrap().replace("\"serial\": 1", "\"serial\": 5");
    fs::write(place.file(""), &text).unwrap();
    assert!(matches!(ledger.checkpoint(), Err(StateError::Replaced { expected: 1, .. })));
    assert_eq!(fs::read_to_string(place.file("")).unwrap(), text, "no one's work is overwritten");
    assert!(matches!(open(&place.store), Err(StateError::Replaced { .. })));
    assert!(place.file(".journal").exists());
}

#[test]
fn one_writer_at_a_time() {
    let place = applied();
    let ledger = open(&place.store).unwrap();
    assert_eq!(place.store.writer(), Writer::Known(holder()));
    let error = open(&place.store).err().unwrap().to_string();
    assert!(error.contains("ada") && error.contains("process 7"), "{error}");
    drop(ledger);
    assert_eq!(place.store.writer(), Writer::Absent);
    assert!(open(&place.store).is_ok());
}

#[test]
fn another_course_leaves_the_old_template() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "a", Operation::Create, &attributes("s", "A"))).unwrap();
    ledger.record(&outcome("2-1", "a", RecordedOutcome::Applied { id: None })).unwrap();
    let document = ledger.checkpoint().unwrap();
    let old = &document.templates[&key("a.replaced-1")];
    assert!(
        old.identity.is_some()
            && old.confirmed.as_ref().is_some_and(|known| known.attributes.text("resourceId") == Some("r"))
    );
    assert!(document.templates[&key("a")].identity.is_none());
    let replaced = |of: &str| document.replaced(&key(of)).map(|(key, _)| key.clone()).collect::<Vec<_>>();
    assert_eq!(replaced("a"), [key("a.replaced-1")]);
    assert!(replaced("a.replaced-1").is_empty() && replaced("b").is_empty());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_followed_and_kept() {
    let place = applied();
    let link = place.folder.path().join("link.json");
    std::os::unix::fs::symlink(place.file(""), &link).unwrap();
    let store = FileStore::new(&link, identity());
    let (mut ledger, _) = open(&store).unwrap();
    ledger.record(&Record::Protect { key: key("a"), protect: true }).unwrap();
    ledger.checkpoint().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(place.serial(), 2);
}
