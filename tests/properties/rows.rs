//! Two templates, a server that acts or not, answers that arrive or not, and truthful people and exports:
//! the contents of the rows, compared with an all-seeing model.

mod adopting;
mod people;
mod promises;
mod replacing;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use certctl::apply::OutgoingRow;
use certctl::desired::Desired;
use certctl::inventory::{
    InventoryFinding, NotCompared, Observation, drift, read_templates, record_settlements, settlements,
};
use certctl::model::{Addressing, Attributes, Key, NaturalKey, TemplateId, Timestamp};
use certctl::plan::{Inputs, Plan, Scope, build};
use certctl::state::{
    Document, IdIndex, IdSource, IntentRow, JOURNAL_FORMAT, KeyedOutcome, Operation, Record, RecordedOutcome,
    Replay, Resolution, Row, RowStatus, Writes,
};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

use crate::coverage;
use crate::world::{Parts, desired, key, owner};
use steps::{Fate, Step, any_step};

/// A template on the server.
#[derive(Clone, Debug)]
struct Held {
    id: TemplateId,
    attributes: Attributes,
    maker: Key,
    changed: i64,
}

impl Held {
    fn natural_key(&self) -> NaturalKey {
        NaturalKey::of(&self.attributes)
    }
}

/// A request that the server continues as a job.
#[derive(Clone, Debug)]
struct Job {
    name: String,
    batch: String,
    row: OutgoingRow,
    by_id: bool,
}

struct Model {
    upsert: bool,
    held: Vec<Held>,
    document: Document,
    parts: Parts,
    jobs: Vec<Job>,
    /// Somebody requested a second create for these although there may have been a template: there may be two.
    risked: BTreeSet<NaturalKey>,
    /// The creates of each key whose outcome is still unknown.
    open: BTreeMap<Key, Vec<NaturalKey>>,
    /// What the next apply may send on request.
    ordered: BTreeSet<Key>,
    /// The export before the last one.
    exported: Option<String>,
    clock: i64,
    named: u64,
    /// How many templates there ever were.
    made: usize,
    /// Templates that were deleted by hand, with the time.
    deleted: Vec<(Held, i64)>,
}

impl Model {
    fn new(upsert: bool) -> Self {
        Self {
            upsert,
            held: Vec::new(),
            document: Document::empty(&owner(), "lineage".to_owned()),
            parts: Parts::from([(0, (0, 0, None))]),
            jobs: Vec::new(),
            risked: BTreeSet::new(),
            open: BTreeMap::new(),
            ordered: BTreeSet::new(),
            exported: None,
            clock: 1_800_000_000,
            named: 0,
            made: 0,
            deleted: Vec::new(),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.clock)
    }

    fn take(&mut self, step: &Step) {
        self.clock += 1000;
        coverage::count(format!("rows {}", coverage::variant(step)));
        match step {
            Step::Edit(number, parts) => {
                let taken = self.parts.iter().any(|(other, has)| other != number && has.0 == parts.0);
                let moves = self.parts.get(number).is_some_and(|had| had.0 != parts.0);
                let is_kept = taken || moves && self.is_only_an_id(&key(*number));
                if !is_kept {
                    self.parts.insert(*number, *parts);
                }
            }
            Step::Apply { fates, by_id } => {
                let plan = self.plan(*by_id, false, &Scope::default());
                self.send(&plan, fates, false);
            }
            Step::Repeat { fates, by_id } => {
                let keys = self.settleable();
                let plan = self.plan(*by_id, true, &Scope::of_keys(&keys));
                if self.may_repeat(&keys, &plan) {
                    self.send(&plan, fates, true);
                }
            }
            Step::Order => {
                let keys = self.settleable();
                let plan = self.plan(false, true, &Scope::of_keys(&keys));
                if self.may_repeat(&keys, &plan) {
                    for key in &keys {
                        self.say(key, Resolution::Resend);
                    }
                    self.ordered.extend(keys);
                }
            }
            Step::JobsEnd { well, done } => self.jobs_end(*well, *done),
            Step::Person { with_id } => self.person(*with_id),
            Step::Export { dated, stale } => self.export(*dated, *stale),
            Step::OldExport => self.old_export(),
            Step::Replace { number, again } => self.replace(&key(*number), *again),
            Step::Adopt { number, sees } => self.adopt(key(*number), *sees),
            Step::Refresh { number, edits, sees } => self.refresh(&key(*number), *edits, *sees),
        }
        self.check();
    }

    fn desired(&self) -> Desired {
        desired(&self.parts)
    }

    fn plan(&self, by_id: bool, trust_upsert: bool, scope: &Scope) -> Plan {
        let addressing = if by_id || !self.upsert { Addressing::Id } else { Addressing::Resource };
        let (desired, owner) = (&self.desired(), &owner());
        let state = Some(&self.document);
        build(&Inputs { desired, state, identity: owner, addressing, trust_upsert, scope }).unwrap()
    }

    /// Rows that are in doubt and configured, without a running job.
    fn settleable(&self) -> Vec<Key> {
        let rows = self.document.in_doubt().map(|(key, _)| key.clone());
        let waits = |key: &Key| self.jobs.iter().any(|job| job.row.key == *key);
        rows.filter(|key| !waits(key) && self.desired().templates.contains_key(key)).collect()
    }

    /// The command's own check: nothing is held back, and no update has become a create.
    fn may_repeat(&self, keys: &[Key], plan: &Plan) -> bool {
        let repeats = plan.entries.iter().filter_map(|entry| Some((entry, entry.action.submission()?))).all(
            |(entry, submission)| {
                let creates = self.document.templates[&entry.key].operation() == Some(Operation::Create);
                submission.held.is_none() && (creates || submission.operation == Operation::Update)
            },
        );
        !keys.is_empty() && repeats
    }

    /// Sends the actions of a plan, one request per row.
    fn send(&mut self, plan: &Plan, fates: &[Fate], by_order: bool) {
        for (turn, row) in OutgoingRow::of_plan(plan).into_iter().enumerate() {
            let fate = fates.get(turn).copied().unwrap_or(Fate::Answered { with_id: true });
            let by_id = plan.addressing == Addressing::Id && row.operation == Operation::Update;
            self.request(&row, by_id, fate, by_order);
        }
    }

    fn request(&mut self, row: &OutgoingRow, by_id: bool, fate: Fate, by_order: bool) {
        coverage::count(format!("rows {fate:?}"));
        self.named += 1;
        let batch = format!("b-{}", self.named);
        if !matches!(fate, Fate::NotTaken) {
            self.judge(row, by_order);
        }
        let intent = IntentRow { requested_by_user: by_order && row.is_resend, ..row.intent() };
        let intent = Record::Intent { at: self.now(), batch: batch.clone(), rows: vec![intent] };
        let unclear = RecordedOutcome::InDoubt { message: "?".to_owned() };
        let refused =
            |perhaps_applied| RecordedOutcome::Failed { message: "no".into(), record: None, perhaps_applied };
        let result = match fate {
            Fate::Answered { with_id } => Some(match self.act(row, by_id) {
                Some(id) => {
                    RecordedOutcome::Applied { id: id.filter(|_| with_id).map(|id| (id, IdSource::Exact)) }
                }
                None => refused(false),
            }),
            Fate::Refused => Some(refused(false)),
            Fate::Unclear { done } => {
                drop(done.then(|| self.act(row, by_id)));
                Some(unclear)
            }
            Fate::CutOff { done } => {
                drop(done.then(|| self.act(row, by_id)));
                None
            }
            Fate::NotTaken => Some(RecordedOutcome::NotSent),
            Fate::Job => {
                let name = format!("job of {batch}");
                self.jobs.push(Job { name: name.clone(), batch: batch.clone(), row: row.clone(), by_id });
                Some(RecordedOutcome::Pending { job: name })
            }
            // Only updates are sent again after they may have been executed.
            Fate::PerhapsDone { .. } if row.operation == Operation::Create => Some(unclear),
            Fate::PerhapsDone { done } => {
                drop(done.then(|| self.act(row, by_id)));
                Some(refused(true))
            }
        };
        let outcome = result.clone().map(|result| self.outcome(&batch, &row.key, result));
        self.record(std::iter::once(intent).chain(outcome));
        self.learn(row, result.as_ref());
    }

    fn outcome(&self, batch: &str, key: &Key, result: RecordedOutcome) -> Record {
        let rows = vec![KeyedOutcome { key: key.clone(), result }];
        let (batch, candidate_ids, warnings) = (batch.to_owned(), Vec::new(), Vec::new());
        Record::Outcome { at: self.now(), batch, candidate_ids, rows, warnings }
    }

    fn record(&mut self, records: impl IntoIterator<Item = Record>) {
        let open = Record::Open {
            at: self.now(),
            base: None,
            by: None,
            environment: self.document.environment.clone(),
            format: JOURNAL_FORMAT.to_owned(),
            lineage: self.document.lineage.clone(),
            operation: "apply".to_owned(),
            serial: self.document.serial,
            url: self.document.url.clone(),
            write: None,
            writes: Writes::default(),
        };
        let mut replay = Replay::begin(Some(self.document.clone()), &open);
        for record in records {
            replay.record(&record);
        }
        self.document = replay.finish();
    }

    /// A create may be sent only if no template can exist, unless a person requested it.
    fn judge(&mut self, row: &OutgoingRow, by_order: bool) {
        if row.operation != Operation::Create {
            return;
        }
        let ordered = by_order || self.ordered.remove(&row.key);
        let natural_key = &row.natural_key;
        let there = self.held.iter().any(|held| held.natural_key() == *natural_key);
        let open = self.open.values().flatten().any(|open| open == natural_key);
        // A second one that was risked may be left behind when the first one moves.
        let spare = self.risked.contains(natural_key);
        assert!(ordered || spare || !there, "{natural_key} is sent to be created, and the server has it");
        assert!(
            ordered || !open,
            "{natural_key} is sent to be created, and a create of it is without outcome"
        );
        if there || open {
            self.risked.insert(natural_key.clone());
        }
    }

    /// The server acts; returns the id of a new template, and nothing if it rejects the row.
    #[expect(clippy::option_option, reason = "refused, done, and done with a new id")]
    fn act(&mut self, row: &OutgoingRow, by_id: bool) -> Option<Option<TemplateId>> {
        let natural_key = &row.natural_key;
        let place = if by_id {
            let payload = row.payload();
            let id = payload.text("id").unwrap();
            let place = self.held.iter().position(|held| held.id.as_str() == id)?;
            let taken = |(other, held): (usize, &Held)| other != place && held.natural_key() == *natural_key;
            let moves = self.held[place].natural_key() != *natural_key;
            if moves && self.held.iter().enumerate().any(taken) {
                return None;
            }
            Some(place)
        } else {
            self.held.iter().position(|held| self.upsert && held.natural_key() == *natural_key)
        };
        let mut map = place.map(|place| self.held[place].attributes.to_map()).unwrap_or_default();
        for (name, value) in row.payload().iter().filter(|(name, _)| *name != "id") {
            if value.is_null() {
                map.remove(name);
            } else {
                map.insert(name.to_owned(), value.clone());
            }
        }
        let (attributes, changed) = (Attributes::from(map), self.clock);
        if let Some(place) = place {
            (self.held[place].attributes, self.held[place].changed) = (attributes, changed);
            return Some(None);
        }
        let id = self.new_id();
        self.held.push(Held { id: id.clone(), attributes, maker: row.key.clone(), changed });
        Some(Some(id))
    }

    /// What is still open once certctl learns this about a row.
    fn learn(&mut self, row: &OutgoingRow, result: Option<&RecordedOutcome>) {
        let open = self.open.entry(row.key.clone()).or_default();
        match result {
            Some(RecordedOutcome::Applied { .. }) => open.retain(|open| *open != row.natural_key),
            None | Some(RecordedOutcome::InDoubt { .. }) if row.operation == Operation::Create => {
                open.push(row.natural_key.clone());
            }
            _ => {}
        }
    }

    fn jobs_end(&mut self, well: bool, done: bool) {
        for job in std::mem::take(&mut self.jobs) {
            let acted = if well || done { self.act(&job.row, job.by_id) } else { None };
            let result = match (acted, job.row.operation) {
                (Some(_), _) if well => RecordedOutcome::Applied { id: None },
                (_, Operation::Create) => RecordedOutcome::InDoubt { message: "the job failed".to_owned() },
                (_, Operation::Update) => {
                    RecordedOutcome::Failed { message: job.name, record: None, perhaps_applied: true }
                }
            };
            let outcome = self.outcome(&job.batch, &job.row.key, result.clone());
            self.record([outcome]);
            self.learn(&job.row, Some(&result));
        }
    }
}

/// By default the same sequences every time. `CERTCTL_ROW_SEQUENCES=N` runs N, `CERTCTL_SEED=N` from that seed.
#[test]
fn rows_claim_only_what_is_known() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("CERTCTL_SEED").unwrap_or(1_800_000_000);
    let cases = number("CERTCTL_ROW_SEQUENCES").and_then(|cases| u32::try_from(cases).ok());
    let config = ProptestConfig {
        cases: cases.unwrap_or(3000),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let sequences = (any::<bool>(), prop::collection::vec(any_step(), 1..14));
    let outcome = TestRunner::new(config).run(&sequences, |(upsert, steps)| {
        let mut model = Model::new(upsert);
        for step in &steps {
            model.take(step);
        }
        model.comes_right();
        Ok::<(), TestCaseError>(())
    });
    if let Err(error) = outcome {
        panic!("CERTCTL_SEED={seed} repeats this\n{error}");
    }
}
