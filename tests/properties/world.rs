//! A store in memory, a server in memory, and estates of a few templates that like to collide.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use certctl::api::wire::{CREATE_ENVELOPE, UPDATE_ENVELOPE};
use certctl::api::{Answer, Call, RateHeaders, Response, Transport};
use certctl::desired::{Desired, Template};
use certctl::model::{Addressing, Attributes, Digest, Key, NaturalKey, Timestamp};
use certctl::plan::{Inputs, Plan, Scope, build};
use certctl::state::{
    Document, Holder, Owner, Record, Snapshot, StateError, Store, Version, Writer, parse_journal,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

pub(crate) fn owner() -> Owner {
    Owner { environment: "test".to_owned(), url: "https://academy.example.com".to_owned() }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}

pub(crate) fn holder() -> Holder {
    Holder { who: "w".to_owned(), host: "h".to_owned(), pid: 1, operation: "apply".to_owned(), since: now() }
}

pub(crate) fn plan(desired: &Desired, state: Option<&Document>, addressing: Addressing) -> Plan {
    let owner = owner();
    let scope = Scope::default();
    build(&Inputs { desired, state, owner: &owner, addressing, trust_upsert: false, scope: &scope }).unwrap()
}

/// What a template is made of, in a form that is easy to shrink: (resource, title, days).
pub(crate) type Parts = BTreeMap<u8, (u8, u8, Option<u8>)>;

/// Up to `most` templates, each for a resource of its own; titles collide.
pub(crate) fn any_parts(most: usize) -> impl Strategy<Value = Parts> {
    prop::collection::btree_map(0..12_u8, (0..14_u8, 0..4_u8, prop::option::of(1..4_u8)), 0..most).prop_map(
        |parts| {
            let mut seen = BTreeSet::new();
            parts.into_iter().filter(|(_, (resource, ..))| seen.insert(*resource)).collect()
        },
    )
}

pub(crate) fn attributes(resource: u8, title: u8, days: Option<u8>) -> Attributes {
    let mut map = json!({
        "resourceType": "course",
        "resourceId": format!("00000000-0000-4000-8000-{resource:012}"),
        "title": format!("Title {title}"),
    });
    if let Some(days) = days {
        map["expirationDays"] = json!(days);
    }
    serde_json::from_value(map).unwrap()
}

pub(crate) fn key(number: u8) -> Key {
    Key::new(format!("k{number:02}")).unwrap()
}

pub(crate) fn desired(parts: &Parts) -> Desired {
    let template = |(&number, &(resource, title, days)): (&u8, &(u8, u8, Option<u8>))| {
        let attributes = attributes(resource, title, days);
        (key(number), Template { attributes, protect: false, file: Arc::from(Path::new("a.yaml")) })
    };
    Desired::from_templates(parts.iter().map(template), Vec::new())
}

/// A store in memory. After `appends_left` it fails for good, as a process does that is killed.
#[derive(Default)]
pub(crate) struct MemoryStore {
    text: RefCell<Option<String>>,
    journal: RefCell<String>,
    pub(crate) appends_left: RefCell<Option<usize>>,
}

impl MemoryStore {
    fn version(&self) -> Version {
        self.text.borrow().as_ref().map(|text| Digest::of(text.as_bytes()))
    }

    fn step(&self) -> Result<(), StateError> {
        match self.appends_left.borrow_mut().as_mut() {
            Some(0) => Err(StateError::Unwritable { message: "killed".to_owned() }),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(crate) fn document(&self) -> Option<Document> {
        self.text.borrow().as_ref().map(|text| serde_json::from_str(text).unwrap())
    }
}

impl Store for MemoryStore {
    type Guard = ();

    fn read(&self) -> Result<Snapshot, StateError> {
        let journal = parse_journal(self.journal.borrow().as_bytes()).unwrap();
        Ok(Snapshot { document: self.document(), version: self.version(), journal })
    }

    fn lock(&self, _: &Holder, _: Duration) -> Result<(), StateError> {
        Ok(())
    }

    fn writer(&self) -> Writer {
        Writer::Nobody
    }

    fn append(&self, (): &mut (), record: &Record) -> Result<(), StateError> {
        self.step()?;
        self.journal.borrow_mut().push_str(&record.to_line().unwrap());
        Ok(())
    }

    fn save(&self, (): &mut (), expected: &Version, text: &str) -> Result<bool, StateError> {
        self.step()?;
        let fits = self.version() == *expected;
        if fits {
            *self.text.borrow_mut() = Some(text.to_owned());
        }
        Ok(fits)
    }

    fn clear_journal(&self, (): &mut ()) -> Result<(), StateError> {
        self.step()?;
        self.journal.borrow_mut().clear();
        Ok(())
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }

    fn replaced(&self, _: u64, _: Option<u64>) -> StateError {
        StateError::Unwritable { message: "replaced".to_owned() }
    }
}

/// How the server behaves for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Fine,
    Bare,
    Shuffled,
    NotSent,
    LostBefore,
    LostAfter,
    Broken(u16),
    BrokenAfter(u16),
    Limited,
    Unavailable,
    Refusing,
    Unauthorised,
    Html,
    Job {
        polls: u8,
        ends_well: bool,
    },
    /// Rows with this title fail, named by title only.
    Rejecting(u8),
    /// The counts are wrong by one.
    Miscounting,
}

pub(crate) fn any_mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        4 => Just(Mood::Fine),
        1 => Just(Mood::Bare),
        1 => Just(Mood::Shuffled),
        1 => Just(Mood::NotSent),
        1 => Just(Mood::LostBefore),
        2 => Just(Mood::LostAfter),
        1 => prop::sample::select(vec![500_u16, 502, 504, 302, 404, 408]).prop_map(Mood::Broken),
        1 => prop::sample::select(vec![500_u16, 502, 504]).prop_map(Mood::BrokenAfter),
        1 => Just(Mood::Limited),
        1 => Just(Mood::Unavailable),
        1 => Just(Mood::Refusing),
        1 => Just(Mood::Unauthorised),
        1 => Just(Mood::Html),
        1 => (0..4_u8, any::<bool>()).prop_map(|(polls, ends_well)| Mood::Job { polls, ends_well }),
        1 => (0..4_u8).prop_map(Mood::Rejecting),
        1 => Just(Mood::Miscounting),
    ]
}

/// A server in memory that matches by natural key. It is in each mood once, in order, and then fine.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) held: RefCell<BTreeMap<NaturalKey, (String, Attributes)>>,
    pub(crate) moods: RefCell<Vec<Mood>>,
    pub(crate) requests: RefCell<usize>,
    jobs: RefCell<BTreeMap<String, Job>>,
    ids: RefCell<u64>,
}

/// Polls left, whether it ends well, and its rows.
type Job = (u8, bool, Vec<Map<String, Value>>);

impl Server {
    fn new_id(&self) -> String {
        *self.ids.borrow_mut() += 1;
        format!("10000000-0000-4000-8000-{:012}", self.ids.borrow())
    }

    /// Processes rows; answers created ids, the number of updates and the errors.
    fn process(&self, rows: &[Map<String, Value>], rejected: Option<&str>) -> (Vec<String>, u64, Vec<Value>) {
        let (mut created, mut updated, mut errors) = (Vec::new(), 0, Vec::new());
        for row in rows {
            if rejected.is_some_and(|title| row["title"] == title) {
                errors.push(json!({"title": row["title"], "error": "rejected"}));
                continue;
            }
            let sent: Attributes = row.clone().into();
            let natural_key = NaturalKey::of(&sent);
            let mut held = self.held.borrow_mut();
            let before = held.get(&natural_key).cloned();
            let mut merged = before.as_ref().map(|(_, held)| held.as_map().clone()).unwrap_or_default();
            for (name, value) in row {
                if value.is_null() {
                    merged.remove(name);
                } else {
                    merged.insert(name.clone(), value.clone());
                }
            }
            let id = if let Some((id, _)) = before {
                updated += 1;
                id
            } else {
                let id = self.new_id();
                created.push(id.clone());
                id
            };
            held.insert(natural_key, (id, merged.into()));
        }
        (created, updated, errors)
    }

    fn bulk(&self, rows: &[Map<String, Value>], envelope: &str) -> Answer {
        *self.requests.borrow_mut() += 1;
        let mood = {
            let mut moods = self.moods.borrow_mut();
            if moods.is_empty() { Mood::Fine } else { moods.remove(0) }
        };
        let lost = || Answer::Lost { reason: "reset".to_owned() };
        match mood {
            Mood::NotSent => return Answer::NotSent { reason: "refused".to_owned() },
            Mood::LostBefore => return lost(),
            Mood::Broken(status) => return respond(status, None, b"<html>"),
            Mood::Limited => return respond(429, Some(2), b"{}"),
            Mood::Unavailable => return respond(503, Some(1), b""),
            Mood::Unauthorised => return respond(401, None, b""),
            Mood::Refusing if rows.len() > 1 => return respond(413, None, b"{\"message\":\"too large\"}"),
            Mood::Job { polls, ends_well } => {
                let id = self.new_id();
                self.jobs.borrow_mut().insert(id.clone(), (polls, ends_well, rows.to_vec()));
                return ok(&json!({"createdCount": 0, "backgroundJob": {"id": id, "status": "queued"}}));
            }
            _ => {}
        }
        let rejected = if let Mood::Rejecting(title) = mood { Some(format!("Title {title}")) } else { None };
        let (mut ids, updated, errors) = self.process(rows, rejected.as_deref());
        match mood {
            Mood::LostAfter => return lost(),
            Mood::BrokenAfter(status) => return respond(status, None, b""),
            Mood::Html => return respond(200, None, b"<html>ok</html>"),
            Mood::Shuffled => ids.reverse(),
            _ => {}
        }
        let counted = ids.len() as u64 + u64::from(mood == Mood::Miscounting);
        let result =
            json!({"createdCount": counted, "updatedCount": updated, "createdIds": ids, "errors": errors});
        if mood == Mood::Bare { ok(&result) } else { ok(&json!({"data": {envelope: result}})) }
    }

    fn job(&self, id: &str) -> Answer {
        let mut jobs = self.jobs.borrow_mut();
        let Some((polls, ends_well, rows)) = jobs.get_mut(id) else { return respond(404, None, b"") };
        if *polls > 0 {
            *polls -= 1;
            return ok(&json!({"id": id, "status": "processing"}));
        }
        let (ends_well, rows) = (*ends_well, std::mem::take(rows));
        drop(jobs);
        // A job that fails may have done some of its work: the first half of it here.
        let done = if ends_well { rows.len() } else { rows.len() / 2 };
        self.process(&rows[..done], None);
        ok(
            &json!({"data": {"APIBackgroundJob": {"id": id, "status": if ends_well { "complete" } else { "failed" }}}}),
        )
    }
}

impl Transport for Server {
    async fn send(&self, call: Call) -> Answer {
        tokio::time::sleep(Duration::from_millis(100)).await;
        match &call {
            Call::Bulk(request) => self.bulk(&request.templates, CREATE_ENVELOPE),
            Call::BulkUpdate(request) => self.bulk(&request.templates, UPDATE_ENVELOPE),
            Call::Job(id) => self.job(id),
            Call::Ping => ok(&json!({"valid": true})),
        }
    }
}

fn ok(body: &Value) -> Answer {
    respond(200, None, body.to_string().as_bytes())
}

fn respond(status: u16, retry_after: Option<u64>, body: &[u8]) -> Answer {
    let rate = RateHeaders { retry_after: retry_after.map(Duration::from_secs), ..RateHeaders::default() };
    Answer::Response(Response { status, rate, location: None, body: Ok(body.to_vec()) })
}
