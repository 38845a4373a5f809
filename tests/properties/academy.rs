//! A simulated instance: the vendor's documented API with every possible fault, and a judge that
//! sees everything. It shares no logic with the sandbox or the client.

mod answers;
mod jobs;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use certctl::api::{Answer, Call};
use certctl::model::{Attributes, NaturalKey};
use certctl::state::{Operation, Record};
use serde_json::{Map, Value, json};

use crate::coverage;
use crate::judge::Judge;
use crate::mood::{Body, Mood, Naming, PollMood};
use crate::simulation::Remote;
use answers::{broken_off, lost, ok, respond};
use jobs::Job;

/// A template on the server.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) attributes: Attributes,
    /// The machine and the step that last wrote it.
    pub(crate) written: (usize, i64),
    /// Whether a create without knowledge of it hit it: other attributes that it had remain.
    pub(crate) met: bool,
    /// When somebody last edited it in the admin page; 0 for never.
    pub(crate) by_hand: i64,
}

/// What the server had at some time: when, its templates, and those that were deleted by then.
pub(crate) type Past = (i64, Vec<Held>, Vec<Held>);

impl Held {
    pub(crate) fn natural_key(&self) -> NaturalKey {
        NaturalKey::of(&self.attributes)
    }
}

/// A row, and the operation that certctl intended.
type Sent = (Operation, Map<String, Value>);

/// The result of a request's rows.
#[derive(Default)]
struct Done {
    created: Vec<String>,
    updated: usize,
    errors: Vec<Value>,
}

/// What the machines record before they send.
pub(crate) trait Journals {
    /// The records, in order.
    fn records(&self) -> Vec<Record>;

    /// Every id in the state.
    fn known_ids(&self) -> Vec<String>;
}

/// The instance.
pub(crate) struct Academy {
    /// Whether it matches natural keys; if not, every row of the bulk endpoint creates a template.
    pub(crate) upsert: bool,
    pub(crate) held: RefCell<Vec<Held>>,
    /// The mood for each request, in order; after that, the server is healthy.
    pub(crate) moods: RefCell<Vec<Mood>>,
    /// The same for job queries, last one first.
    pub(crate) poll_moods: RefCell<Vec<PollMood>>,
    pub(crate) judge: Judge,
    /// The machine that sends the requests.
    pub(crate) machine: Cell<usize>,
    pub(crate) step: Cell<i64>,
    journals: RefCell<Rc<dyn Journals>>,
    jobs: RefCell<BTreeMap<String, Job>>,
    ids: Cell<u64>,
    pub(crate) requests: Cell<usize>,
    /// How long the answer takes that is being made.
    takes: Cell<Duration>,
    /// Templates deleted in the admin page, unknown to certctl; each was last written when it was deleted.
    pub(crate) deleted: RefCell<Vec<Held>>,
    /// What old exports show.
    past: RefCell<Vec<Past>>,
}

impl Academy {
    pub(crate) fn new(upsert: bool, journals: Rc<dyn Journals>) -> Self {
        Self {
            upsert,
            held: RefCell::default(),
            moods: RefCell::default(),
            poll_moods: RefCell::default(),
            judge: Judge::default(),
            machine: Cell::default(),
            step: Cell::default(),
            journals: RefCell::new(journals),
            jobs: RefCell::default(),
            ids: Cell::default(),
            requests: Cell::default(),
            takes: Cell::default(),
            deleted: RefCell::default(),
            past: RefCell::default(),
        }
    }

    /// What the server has now.
    fn present(&self) -> Past {
        (self.step.get(), self.held.borrow().clone(), self.deleted.borrow().clone())
    }

    /// Keeps what the server has for old exports.
    pub(crate) fn keep(&self) {
        self.past.borrow_mut().push(self.present());
    }

    /// What it had so many events ago, or at first.
    pub(crate) fn ago(&self, events: u8) -> Past {
        let past = self.past.borrow();
        let before = || past.len().checked_sub(usize::from(events)).and_then(|position| past.get(position));
        match events {
            0 => self.present(),
            _ => before().or_else(|| past.first()).cloned().unwrap_or_else(|| self.present()),
        }
    }

    /// Somebody gives a template other days in the admin page.
    pub(crate) fn edit_by_hand(&self, natural_key: &NaturalKey, days: Option<u8>) {
        let is_it = |held: &&mut Held| held.natural_key() == *natural_key;
        for held in self.held.borrow_mut().iter_mut().filter(is_it) {
            let days = Map::from_iter([("expirationDays".to_owned(), json!(days))]);
            held.attributes = merged(&held.attributes, &days);
            held.written.1 = self.step.get();
            held.by_hand = self.step.get();
        }
    }

    /// Sets the machine that sends further requests, and the store with its journal.
    pub(crate) fn serve(&self, machine: usize, journals: Rc<dyn Journals>) {
        self.machine.set(machine);
        *self.journals.borrow_mut() = journals;
    }

    /// The natural key of the template with this id.
    pub(crate) fn natural_key_of(&self, id: &str) -> Option<NaturalKey> {
        self.held.borrow().iter().find(|held| held.id == id).map(Held::natural_key)
    }

    /// Somebody deletes a template in the admin page.
    pub(crate) fn delete(&self, natural_key: &NaturalKey) {
        self.held.borrow_mut().retain(|held| {
            let goes = held.natural_key() == *natural_key;
            if goes {
                let written = (held.written.0, self.step.get());
                self.deleted.borrow_mut().push(Held { written, ..held.clone() });
            }
            !goes
        });
    }

    /// Treats this machine's latest writes as the other machine's.
    pub(crate) fn disown(&self, machine: usize) {
        for held in self.held.borrow_mut().iter_mut().filter(|held| held.written.0 == machine) {
            held.written.0 = 1 - machine;
        }
    }

    /// Somebody adopts a template without knowing its contents.
    pub(crate) fn adopt(&self, id: &str) {
        for held in self.held.borrow_mut().iter_mut().filter(|held| held.id == id) {
            held.met = true;
        }
    }

    /// Every template for a natural key.
    pub(crate) fn find(&self, natural_key: &NaturalKey) -> Vec<Held> {
        self.held.borrow().iter().filter(|held| held.natural_key() == *natural_key).cloned().collect()
    }

    fn new_id(&self) -> String {
        self.ids.set(self.ids.get() + 1);
        format!("abcdef00-0000-4000-8000-{:012}", self.ids.get())
    }

    /// The operation that certctl recorded for a row before sending it.
    fn intended(&self, row: &Map<String, Value>) -> Operation {
        let journal = self.journals.borrow().records();
        let sent: Attributes = row.clone().into();
        let intent = journal.iter().rev().find_map(|record| match record {
            Record::Intent { rows, .. } => rows.iter().find(|intent| match row.get("id") {
                Some(_) => intent.attributes.title() == sent.title() || sent.title().is_none(),
                None => intent.natural_key == NaturalKey::of(&sent),
            }),
            _ => None,
        });
        intent.unwrap_or_else(|| panic!("sent before it was recorded: {row:?}")).action
    }

    fn process(&self, rows: &[Sent], by_id: bool, rejected: Option<(u8, Naming)>) -> Done {
        let mut done = Done::default();
        for (deed, row) in rows {
            let title = row.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some((number, naming)) = rejected
                && title == format!("Title {number}")
            {
                done.errors.push(naming.error(row, &title));
            } else if by_id {
                self.update(row, &mut done);
            } else {
                self.create_or_update(*deed, row, &mut done);
            }
        }
        done
    }

    fn create_or_update(&self, deed: Operation, row: &Map<String, Value>, done: &mut Done) {
        let natural_key = NaturalKey::of(&row.clone().into());
        let existing = self.held.borrow().iter().position(|held| held.natural_key() == natural_key);
        let written = (self.machine.get(), self.step.get());
        if let Some(position) = existing.filter(|_| self.upsert) {
            let held = &mut self.held.borrow_mut()[position];
            held.attributes = merged(&held.attributes, row);
            held.written = written;
            held.met |= deed == Operation::Create;
            self.judge.processed(&held.id);
            done.updated += 1;
        } else {
            let id = self.new_id();
            let attributes = merged(&Attributes::default(), row);
            self.held.borrow_mut().push(Held { id: id.clone(), attributes, written, met: false, by_hand: 0 });
            self.judge.processed(&id);
            done.created.push(id);
        }
    }

    fn update(&self, row: &Map<String, Value>, done: &mut Done) {
        let id = row["id"].as_str().unwrap();
        let mut held = self.held.borrow_mut();
        let Some(position) = held.iter().position(|held| held.id == id) else {
            done.errors
                .push(json!({"resourceId": id, "title": row.get("title"), "error": "no such template"}));
            return;
        };
        let mut fields = row.clone();
        fields.remove("id");
        let attributes = merged(&held[position].attributes, &fields);
        let natural_key = NaturalKey::of(&attributes);
        if held.iter().any(|other| other.id != id && other.natural_key() == natural_key) {
            done.errors.push(json!({"resourceId": id, "error": "this resource has a template"}));
            return;
        }
        held[position].attributes = attributes;
        held[position].written = (self.machine.get(), self.step.get());
        done.updated += 1;
        self.judge.processed(id);
    }

    fn bulk(&self, rows: &[Attributes], by_id: bool) -> Answer {
        let rows = rows.iter().map(Attributes::to_map);
        let rows: Vec<Sent> = rows.map(|row| (self.intended(&row), row)).collect();
        let mood = {
            let mut moods = self.moods.borrow_mut();
            if moods.is_empty() { Mood::Fine } else { moods.remove(0) }
        };
        coverage::count(mood.kind());
        let has_title = |number: u8| {
            let title = json!(format!("Title {number}"));
            rows.iter().any(|(_, row)| row.get("title") == Some(&title))
        };
        match mood {
            Mood::NotSent => return Answer::NotSent { reason: "refused".to_owned() },
            Mood::Limited => return respond(429, Some(2), b"{}"),
            Mood::Unavailable => return respond(503, Some(1), b""),
            Mood::Unauthorised => return respond(401, None, b""),
            Mood::Forbidden => return respond(403, None, b"not for you"),
            Mood::MovedAway => return respond(301, None, b""),
            Mood::Untrusted => return Answer::Untrusted { reason: "unknown issuer".to_owned() },
            Mood::LongWait => return respond(429, Some(7200), b"{}"),
            Mood::Poisoned(code, title) if has_title(title) => return respond(code, None, b"no"),
            Mood::TooLarge if rows.len() > 1 => return respond(413, None, b"{\"message\":\"too large\"}"),
            _ => {}
        }
        // Everything above says that nothing was done; from here on, something may have been.
        for (_, row) in rows.iter().filter(|(deed, _)| *deed == Operation::Create) {
            let natural_key = NaturalKey::of(&row.clone().into());
            self.judge.create_arrives(&natural_key, !self.find(&natural_key).is_empty());
        }
        match mood {
            Mood::Lost { after: false } => return lost(),
            Mood::Stalled { after: false } => return self.stall(),
            Mood::Status { code, after: false } => return respond(code, None, b"<html>"),
            Mood::Job(fate) | Mood::LostJob(fate) => {
                let id = self.new_id();
                let job = Job { fate, by_id, rows };
                self.jobs.borrow_mut().insert(id.clone(), job);
                if matches!(mood, Mood::LostJob(_)) {
                    return lost();
                }
                return ok(&json!({"createdCount": 0, "backgroundJob": {"id": id, "status": "queued"}}));
            }
            _ => {}
        }
        let rejected = if let Mood::Rejecting(title, naming) = mood { Some((title, naming)) } else { None };
        let mut done = self.process(&rows, by_id, rejected);
        if let (Mood::Contradicting { itself }, Some((_, first))) = (mood, rows.first()) {
            let own = first.get("resourceId").cloned();
            let resource = if itself { Some(json!("of nobody")) } else { own };
            done.errors.push(json!({"title": first.get("title"), "resourceId": resource, "error": "no"}));
        }
        match mood {
            Mood::Lost { .. } => lost(),
            Mood::Stalled { .. } => self.stall(),
            Mood::Status { code, .. } => respond(code, None, b""),
            Mood::Body(Body::Html) => respond(200, None, b"<html>ok</html>"),
            Mood::Body(Body::Empty) => respond(204, None, b""),
            Mood::Body(Body::OtherShape) => ok(&json!({"data": {"ok": true}})),
            Mood::Body(Body::BrokenOff) => broken_off(),
            _ => self.tell(done, mood, by_id),
        }
    }
}

impl Remote for Academy {
    const JOURNEY: Duration = Duration::from_millis(100);

    fn arrives(&self, call: Call) -> Option<(Duration, Answer)> {
        self.requests.set(self.requests.get() + 1);
        self.takes.set(Duration::ZERO);
        let answer = match &call {
            Call::Bulk(request) => self.bulk(&request.templates, false),
            Call::BulkUpdate(request) => self.bulk(&request.templates, true),
            Call::Job(id) => self.job(id),
        };
        Some((self.takes.get(), answer))
    }
}

fn merged(before: &Attributes, row: &Map<String, Value>) -> Attributes {
    let mut merged = before.to_map();
    for (name, value) in row {
        if value.is_null() {
            merged.remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged.into()
}
