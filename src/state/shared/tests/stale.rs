//! Reads that answer with an earlier version for a while: the conditions of writes alone decide, so nothing is sent twice
//! and no write is lost.

use std::sync::Mutex;

use super::super::objects::{ObjectError, StoredObject};
use super::*;

/// A bucket whose reads may be out of date.
#[derive(Debug)]
struct Stale {
    now: Arc<InMemory>,
    /// What reads see, and how often the reader waits until they see the present.
    past: Mutex<Option<(InMemory, usize)>>,
}

impl Stale {
    /// Reads see the present.
    fn new(now: &Arc<InMemory>) -> Arc<Self> {
        Arc::new(Self { now: Arc::clone(now), past: Mutex::default() })
    }

    /// From now on reads see what is there now, until the reader has waited this often.
    fn freeze(&self, pauses: usize) {
        *self.past.lock().unwrap() = Some((self.now.copy(), pauses));
    }

    fn read<T>(&self, read: impl Fn(&InMemory) -> T) -> T {
        match &*self.past.lock().unwrap() {
            Some((past, _)) => read(past),
            None => read(&self.now),
        }
    }
}

impl Objects for Stale {
    fn get(&self, key: &str) -> Result<Option<StoredObject>, ObjectError> {
        self.read(|objects| objects.get(key))
    }

    fn tag(&self, key: &str) -> Result<Option<objects::Tag>, ObjectError> {
        self.read(|objects| objects.tag(key))
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Result<objects::Tag, ObjectError> {
        self.now.create(key, bytes)
    }

    fn replace(&self, key: &str, tag: &objects::Tag, bytes: &[u8]) -> Result<objects::Tag, ObjectError> {
        self.now.replace(key, tag, bytes)
    }

    fn remove(&self, key: &str) -> Result<(), ObjectError> {
        Objects::remove(&*self.now, key)
    }

    fn list(&self, folder: &str, after: &str) -> Result<Vec<String>, ObjectError> {
        self.read(|objects| objects.list(folder, after))
    }

    fn pause(&self, _: Duration) {
        let mut past = self.past.lock().unwrap();
        match past.as_mut() {
            Some((_, 0)) => *past = None,
            Some((_, left)) => *left -= 1,
            None => {}
        }
    }
}

fn stale_store(objects: &Arc<Stale>) -> SharedStore {
    let objects: Arc<dyn Objects> = objects.clone();
    store_on(objects, TERMS)
}

const FOR_EVER: usize = usize::MAX;

#[test]
fn a_run_that_sees_the_past_records_nothing() {
    for recorded_before in [0, 1, 2] {
        let objects = Arc::new(InMemory::default());
        run(&store(&objects), "z");
        let seen = Stale::new(&objects);
        let first = stale_store(&seen);
        let (mut ledger, _) = open(&first, "ann").unwrap();
        let before = [intent("x"), applied("x")];
        for (number, record) in before.iter().take(recorded_before).enumerate() {
            ledger.record(record).unwrap();
            if number == 0 {
                // A sign of life that comes later would keep the lock.
                until_named(&objects, 2);
            }
        }
        seen.freeze(FOR_EVER);
        objects.passes(61);
        // The other run creates it meanwhile.
        let document = run(&store(&objects), "a");
        assert_eq!(in_doubt(&document), if recorded_before == 1 { vec!["x"] } else { Vec::new() });
        // The first one is told that the state is its own, and must not send.
        ledger.check().unwrap();
        assert!(ledger.record(&intent("a")).is_err(), "after {recorded_before} records");
        assert!(ledger.checkpoint().is_err() || recorded_before == 0);
        assert_eq!(store(&objects).read().unwrap().document, Some(document));
    }
}

#[test]
fn who_takes_over_counts_every_record() {
    // Until it has waited so often, it sees what was there after so many records.
    for pauses in [0, 1, 3, FOR_EVER] {
        for records in 0..=3 {
            let objects = Arc::new(InMemory::default());
            run(&store(&objects), "z");
            let first = store(&objects);
            let seen = Stale::new(&objects);
            let (mut ledger, _) = open(&first, "ann").unwrap();
            let all = [intent("a"), applied("a"), intent("b")];
            all.iter().take(records).for_each(|record| ledger.record(record).unwrap());
            seen.freeze(pauses);
            all.iter().skip(records).for_each(|record| ledger.record(record).unwrap());
            is_killed(ledger, &objects);
            let second = stale_store(&seen);
            // What it is told of the lock is out of date, too.
            if let Some((past, _)) = &*seen.past.lock().unwrap() {
                past.passes(61);
            }
            match open(&second, "bob") {
                Ok((other, _)) => {
                    let document = other.document();
                    let rows = (document.templates.len(), in_doubt(document));
                    assert_eq!(rows, (3, vec!["b".to_owned()]), "{pauses}, {records}");
                }
                // It stops, and nothing is sent.
                Err(_) => assert!(pauses > 0, "{pauses}, {records}"),
            }
            objects.passes(61);
            let document = run(&store(&objects), "c");
            assert_eq!((document.templates.len(), in_doubt(&document)), (4, vec!["b".to_owned()]));
        }
    }
}

#[test]
fn an_old_state_is_never_planned_from() {
    for pauses in [0, 2, FOR_EVER] {
        let objects = Arc::new(InMemory::default());
        run(&store(&objects), "a");
        let seen = Stale::new(&objects);
        let store_of_ann = stale_store(&seen);
        let lock = store_of_ann.lock(&holder("ann"), Duration::ZERO).unwrap();
        // Its own reads are as old as the state before its epoch, or older.
        drop(lock);
        seen.freeze(pauses);
        run(&store(&objects), "b");
        match open(&store_of_ann, "ann") {
            Ok((ledger, _)) => assert_eq!(ledger.document().templates.len(), 2, "{pauses}"),
            Err(_) => assert!(pauses > 0, "{pauses}"),
        }
    }
}

#[test]
fn a_version_of_an_interrupted_run_is_kept() {
    let objects = Arc::new(InMemory::default());
    run(&store(&objects), "a");
    let second = run(&store(&objects), "b");
    // As if the run had ended between the state and its version.
    let key = objects.keys().into_iter().rfind(|key| key.starts_with("x.json.history/")).unwrap();
    objects.remove(&key);
    let lock = objects.get("x.json.lock").unwrap().unwrap();
    let held = String::from_utf8(lock.bytes).unwrap().replace("\"ended\":true", "\"ended\":false");
    objects.replace("x.json.lock", &lock.tag, held.as_bytes()).unwrap();
    run(&store(&objects), "c");
    let kept = objects.get(&key).unwrap().unwrap().bytes;
    assert_eq!(kept, second.to_text().unwrap().into_bytes());
}
