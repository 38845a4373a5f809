//! People at several machines with one state in a bucket, and a judge that sees the bucket and the server.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use certctl::api::{Answer, Call};
use certctl::apply::Settings;
use certctl::model::{
    Addressing, Attributes, NaturalKey, ObjectAddress, StateAddress, TemplateId, Timestamp,
};
use certctl::state::{
    Document, IdIndex, IdSource, InMemory, LeaseTerms, Ledger, Locked, LookLimits, Objects as _, Opening,
    Operation, Record, Resolution, Row, RowStatus, SharedStore, StateError, Store as _, WriteId,
};

use super::process::{Fate, Process, set_meanwhile};
use super::{Event, Script};
use crate::academy::{Academy, Journals};
use crate::coverage;
use crate::simulation::{NoopObserver, Remote, Run};
use crate::world::{Parts, desired, holder, owner, plan};

/// The journals in a bucket.
struct BucketJournals(Arc<InMemory>);

impl Journals for BucketJournals {
    fn records(&self) -> Vec<Record> {
        let keys = self.0.keys().into_iter().filter(|key| key.contains(".journal/"));
        let texts = keys.map(|key| String::from_utf8(self.0.get(&key).unwrap().unwrap().bytes).unwrap());
        let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter_map(|line| serde_json::from_str(&line).ok()).collect()
    }

    fn known_ids(&self) -> Vec<String> {
        Vec::new()
    }
}

pub(crate) struct Team {
    bucket: Arc<InMemory>,
    academy: Academy,
    parts: RefCell<Parts>,
    clock: Cell<i64>,
    writes: Cell<u128>,
    /// How many runs took the lock.
    runs: Cell<usize>,
    /// What was in the bucket before each event.
    pasts: RefCell<Vec<Arc<InMemory>>>,
    /// Every state that a run was told to be in place, by its serial.
    written: RefCell<BTreeMap<u64, Document>>,
    /// What was sent by a run that stood still after its last look at the epoch: older contents may have come after newer ones.
    late: RefCell<BTreeSet<NaturalKey>>,
}

/// The server as a process reaches it.
struct Server<'a> {
    team: &'a Team,
    process: &'a Process,
}

impl Remote for Server<'_> {
    const JOURNEY: Duration = Duration::from_millis(100);

    fn arrives(&self, call: Call) -> Option<(Duration, Answer)> {
        let runs = self.team.runs.get();
        if self.process.step("the request").is_err() {
            return Some((Duration::ZERO, Answer::Lost { reason: "killed".to_owned() }));
        }
        if self.team.runs.get() > runs
            && let Call::Bulk(request) | Call::BulkUpdate(request) = &call
        {
            self.team.is_late(&request.templates);
        }
        self.team.academy.arrives(call)
    }
}

fn address() -> ObjectAddress {
    match StateAddress::parse("s3://states/x.json") {
        Some(Ok(StateAddress::Object(address))) => address,
        other => panic!("{other:?} is not the address of an object"),
    }
}

/// A bucket that was found to compare and swap.
fn proven() -> InMemory {
    thread_local! {
        static PROVEN: Arc<InMemory> = {
            let bucket = Arc::new(InMemory::default());
            drop(store(Process::new(&bucket, Fate::default())).lock(&holder(), Duration::ZERO).unwrap());
            bucket.remove("x.json");
            bucket
        };
    }
    PROVEN.with(|bucket| bucket.copy())
}

fn store(process: Arc<Process>) -> SharedStore {
    let terms = LeaseTerms { lease: Duration::from_secs(60), allow_unsafe_store: false };
    SharedStore::on(process, &address(), owner(), terms)
}

impl Team {
    /// A server that matches natural keys, or one that never does and is addressed by id only.
    pub(crate) fn new(upsert: bool) -> Rc<Self> {
        let bucket = Arc::new(proven());
        let academy = Academy::new(upsert, Rc::new(BucketJournals(Arc::clone(&bucket))));
        academy.judge.watch_doubts();
        Rc::new(Self {
            bucket,
            academy,
            parts: RefCell::default(),
            clock: Cell::new(1_800_000_000),
            writes: Cell::default(),
            runs: Cell::default(),
            pasts: RefCell::default(),
            written: RefCell::default(),
            late: RefCell::default(),
        })
    }

    /// An event and what follows from it.
    pub(crate) fn takes(self: &Rc<Self>, event: &Event) {
        self.time_passes();
        match event {
            Event::Edit(parts) => self.parts.borrow_mut().clone_from(parts),
            Event::Apply(script) => self.apply(script),
            Event::Settle => self.settle(),
            Event::LockIsRemoved => self.bucket.remove("x.json.lock"),
        }
        self.check();
    }

    /// Longer than a lease.
    fn time_passes(&self) {
        self.clock.set(self.clock.get() + 1000);
        self.bucket.passes(1000);
        self.academy.step.set(self.clock.get());
        self.pasts.borrow_mut().push(Arc::new(self.bucket.copy()));
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.clock.get())
    }

    /// A process with this script.
    fn process(self: &Rc<Self>, script: &Script) -> Arc<Process> {
        let past = script.old_reads.and_then(|(from, events, waits)| {
            let pasts = self.pasts.borrow();
            let past = pasts.iter().rev().nth(events).or(pasts.first())?;
            Some((from, Arc::clone(past), waits))
        });
        let stalls_at = script.meanwhile.as_ref().map(|(at, _)| *at);
        set_meanwhile(script.meanwhile.as_ref().map(|(_, other)| {
            let (team, other) = (Rc::clone(self), other.clone());
            Box::new(move || team.is_taken_over(&other)) as Box<dyn FnOnce()>
        }));
        let fate = Fate { dies_at: script.dies_at, stalls_at, fails_at: script.fails_at, past };
        Process::new(&self.bucket, fate)
    }

    /// Another process works while one stands still.
    fn is_taken_over(self: &Rc<Self>, script: &Script) {
        let moods = self.academy.moods.take();
        self.time_passes();
        self.hear();
        self.apply(script);
        *self.academy.moods.borrow_mut() = moods;
    }

    fn open(&self, store: SharedStore) -> Result<Ledger<SharedStore>, StateError> {
        self.writes.set(self.writes.get() + 1);
        let write = WriteId::new(uuid::Uuid::from_u128(self.writes.get()));
        let lineage = format!("00000000-0000-4000-8000-{:012}", self.writes.get());
        let (owner, holder) = (owner(), holder());
        let opening = Opening { identity: &owner, holder: &holder, by: None, lineage, write };
        let locked = Locked::take(store, &holder, Duration::ZERO)?;
        self.runs.set(self.runs.get() + 1);
        let (ledger, recovered) = locked.open(&opening)?;
        if recovered {
            coverage::count("a journal was recovered");
        }
        Ok(ledger)
    }

    fn apply(self: &Rc<Self>, script: &Script) {
        let process = self.process(script);
        if let Ok(ledger) = self.open(store(Arc::clone(&process))) {
            self.run(script, ledger, &process);
        } else {
            coverage::count("a run was refused");
        }
        set_meanwhile(None);
        self.hear();
    }

    fn run(&self, script: &Script, ledger: Ledger<SharedStore>, process: &Process) {
        let state = Some(ledger.document()).filter(|state| state.serial > 0).cloned();
        let remembered = state.iter().flat_map(|state| state.templates.values()).flat_map(Row::natural_keys);
        self.academy.judge.run_begins(remembered.collect());
        self.academy.moods.borrow_mut().clone_from(&script.moods);
        let addressing = if self.academy.upsert { Addressing::Resource } else { Addressing::Id };
        let plan = plan(&desired(&self.parts.borrow()), state.as_ref(), addressing);
        let settings = Settings {
            batch_size: script.batch_size,
            concurrency: script.concurrency,
            requests_per_minute: 6000,
            job_timeout: Duration::from_secs(2),
            requested_by_user: false,
            jitter_seed: 7,
        };
        let run = Run { plan: &plan, settings, clock: self.now(), interrupted_at: None };
        let server = Server { team: self, process };
        match run.execute(ledger, &server, &mut NoopObserver).executed.state {
            Ok(document) if !process.is_dead() => self.is_written(&document),
            Ok(_) => {}
            Err(StateError::TakenOver { .. }) => coverage::count("a run found that it was taken over"),
            Err(_) => coverage::count("a run could not write"),
        }
    }

    /// A run was told that this state is in place.
    fn is_written(&self, document: &Document) {
        let mut written = self.written.borrow_mut();
        let other = written.insert(document.serial, document.clone());
        let is_lost = other.is_some_and(|other| other != *document);
        assert!(!is_lost || document.serial == 0, "two states have the serial {}", document.serial);
    }

    /// What the state does not have in doubt is answered.
    fn hear(&self) {
        let state = self.state();
        let doubtful = state.iter().flat_map(Document::in_doubt);
        let doubtful: BTreeSet<_> = doubtful.flat_map(|(_, row)| row.natural_keys()).collect();
        self.academy.judge.hear(|natural_key| !doubtful.contains(natural_key));
    }

    fn state(&self) -> Option<Document> {
        let store = store(Process::new(&self.bucket, Fate::default()));
        store.read().unwrap().effective().unwrap()
    }

    /// A person looks up every create in doubt.
    fn settle(self: &Rc<Self>) {
        let process = self.process(&Script::default());
        let Ok(mut ledger) = self.open(store(process)) else { return };
        let mut document = ledger.document().clone();
        let doubtful: Vec<_> = document
            .in_doubt()
            .map(|(key, row)| {
                (key.clone(), NaturalKey::of(&row.attempt().unwrap().attributes), row.operation())
            })
            .collect();
        for (key, natural_key, operation) in doubtful {
            if operation == Some(Operation::Update) {
                continue;
            }
            let resolution = match &self.academy.find(&natural_key)[..] {
                [held, ..] => Resolution::Created { id: TemplateId::parse_uuid(&held.id).unwrap() },
                [] => Resolution::NotCreated,
            };
            coverage::count(format!("settled {}", coverage::variant(&resolution)));
            if document.resolve(&mut IdIndex::of(&document), &key, &resolution, self.now()).is_ok() {
                ledger.record(&Record::Resolve { at: self.now(), key, resolution }).unwrap();
            }
        }
        self.is_written(&ledger.checkpoint().unwrap());
        self.hear();
    }

    fn is_late(&self, rows: &[Attributes]) {
        coverage::count("a request left after a takeover");
        let mut late = self.late.borrow_mut();
        for row in rows {
            let by_id = row.get("id").and_then(serde_json::Value::as_str);
            let of_id = by_id.and_then(|id| self.academy.natural_key_of(id));
            late.insert(of_id.unwrap_or_else(|| NaturalKey::of(row)));
        }
    }

    fn check(&self) {
        let Some(state) = self.state() else {
            assert!(self.academy.held.borrow().is_empty(), "no state knows what is on the server");
            return;
        };
        let newest = self.written.borrow().last_key_value().map(|(serial, _)| *serial);
        assert!(newest.unwrap_or(0) <= state.serial, "the state went back to {}", state.serial);
        let remembered: BTreeSet<_> = state.templates.values().flat_map(Row::natural_keys).collect();
        let held = self.academy.held.borrow();
        for held in held.iter() {
            let natural_key = held.natural_key();
            assert!(remembered.contains(&natural_key), "{natural_key} is on the server, and forgotten");
            let of_it = self.academy.find(&natural_key).len();
            assert_eq!(of_it, 1, "there are {of_it} templates for {natural_key}");
        }
        for (key, row) in &state.templates {
            if let Some(identity) = row.identity.as_ref().filter(|it| it.source == IdSource::Exact) {
                let truth = self.academy.natural_key_of(identity.id.as_str());
                let is_own = truth.is_some_and(|truth| row.natural_keys().any(|own| own == truth));
                assert!(is_own, "{key} has an id that is not its own");
            }
            let (RowStatus::Applied, Some(known)) = (row.status(), &row.confirmed) else { continue };
            let natural_key = NaturalKey::of(&known.attributes);
            let held = self.academy.find(&natural_key);
            let is_so = held.iter().any(|held| held.attributes == known.attributes);
            let is_late = self.late.borrow().contains(&natural_key);
            assert!(is_so || is_late, "{key} is said to hold {:?}: {held:?}", known.attributes);
        }
    }

    /// Nothing goes wrong any more, and a person looks up what is in doubt.
    pub(crate) fn comes_right(self: &Rc<Self>) {
        for event in [Event::Apply(Script::default()), Event::Settle, Event::Apply(Script::default())] {
            self.takes(&event);
        }
        let state = self.state();
        let addressing = if self.academy.upsert { Addressing::Resource } else { Addressing::Id };
        let left = plan(&desired(&self.parts.borrow()), state.as_ref(), addressing);
        let is_open = |entry: &certctl::plan::Entry| {
            entry.action.submission().is_some_and(|submission| submission.held.is_none())
        };
        let left: Vec<_> = left.entries.iter().filter(|entry| is_open(entry)).collect();
        assert!(left.is_empty(), "still to do: {left:?}");
        self.every_version_is_kept();
    }

    /// Every state that was in place can be looked at, and is as it was.
    fn every_version_is_kept(&self) {
        let Some(state) = self.state() else { return };
        let mut kept = BTreeMap::new();
        let limits = LookLimits { time: Duration::from_secs(60), bytes: u64::MAX };
        let store = store(Process::new(&self.bucket, Fate::default()));
        let unchecked = store.look_back(Some(&state.lineage), limits, &mut |past| {
            let serial = past.document.serial;
            assert!(kept.insert(serial, past.document).is_none(), "two versions have the serial {serial}");
            std::ops::ControlFlow::Continue(())
        });
        assert!(unchecked.is_none());
        let serials: Vec<u64> = kept.keys().copied().collect();
        assert_eq!(serials, (1..=state.serial).collect::<Vec<_>>(), "versions that are kept");
        for (serial, document) in self.written.borrow().iter().filter(|(serial, _)| **serial > 0) {
            assert_eq!(kept.get(serial), Some(document), "the version {serial}");
        }
    }
}
