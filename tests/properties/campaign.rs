//! Months of use in a second: random sequences of everything that people, two machines and a misbehaving server do,
//! checked by a judge that sees both sides.

mod forgetting;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use certctl::apply::{Executed, Settings};
use certctl::desired::{Desired, Moved, Template, WrittenPlaces};
use certctl::model::{Addressing, NaturalKey, TemplateId, Timestamp};
use certctl::plan::{Inputs, Plan, Scope, build, check_applicable};
use certctl::state::{
    Document, Holder, IdIndex, Ledger, Locked, Opening, Operation, Record, Row, StateError, Store as _,
    WriteId,
};

use crate::academy::Academy;
use crate::coverage;
use crate::events::{Event, Manner, Settling, Step};
use crate::promises::Witness;
use crate::simulation::Run;
use crate::world::{MemoryStore, Parts, attributes, holder, key, owner};

pub(crate) struct Machine {
    pub(crate) store: Rc<MemoryStore>,
    /// The ids of the templates that its state must know.
    pub(crate) must_know: BTreeSet<String>,
    /// What a person made it forget, perhaps while a job was still working.
    waived: BTreeSet<NaturalKey>,
    /// When the templates with these ids were last seen as a whole, and that was recorded.
    pub(crate) seen: BTreeMap<String, i64>,
}

pub(crate) struct Campaign {
    pub(crate) academy: Academy,
    pub(crate) machines: [Machine; 2],
    pub(crate) here: usize,
    /// How many writes a state lists.
    writes: Cell<u128>,
    pub(crate) parts: Parts,
    pub(crate) moved: Vec<Moved>,
    pub(crate) removed: BTreeSet<u8>,
    saved: Option<Plan>,
    pub(crate) by_id_only: bool,
    protect: bool,
    /// The latest state that both machines had.
    pub(crate) common: Option<String>,
    clock: Rc<Cell<i64>>,
}

impl Campaign {
    /// A server that matches natural keys, or one that never does and is addressed by id only.
    pub(crate) fn new(upsert: bool) -> Self {
        let machine = || Machine {
            store: Rc::default(),
            must_know: BTreeSet::new(),
            waived: BTreeSet::new(),
            seen: BTreeMap::new(),
        };
        let machines = [machine(), machine()];
        let first = Rc::clone(&machines[0].store);
        Self {
            academy: Academy::new(upsert, first),
            machines,
            here: 0,
            writes: Cell::new(0),
            parts: Parts::new(),
            moved: Vec::new(),
            removed: BTreeSet::new(),
            saved: None,
            by_id_only: !upsert,
            protect: false,
            common: None,
            clock: Rc::new(Cell::new(1_800_000_000)),
        }
    }

    /// An event without a crash.
    pub(crate) fn happens(&mut self, event: Event) {
        self.take(&Step { event, dies_at: None });
    }

    /// How many requests the server has read.
    pub(crate) fn requests(&self) -> usize {
        self.academy.requests.get()
    }

    /// The titles on the server.
    pub(crate) fn titles(&self) -> Vec<String> {
        let held = self.academy.held.borrow();
        held.iter().filter_map(|held| held.attributes.title().map(str::to_owned)).collect()
    }

    pub(crate) fn take(&mut self, step: &Step) {
        // More than the tolerance for clocks.
        self.clock.set(self.clock.get() + 1000);
        self.academy.keep();
        self.academy.step.set(self.clock.get());
        self.store().lives_for(step.dies_at);
        coverage::count(coverage::variant(&step.event));
        self.happen(&step.event);
        self.store().lives_for(None);
        self.count_settlements();
        // A job that certctl does not know is finished before anyone looks.
        self.academy.end_jobs_but(&self.awaited_jobs());
        self.learn();
        self.check();
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Edit(parts) => self.parts.clone_from(parts),
            Event::Retitle(title, days) => {
                self.parts.values_mut().for_each(|parts| (parts.1, parts.2) = (*title, *days));
            }
            Event::Rename(from, to) => self.rename(*from, *to),
            Event::Remove(number) => self.remove(*number),
            Event::Apply(manner) => drop(self.apply(manner)),
            Event::SavePlan => self.saved = Some(self.saved_plan(self.by_id_only)),
            Event::ApplySaved(manner) => self.apply_saved(manner),
            Event::TimePasses => {}
            Event::Settle(Settling::By(sight)) => self.settle_by(*sight),
            Event::Settle(Settling::Truthfully) => self.settle(),
            Event::Resend(manner) => self.resend(manner),
            Event::Protect(protect) => self.protect = *protect,
            Event::Import(number) => self.import(*number),
            Event::ImportFrom(sight) => self.import_from(*sight),
            Event::ImportWrite(sight) => self.import_write(*sight),
            Event::Refresh(sight) => self.refresh(*sight),
            Event::StateMv(from, to) => {
                let record = Record::Move { from: key(*from), to: key(*to) };
                self.edit(|document| document.move_row(&key(*from), &key(*to)).is_ok().then_some(record));
            }
            Event::StateRm(number) => self.forget(*number),
            Event::DeletedByHand(number) => {
                if let Some(&(resource, title, days)) = self.parts.get(number) {
                    self.academy.delete(&NaturalKey::of(&attributes(resource, title, days)));
                }
            }
            Event::EditedByHand(number, days) => {
                if let Some(&(resource, title, before)) = self.parts.get(number) {
                    self.academy.edit_by_hand(&NaturalKey::of(&attributes(resource, title, before)), *days);
                }
            }
            Event::OtherMachine => {
                self.here = 1 - self.here;
                let store = Rc::clone(self.store());
                self.academy.serve(self.here, store);
            }
            Event::Pull => self.pull(),
            Event::Merge => drop(self.merge()),
        }
    }

    fn store(&self) -> &Rc<MemoryStore> {
        &self.machines[self.here].store
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.clock.get())
    }

    pub(crate) fn state(&self) -> Option<Document> {
        self.store().read().unwrap().effective().unwrap()
    }

    fn awaited_jobs(&self) -> Vec<String> {
        let states =
            self.machines.iter().filter_map(|machine| machine.store.read().unwrap().effective().ok());
        states
            .flatten()
            .flat_map(|state| state.templates.into_values())
            .filter_map(|row| row.job().map(str::to_owned))
            .collect()
    }

    pub(crate) fn desired(&self) -> Desired {
        let template = |(&number, &(resource, title, days)): (&u8, &(u8, u8, Option<u8>))| {
            let file = Arc::from(std::path::Path::new("a.yaml"));
            let attributes = attributes(resource, title, days);
            let protect = self.protect && number % 2 == 0;
            (
                key(number),
                Template { attributes, protect, written: WrittenPlaces::default(), canvas: None, file },
            )
        };
        let desired = Desired::from_templates(self.parts.iter().map(template), self.moved.clone());
        // Entries that the rules of template files refuse are not in any YAML.
        let is_left = |number: &&u8| {
            let is_moved = |moved: &Moved| moved.from == key(**number) || moved.to == key(**number);
            !self.parts.contains_key(*number) && !self.moved.iter().any(is_moved)
        };
        desired.without(self.removed.iter().filter(is_left).map(|number| key(*number)))
    }

    pub(crate) fn plan_of(&self, state: Option<&Document>, by_id: bool) -> Plan {
        self.plan_for(state, by_id, false, &Scope::default())
    }

    pub(crate) fn plan_for(
        &self,
        state: Option<&Document>,
        by_id: bool,
        trust_upsert: bool,
        scope: &Scope,
    ) -> Plan {
        let addressing = if by_id { Addressing::Id } else { Addressing::Resource };
        let (desired, owner) = (&self.desired(), &owner());
        build(&Inputs { desired, state, identity: owner, addressing, trust_upsert, scope }).unwrap()
    }

    fn saved_plan(&self, by_id: bool) -> Plan {
        let state = self.state();
        let text = self.plan_of(state.as_ref(), by_id).to_text().unwrap();
        Plan::from_text(&text).unwrap()
    }

    fn next_write(&self) -> WriteId {
        self.writes.set(self.writes.get() + 1);
        WriteId::new(uuid::Uuid::from_u128(self.writes.get()))
    }

    pub(crate) fn open(&self) -> Result<Ledger<&MemoryStore>, StateError> {
        let (owner, holder): (_, Holder) = (owner(), holder());
        let lineage = format!("00000000-0000-4000-8000-{:012}", self.here);
        let write = self.next_write();
        let opening = Opening { identity: &owner, holder: &holder, by: None, lineage, write };
        let locked = Locked::take(&**self.store(), &holder, Duration::ZERO)?;
        locked.open(&opening).map(|(ledger, _)| ledger)
    }

    fn apply(&mut self, manner: &Manner) -> Option<Executed> {
        let by_id = manner.by_id || self.by_id_only;
        let ledger = self.open().ok()?;
        let state = Some(ledger.document()).filter(|state| state.serial > 0).cloned();
        let scope = match manner.below {
            Some(end) => Scope::of_keys(&(0..end).map(key).collect::<Vec<_>>()),
            None => Scope::default(),
        };
        let trust = manner.trust && self.academy.upsert;
        let plan = self.plan_for(state.as_ref(), by_id, trust, &scope);
        if trust {
            for submission in plan.entries.iter().filter_map(|entry| entry.action.submission()) {
                if submission.operation == Operation::Create && submission.resend {
                    self.academy.judge.order(NaturalKey::of(&submission.after));
                }
            }
        }
        let forgotten = self.forgotten_by(&plan, state.as_ref());
        let executed = self.run(&plan, ledger, manner, false);
        self.waive(forgotten);
        let died = self.store().appends_left.borrow().is_some_and(|left| left == 0);
        if let (Ok(document), false) = (&executed.state, died) {
            self.plan_after_names_what_is_left(document, &executed, by_id, &scope);
        }
        Some(executed)
    }

    /// A saved plan runs on the state that it was made from, or not at all.
    fn apply_saved(&mut self, manner: &Manner) {
        let Some(plan) = self.saved.clone() else { return };
        let Ok(ledger) = self.open() else { return };
        let state = Some(ledger.document()).filter(|state| state.serial > 0).cloned();
        let held = state.as_ref().map(|state| state.templates_digest().unwrap());
        let same = held.is_none() || held == plan.base.digest;
        let fit = check_applicable(&plan, &owner(), state.as_ref(), false);
        assert!(fit.is_err() || same, "a plan for serial {} fits another", plan.base.serial);
        if fit.is_ok() {
            let manner = Manner { by_id: plan.addressing == Addressing::Id, ..manner.clone() };
            let forgotten = self.forgotten_by(&plan, state.as_ref());
            self.run(&plan, ledger, &manner, false);
            self.waive(forgotten);
        }
    }

    pub(crate) fn run(
        &self,
        plan: &Plan,
        ledger: Ledger<&MemoryStore>,
        manner: &Manner,
        requested_by_user: bool,
    ) -> Executed {
        let remembered = ledger.document().templates.values().flat_map(Row::natural_keys).collect();
        self.academy.judge.run_begins(remembered);
        self.academy.moods.borrow_mut().clone_from(&manner.moods);
        self.academy.poll_moods.borrow_mut().clone_from(&manner.poll_moods);
        let settings = Settings {
            batch_size: manner.batch_size,
            concurrency: manner.concurrency,
            requests_per_minute: 6000,
            job_timeout: Duration::from_secs(2),
            requested_by_user,
            jitter_seed: 7,
        };
        let interrupted_at = manner.interrupted_at.map(|after| Duration::from_millis(after.into()));
        let run = Run { plan, settings, clock: self.now(), interrupted_at };
        run.execute(ledger, &self.academy, &mut Witness { store: self.store() }).executed
    }

    /// Edits the state under its lock, as the commands do. The process may die during it.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Document) -> Option<Record>) -> bool {
        let Ok(mut ledger) = self.open() else { return false };
        let mut trial = ledger.document().clone();
        let Some(record) = edit(&mut trial) else { return false };
        ledger.record(&record).is_ok() && ledger.checkpoint().is_ok()
    }

    fn rename(&mut self, from: u8, to: u8) {
        if self.parts.contains_key(&to) {
            return;
        }
        if let Some(parts) = self.parts.remove(&from) {
            self.parts.insert(to, parts);
            self.moved.retain(|moved| moved.to != key(to) && moved.from != key(to));
            self.moved.push(Moved { from: key(from), to: key(to) });
        }
    }

    fn import(&mut self, number: u8) {
        let Some(&(resource, title, days)) = self.parts.get(&number) else { return };
        let held = self.academy.find(&NaturalKey::of(&attributes(resource, title, days)));
        let [held] = &held[..] else { return };
        self.academy.adopt(&held.id);
        let id = TemplateId::parse_uuid(&held.id).unwrap();
        let natural_key = held.natural_key();
        let at = Timestamp::from_unix_seconds(self.clock.get());
        let record = Record::Import { at, id: id.clone(), key: key(number) };
        self.edit(|document| {
            // A person gives the id of the template that the key means, never of another.
            let fits = document.templates.get(&key(number)).is_none_or(|row| {
                let mut keys = row.natural_keys().peekable();
                keys.peek().is_none() || keys.any(|other| other == natural_key)
            });
            (fits && document.import(&mut IdIndex::of(document), &key(number), &id).is_ok()).then_some(record)
        });
    }

    /// Whatever the server executed for this machine, its state must know from now on.
    fn learn(&mut self) {
        let carried_out = self.academy.judge.carried_out();
        self.academy.judge.run_begins(BTreeSet::new());
        let state = self.state();
        let rows = state.iter().flat_map(|state| state.templates.values());
        let remembered: BTreeSet<_> = rows.flat_map(Row::natural_keys).collect();
        let machine = &mut self.machines[self.here];
        machine.waived.retain(|natural_key| !remembered.contains(natural_key));
        let waived = |id: &String| {
            self.academy.natural_key_of(id).is_some_and(|natural_key| machine.waived.contains(&natural_key))
        };
        let learnt: Vec<_> = carried_out.into_iter().filter(|id| !waived(id)).collect();
        machine.must_know.extend(learnt);
    }

    /// The server is healthy, a person looks up everything, and all problems are resolved.
    pub(crate) fn comes_right(&mut self) {
        let manner = Manner::plain(Vec::new(), 100);
        self.academy.relent();
        for event in
            [Event::Apply(manner.clone()), Event::Settle(Settling::Truthfully), Event::Apply(manner.clone())]
        {
            self.happens(event);
        }
        // A row that was held back until another template had moved away is sent in a later run.
        for _ in 0..6 {
            let before = self.store().text();
            self.happens(Event::Apply(manner.clone()));
            if self.store().text() == before {
                break;
            }
        }
        let executed = self.apply(&manner).unwrap();
        let after =
            self.plan_of(executed.state.as_ref().ok().filter(|state| state.serial > 0), self.by_id_only);
        for entry in after.entries.iter().filter(|entry| entry.source.is_some()) {
            let held = entry.action.submission().is_some_and(|submission| submission.held.is_some());
            let refused = executed.report.results.iter().any(|result| {
                result.key == entry.key
                    && result
                        .error
                        .as_ref()
                        .is_some_and(|why| why.contains("has a template") || why.contains("no such template"))
            });
            assert!(held || refused, "still to do: {entry:?}\n{:?}", executed.report);
        }
    }
}
