//! Objects of an interrupted run's journal, and its lock, that somebody removed.

use super::*;
use crate::model::Attributes;
use crate::state::PlannedRow;
use crate::state::shared::journal_notes::JournalNotes;
use crate::state::shared::lock_object::LockObject;

fn batch(name: &str, rows: &[&str]) -> Record {
    let of = |row: &&str| match intent(row) {
        Record::Intent { rows, .. } => rows,
        _ => Vec::new(),
    };
    let rows = rows.iter().flat_map(of).collect();
    Record::Intent { at: Timestamp::from_unix_seconds(1), batch: name.to_owned(), rows }
}

fn answer(name: &str, rows: &[&str], result: &RecordedOutcome) -> Record {
    Record::Outcome {
        at: Timestamp::from_unix_seconds(2),
        batch: name.to_owned(),
        candidate_ids: Vec::new(),
        rows: rows.iter().map(|row| KeyedOutcome { key: key(row), result: result.clone() }).collect(),
        warnings: Vec::new(),
    }
}

fn failed() -> RecordedOutcome {
    RecordedOutcome::Failed { message: "no".to_owned(), record: None, perhaps_applied: false }
}

/// A run that halves its first request, and has one without an answer.
fn records() -> Vec<Record> {
    vec![
        batch("1", &["a", "b"]),
        answer("1", &["a", "b"], &RecordedOutcome::NotSent),
        batch("2", &["a"]),
        answer("2", &["a"], &RecordedOutcome::Applied { id: None }),
        batch("3", &["b"]),
        answer("3", &["b"], &failed()),
        batch("4", &["c"]),
    ]
}

fn planned() -> Vec<PlannedRow> {
    let attributes = |row: &str| match intent(row) {
        Record::Intent { rows, .. } => rows[0].attributes.clone(),
        _ => Attributes::default(),
    };
    ["a", "b", "c", "d"].map(|row| PlannedRow::new(key(row), Operation::Create, &attributes(row))).into()
}

/// The objects that an interrupted run left, without its lock; with what it was going to send, if it says so.
fn interrupted(says_so: bool) -> Arc<InMemory> {
    let objects = Arc::new(InMemory::default());
    let store = store(&objects);
    run(&store, "z");
    let (mut ledger, _) = open(&store, "ann").unwrap();
    if says_so {
        ledger.plans(&planned).unwrap();
    }
    for record in records() {
        ledger.record(&record).unwrap();
    }
    is_killed(ledger, &objects);
    objects
}

fn journal_of(objects: &InMemory) -> Vec<String> {
    objects.keys().into_iter().filter(|key| key.contains(".journal/0000000002-")).collect()
}

/// The same objects, without some: `lock` has named this many records.
fn without(whole: &Arc<InMemory>, lost: &[usize], lock: u64) -> Arc<InMemory> {
    let objects = Arc::new(InMemory::default());
    let journal = journal_of(whole);
    for object in whole.keys() {
        let is_lost = lost.iter().any(|number| journal[*number] == object);
        if !is_lost && object != "x.json.lock" {
            objects.create(&object, &whole.get(&object).unwrap().unwrap().bytes).unwrap();
        }
    }
    if lock == 0 {
        return objects;
    }
    let first = String::from_utf8(whole.get(&journal[0]).unwrap().unwrap().bytes).unwrap();
    let records = records();
    let line = records[0].to_line().unwrap();
    let mut object = LockObject::new(&holder("ann"), 60);
    let run = StoredState::read(store(whole).place().unwrap()).unwrap().unwrap().epoch.run;
    object.id = run;
    let mut notes = JournalNotes::begin(2, run, first.strip_suffix(&line).unwrap());
    for (number, record) in (1..=lock).zip(&records) {
        notes.add(number, record, &record.to_line().unwrap());
    }
    (object.epoch, object.records, object.journal) = (2, lock, Some(notes));
    objects.create("x.json.lock", &object.text().unwrap()).unwrap();
    objects.passes(61);
    objects
}

#[test]
fn every_subset_of_lost_records_leaves_doubt() {
    let whole = interrupted(true);
    let full = store(&whole).read().unwrap().effective().unwrap().unwrap();
    let count = records().len();
    for subset in 1..1_usize << count {
        let lost: Vec<usize> = (0..count).filter(|number| subset & (1 << number) != 0).collect();
        let last = (0..count).rfind(|number| !lost.contains(number)).map_or(0, |last| last + 1);
        for lock in 0..=count {
            // Nothing shows that there were more.
            if lost.iter().all(|number| *number >= last.max(lock)) {
                continue;
            }
            let case = format!("without {lost:?}, with {lock} in the lock");
            let objects = without(&whole, &lost, lock as u64);
            let found = match store(&objects).read() {
                Ok(snapshot) => snapshot.effective().unwrap().unwrap(),
                // Neither the first object nor a lock says what the run was going to send.
                Err(StateError::JournalIncomplete { .. }) if lock == 0 && lost.contains(&0) => continue,
                Err(error) => panic!("{case}: {error}"),
            };
            for name in ["a", "b", "c"] {
                let row = found.templates.get(&key(name)).unwrap_or_else(|| panic!("{case}: {name}"));
                let is_full = full.templates.get(&key(name)).is_some_and(|full| full.says_the_same(row));
                let is_in_doubt = matches!(row.state, RowState::InDoubt { .. });
                assert!(is_full || is_in_doubt, "{case}: {name} {row:?}");
            }
            let d = found.templates.get(&key("d")).map(|row| &row.state);
            assert!(matches!(d, Some(RowState::InDoubt { .. })), "{case}");
        }
    }
}

#[test]
fn the_next_run_settles_nothing_by_itself() {
    let whole = interrupted(true);
    let objects = without(&whole, &[2, 3], 7);
    let document = run(&store(&objects), "e");
    // What was sent of `a` is known: an earlier record of the run has it.
    assert_eq!(in_doubt(&document), ["a", "c", "d"]);
    let attempt = |name: &str| document.templates[&key(name)].attempt().unwrap().clone();
    assert!(!attempt("a").has_unknown_contents() && attempt("d").has_unknown_contents());
    assert_eq!(attempt("d").attributes.title(), Some("d"));
    // The journal is part of the state now, lost or not.
    assert_eq!(store(&objects).read().unwrap().journal, []);
    let text = document.to_text().unwrap();
    assert_eq!(store(&objects).document(text.as_bytes()).unwrap(), document);
}

#[test]
fn a_lost_record_that_the_lock_has_is_whole() {
    let whole = interrupted(true);
    let document = store(&without(&whole, &[6], 7)).read().unwrap().effective().unwrap().unwrap();
    let attempt = document.templates[&key("c")].attempt().unwrap();
    assert!(!attempt.is_of_a_lost_record() && attempt.batch == "4");
}

#[test]
fn a_lost_journal_that_says_nothing_is_refused() {
    // As an early version wrote it.
    let whole = interrupted(false);
    for (lost, lock) in [(vec![1], 0), (vec![0], 0), (vec![3], 7)] {
        let objects = without(&whole, &lost, lock);
        for refused in [store(&objects).read().map(drop), open(&store(&objects), "bob").map(drop)] {
            assert!(matches!(refused, Err(StateError::JournalIncomplete { .. })), "{lost:?}: {refused:?}");
        }
    }
}

#[test]
fn the_lock_keeps_what_it_knows_while_it_is_taken_over() {
    let objects = Arc::new(InMemory::default());
    let first = store(&objects);
    let (mut ledger, _) = open(&first, "ann").unwrap();
    ledger.plans(&planned).unwrap();
    ledger.record(&batch("1", &["a", "b"])).unwrap();
    until_named(&objects, 1);
    is_killed(ledger, &objects);
    for object in objects.keys().iter().filter(|key| key.contains(".journal/")) {
        objects.remove(object);
    }
    // It takes the lock, and is killed before it makes the journal part of the state.
    let second = store(&objects);
    std::mem::forget(second.lock(&holder("bob"), Duration::ZERO).unwrap());
    objects.passes(61);
    let third = store(&objects);
    let (ledger, recovered) = open(&third, "eve").unwrap();
    assert!(recovered);
    assert_eq!(in_doubt(ledger.document()), ["a", "b", "c", "d"]);
    ledger.checkpoint().unwrap();
    let lock = LockObject::read(&objects.get("x.json.lock").unwrap().unwrap()).unwrap();
    assert!(lock.released && lock.notes().is_none(), "{lock:?}");
}

#[test]
fn a_lock_of_an_early_version_is_read() {
    let text = r#"{"format":"certctl.lock/v1","holder":{"who":"a","host":"h","pid":1,"operation":"apply",
        "since":"2026-11-23T10:00:00Z"},"id":"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01","leaseSeconds":60,
        "nonce":"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02","epoch":3,"records":2,"released":false,"proven":true}"#;
    let objects = InMemory::default();
    objects.create("l", text.as_bytes()).unwrap();
    let lock = LockObject::read(&objects.get("l").unwrap().unwrap()).unwrap();
    let notes = lock.notes().unwrap();
    assert_eq!((notes.epoch, notes.run, notes.records), (3, lock.id, 2));
}

#[test]
fn a_lost_state_has_a_higher_epoch_than_any_run() {
    let objects = Arc::new(InMemory::default());
    run(&store(&objects), "a");
    run(&store(&objects), "b");
    objects.remove("x.json");
    objects.remove("x.json.lock");
    assert_eq!(store(&objects).lock(&holder("ann"), Duration::ZERO).unwrap().epoch.number, 3);
}

/// The versions and journals of three runs.
fn three_runs() -> ([Document; 3], Vec<Vec<Record>>) {
    let objects = Arc::new(InMemory::default());
    let documents = ["a", "b", "c"].map(|name| run(&store(&objects), name));
    let place = store(&objects);
    let place = place.place().unwrap();
    let journal = |epoch| journal::unsealed(place, 0, epoch).unwrap().unwrap().read(place, None).unwrap();
    (documents, (1..=3).map(journal).collect())
}

#[test]
fn a_restored_version_has_in_doubt_what_came_later() {
    let ([first, second, third], journals) = three_runs();
    let at = Timestamp::from_unix_seconds(9);
    let known = |document: &Document| (document.templates.len(), in_doubt(document));
    let restored = |chosen: &Document, newer: &[Document], journal: usize| {
        crate::state::restored(chosen, newer, &journals[journal], at)
    };
    let none: Vec<String> = Vec::new();
    // The newest version has the journal, or is what the last run began with.
    assert_eq!(known(&restored(&third, &[], 2).unwrap()), (3, none.clone()));
    assert_eq!(known(&restored(&second, &[], 2).unwrap()), (3, none));
    assert_eq!(
        known(&restored(&first, std::slice::from_ref(&third), 2).unwrap()),
        (3, vec!["b".to_owned(), "c".to_owned()])
    );
    assert_eq!(known(&restored(&first, &[second], 2).unwrap()), (3, vec!["b".to_owned(), "c".to_owned()]));
    // What the second run sent is not known.
    assert_eq!(restored(&first, &[], 2), Err(2));
    assert_eq!(crate::state::with_journal(&third, &journals[2]), Ok(third));
}
