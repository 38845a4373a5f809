//! Runs on a shared state, in memory: one after the other, at the same time, interrupted, and taken over.

mod lost_objects;
mod stale;
mod takers;
mod unlocking;

use std::sync::Arc;
use std::time::Duration;

use super::in_memory::{InMemory, KillableProcess, WriteFault};
use super::objects::Objects;
use super::*;
use crate::model::{Attributes, Key, NaturalKey, StateAddress, Timestamp};
use crate::state::{
    IntentRow, KeyedOutcome, Ledger, LockError, LockHolder, Locked, Opening, Operation, RecordedOutcome,
    RowState, StateIdentity, WriteId,
};

const TERMS: LeaseTerms = LeaseTerms { lease: Duration::from_secs(60), allow_unsafe_store: false };

fn identity() -> StateIdentity {
    StateIdentity { environment: "test".to_owned(), url: "https://academy.example.com".to_owned() }
}

fn holder(who: &str) -> Holder {
    let since = Timestamp::from_unix_seconds(0);
    Holder {
        who: who.to_owned(),
        host: "h".to_owned(),
        pid: 7,
        operation: "apply".to_owned(),
        run_url: None,
        since,
    }
}

fn store(objects: &Arc<InMemory>) -> SharedStore {
    store_on(KillableProcess::to(objects), TERMS)
}

fn store_on(objects: Arc<dyn Objects>, terms: LeaseTerms) -> SharedStore {
    let Some(Ok(StateAddress::Object(address))) = StateAddress::parse("s3://states/x.json") else {
        panic!("it is the address of an object")
    };
    SharedStore::on(objects, &address, identity(), terms)
}

fn open<'s>(store: &'s SharedStore, who: &str) -> Result<(Ledger<&'s SharedStore>, bool), StateError> {
    let (identity, holder) = (identity(), holder(who));
    let lineage = uuid::Uuid::new_v4().to_string();
    let write = WriteId::new(uuid::Uuid::new_v4());
    let opening = Opening { identity: &identity, holder: &holder, lineage, write, by: None };
    Locked::take(store, &holder, Duration::ZERO)?.open(&opening)
}

fn key(name: &str) -> Key {
    Key::new(name.to_owned()).unwrap()
}

fn intent(name: &str) -> Record {
    let attributes: Attributes = serde_json::from_value(serde_json::json!({
        "title": name, "resourceType": "course", "resourceId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01",
    }))
    .unwrap();
    let natural_key = NaturalKey::of(&attributes);
    let digest = attributes.digest();
    let row = IntentRow {
        action: Operation::Create,
        attributes,
        digest,
        key: key(name),
        natural_key,
        requested_by_user: false,
    };
    Record::Intent { at: Timestamp::from_unix_seconds(1), batch: format!("b-{name}"), rows: vec![row] }
}

fn applied(name: &str) -> Record {
    let result = RecordedOutcome::Applied { id: None };
    Record::Outcome {
        at: Timestamp::from_unix_seconds(2),
        batch: format!("b-{name}"),
        candidate_ids: Vec::new(),
        rows: vec![KeyedOutcome { key: key(name), result }],
        warnings: Vec::new(),
    }
}

/// A run that creates this template.
fn run(store: &SharedStore, name: &str) -> Document {
    let (mut ledger, _) = open(store, "run").unwrap();
    ledger.record(&intent(name)).unwrap();
    ledger.check().unwrap();
    ledger.record(&applied(name)).unwrap();
    ledger.checkpoint().unwrap()
}

fn in_doubt(document: &Document) -> Vec<String> {
    let rows = document.templates.iter();
    rows.filter(|(_, row)| matches!(row.state, RowState::InDoubt { .. }))
        .map(|(key, _)| key.to_string())
        .collect()
}

/// Waits until the lock names the first record of this epoch: it is written beside the run.
fn until_named(objects: &InMemory, epoch: u64) {
    let began = std::time::Instant::now();
    loop {
        let object = objects.get("x.json.lock").unwrap().unwrap();
        let lock = lock_object::LockObject::read(&object).unwrap();
        if (lock.epoch, lock.records) == (epoch, 1) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(40), "the lock does not name the record");
        std::thread::yield_now();
    }
}

/// A process that is killed writes nothing more.
fn is_killed(ledger: Ledger<&SharedStore>, objects: &InMemory) {
    objects.kill_all();
    drop(ledger);
    objects.passes(61);
}

#[test]
fn runs_follow_each_other() {
    let objects = Arc::new(InMemory::default());
    assert_eq!(store(&objects).read().unwrap(), Snapshot::default());
    for (serial, name) in (1..).zip(["a", "b", "c"]) {
        let document = run(&store(&objects), name);
        assert_eq!((document.serial, document.templates.len()), (serial, usize::try_from(serial).unwrap()));
        let snapshot = store(&objects).read().unwrap();
        assert_eq!((snapshot.document.as_ref(), snapshot.journal.len()), (Some(&document), 0));
        let text = store(&objects).text().unwrap().unwrap();
        assert_eq!(text, document.to_text().unwrap().into_bytes());
    }
    let versions = objects.keys().into_iter().filter(|key| key.starts_with("x.json.history/")).count();
    assert_eq!(versions, 3);
    assert_eq!(store(&objects).writer(), Writer::Absent);
}

#[test]
fn one_write_before_a_request_and_one_after() {
    let objects = Arc::new(InMemory::default());
    let store = store(&objects);
    let (mut ledger, _) = open(&store, "run").unwrap();
    for name in ["a", "b", "c"] {
        let before = objects.writes_of_the_run();
        ledger.record(&intent(name)).unwrap();
        ledger.check().unwrap();
        assert_eq!(objects.writes_of_the_run(), before + 1);
        ledger.record(&applied(name)).unwrap();
        assert_eq!(objects.writes_of_the_run(), before + 2);
    }
}

#[test]
fn a_held_state_is_refused_until_its_lease_ends() {
    let objects = Arc::new(InMemory::default());
    let (first, second) = (store(&objects), store(&objects));
    let (ledger, _) = open(&first, "ann").unwrap();
    let Err(StateError::Lock(LockError::Leased { lock })) = open(&second, "bob") else {
        panic!("two runs hold one state");
    };
    assert_eq!((lock.holder, lock.seconds_left), (LockHolder::Run(holder("ann")), Some(60)));
    assert!(matches!(second.writer(), Writer::Known(_)));
    objects.passes(59);
    assert!(open(&second, "bob").is_err());
    objects.passes(1);
    assert!(open(&second, "bob").is_ok());
    assert!(matches!(ledger.check(), Err(StateError::TakenOver { .. })));
}

#[test]
fn who_takes_over_has_the_rows_in_doubt() {
    let objects = Arc::new(InMemory::default());
    let (first, second) = (store(&objects), store(&objects));
    run(&first, "z");
    let (mut ledger, _) = open(&first, "ann").unwrap();
    ledger.record(&intent("a")).unwrap();
    ledger.record(&applied("a")).unwrap();
    ledger.record(&intent("b")).unwrap();
    ledger.check().unwrap();
    // A reader needs no lock, and takes what was recorded into account.
    let effective = second.read().unwrap().effective().unwrap().unwrap();
    assert_eq!((effective.templates.len(), in_doubt(&effective)), (3, vec!["b".to_owned()]));

    objects.passes(61);
    let (other, recovered) = open(&second, "bob").unwrap();
    assert!(recovered);
    assert_eq!(in_doubt(other.document()), ["b"]);
    // The first run comes back: it sends nothing more, and what it records is part of no state.
    assert!(matches!(ledger.check(), Err(StateError::TakenOver { .. })));
    assert!(matches!(ledger.record(&applied("b")), Err(StateError::TakenOver { .. })));
    assert!(matches!(ledger.checkpoint(), Err(StateError::TakenOver { .. })));
    let document = other.checkpoint().unwrap();
    assert_eq!(in_doubt(&document), ["b"]);
    assert_eq!(store(&objects).read().unwrap().document, Some(document));
}

#[test]
fn a_late_save_of_the_old_holder_fails() {
    let objects = Arc::new(InMemory::default());
    let (first, second) = (store(&objects), store(&objects));
    run(&first, "z");
    let (mut ledger, _) = open(&first, "ann").unwrap();
    objects.passes(61);
    let (mut other, _) = open(&second, "bob").unwrap();
    // The second run closed the journal of the first one.
    let forgotten = ledger.record(&Record::Forget { key: key("z") });
    assert!(matches!(forgotten, Err(StateError::TakenOver { .. })));
    ledger.checkpoint().unwrap();
    let templates = |store: SharedStore| store.read().unwrap().effective().unwrap().unwrap().templates.len();
    assert_eq!(templates(store(&objects)), 1);
    other.record(&intent("a")).unwrap();
    assert_eq!(templates(store(&objects)), 2);
    other.record(&applied("a")).unwrap();
    assert_eq!(other.checkpoint().unwrap().templates.len(), 2);
    assert_eq!(templates(store(&objects)), 2);
}

#[test]
fn every_interruption_is_recovered_elsewhere() {
    // The first run and a later one, interrupted after each record.
    for earlier in [false, true] {
        for records in 1..=4 {
            let objects = Arc::new(InMemory::default());
            let first = store(&objects);
            if earlier {
                run(&first, "z");
            }
            let (mut ledger, _) = open(&first, "ann").unwrap();
            let all = [intent("a"), applied("a"), intent("b"), applied("b")];
            all.iter().take(records).for_each(|record| ledger.record(record).unwrap());
            is_killed(ledger, &objects);
            let document = run(&store(&objects), "c");
            let expected = match records {
                1 => vec!["a"],
                3 => vec!["b"],
                _ => Vec::new(),
            };
            assert_eq!(in_doubt(&document), expected, "after {records} records");
            let rows = usize::from(earlier) + 1 + records.div_ceil(2);
            assert_eq!(document.templates.len(), rows, "after {records} records");
            assert_eq!(store(&objects).read().unwrap().journal, []);
        }
    }
}

#[test]
fn a_run_that_sent_nothing_leaves_nothing() {
    let objects = Arc::new(InMemory::default());
    let first = store(&objects);
    let (mut ledger, _) = open(&first, "ann").unwrap();
    ledger.record(&intent("a")).unwrap();
    let result = RecordedOutcome::NotSent;
    ledger
        .record(&Record::Outcome {
            at: Timestamp::from_unix_seconds(2),
            batch: "b-a".to_owned(),
            candidate_ids: Vec::new(),
            rows: vec![KeyedOutcome { key: key("a"), result }],
            warnings: Vec::new(),
        })
        .unwrap();
    ledger.checkpoint().unwrap();
    assert_eq!(store(&objects).read().unwrap(), Snapshot::default());
    assert_eq!(run(&store(&objects), "b").serial, 1);
}

#[test]
fn lost_answers_and_conflicts_are_survived() {
    for fault in [WriteFault::ErrorAfterWrite, WriteFault::ErrorBeforeWrite, WriteFault::Conflict] {
        // Each write of a run in turn: lock, epoch, two records, state, history, release.
        for position in 0..9 {
            let objects = Arc::new(InMemory::default());
            run(&store(&objects), "a");
            objects.next_write_after(position, fault);
            let document = run(&store(&objects), "b");
            assert_eq!(document.templates.len(), 2, "{fault:?} at {position}");
            assert_eq!(in_doubt(&document), [""; 0]);
            assert_eq!(store(&objects).writer(), Writer::Absent, "{fault:?} at {position}");
        }
    }
}

#[test]
fn a_removed_state_is_not_a_first_run() {
    let objects = Arc::new(InMemory::default());
    run(&store(&objects), "a");
    run(&store(&objects), "b");
    objects.remove("x.json");
    assert!(matches!(store(&objects).read().unwrap().fit(), JournalFit::Foreign { .. }));
    assert!(matches!(open(&store(&objects), "ann"), Err(StateError::Replaced { .. })));
    // The newest version that was kept beside it takes its place.
    let kept = objects.keys().into_iter().rfind(|key| key.starts_with("x.json.history/")).unwrap();
    let text = objects.get(&kept).unwrap().unwrap().bytes;
    objects.remove("x.json");
    objects.create("x.json", &text).unwrap();
    let document = run(&store(&objects), "c");
    assert_eq!((document.serial, document.templates.len(), in_doubt(&document)), (3, 3, Vec::new()));
}

#[test]
fn the_object_of_another_environment_is_left_untouched() {
    let objects = Arc::new(InMemory::default());
    let other =
        StateIdentity { environment: "other".to_owned(), url: "https://other.example.com".to_owned() };
    let text = Document { serial: 3, ..Document::empty(&other, "l".to_owned()) }.to_text().unwrap();
    objects.create("x.json", text.as_bytes()).unwrap();
    assert!(matches!(open(&store(&objects), "ann"), Err(StateError::Foreign { .. })));
    assert_eq!(objects.get("x.json").unwrap().unwrap().bytes, text.as_bytes());
}

#[test]
fn a_store_that_ignores_conditions_is_refused() {
    let objects = Arc::new(InMemory::unconditional());
    assert!(matches!(open(&store(&objects), "ann"), Err(StateError::UnsafeStore { .. })));
    let shared: Arc<dyn Objects> = objects.clone();
    let allowed = store_on(shared, LeaseTerms { allow_unsafe_store: true, ..TERMS });
    assert_eq!(run(&allowed, "a").serial, 1);
}

#[test]
fn a_removed_lock_keeps_no_one_out_and_lets_no_one_send() {
    let objects = Arc::new(InMemory::default());
    let (first, second) = (store(&objects), store(&objects));
    let (mut ledger, _) = open(&first, "ann").unwrap();
    ledger.record(&intent("a")).unwrap();
    until_named(&objects, 1);
    objects.remove("x.json.lock");
    ledger.check().unwrap();
    let (other, _) = open(&second, "bob").unwrap();
    assert!(matches!(ledger.check(), Err(StateError::TakenOver { .. })));
    assert_eq!(in_doubt(other.document()), ["a"]);
}
