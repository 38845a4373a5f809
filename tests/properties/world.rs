//! A store in memory, a server in memory, and small sets of templates that often collide.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use certctl::desired::{Desired, Template, WrittenPlaces};
use certctl::model::{Addressing, Attributes, Digest, Key, Timestamp};
use certctl::plan::{Inputs, Plan, Scope, build};
use certctl::state::{
    Document, DocumentText, Holder, Location, MovedState, Record, Snapshot, StateError, StateIdentity, Store,
    Version, WayBack, Writer, parse_journal,
};
use proptest::prelude::*;
use serde_json::json;

use crate::academy::Journals;
use crate::coverage;

pub(crate) fn owner() -> StateIdentity {
    StateIdentity { environment: "test".to_owned(), url: "https://academy.example.com".to_owned() }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}

pub(crate) fn holder() -> Holder {
    Holder {
        who: "w".to_owned(),
        host: "h".to_owned(),
        pid: 1,
        operation: "apply".to_owned(),
        run_url: None,
        since: now(),
    }
}

pub(crate) fn plan(desired: &Desired, state: Option<&Document>, addressing: Addressing) -> Plan {
    let owner = owner();
    let scope = Scope::default();
    build(&Inputs { desired, state, identity: &owner, addressing, trust_upsert: false, scope: &scope })
        .unwrap()
}

/// A template in a form that is easy to shrink: (resource, title, days).
pub(crate) type Parts = BTreeMap<u8, (u8, u8, Option<u8>)>;

/// Up to `most` templates with different resources; titles collide.
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
        (
            key(number),
            Template {
                attributes,
                protect: false,
                written: WrittenPlaces::default(),
                canvas: None,
                file: Arc::from(Path::new("a.yaml")),
            },
        )
    };
    Desired::from_templates(parts.iter().map(template), Vec::new())
}

/// A store in memory. After `appends_left` appends it always fails, like a killed process.
#[derive(Default)]
pub(crate) struct MemoryStore {
    text: RefCell<Option<String>>,
    journal: RefCell<String>,
    pub(crate) appends_left: RefCell<Option<usize>>,
    dead: Cell<bool>,
}

impl MemoryStore {
    fn version(&self) -> Version {
        self.text.borrow().as_ref().map(|text| Digest::of(text.as_bytes()))
    }

    /// The process dies after this many further steps, or never.
    pub(crate) fn lives_for(&self, steps: Option<usize>) {
        *self.appends_left.borrow_mut() = steps;
        self.dead.set(false);
    }

    fn step(&self, what: &str) -> Result<(), StateError> {
        match self.appends_left.borrow_mut().as_mut() {
            Some(0) if !self.dead.replace(true) => {
                coverage::count(format!("died at {what}"));
                Err(StateError::Unwritable { message: "killed".to_owned() })
            }
            Some(0) => Err(StateError::Unwritable { message: "killed".to_owned() }),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Somebody replaces the file by another version, as git does; the journal stays.
    pub(crate) fn replace(&self, text: Option<String>) {
        *self.text.borrow_mut() = text;
    }

    /// The state file's bytes.
    pub(crate) fn text(&self) -> Option<String> {
        self.text.borrow().clone()
    }

    pub(crate) fn document(&self) -> Option<Document> {
        self.text.borrow().as_ref().map(|text| serde_json::from_str(text).unwrap())
    }
}

impl Journals for MemoryStore {
    fn records(&self) -> Vec<Record> {
        parse_journal(self.journal.borrow().as_bytes()).unwrap()
    }

    fn known_ids(&self) -> Vec<String> {
        let document = self.document();
        let rows = document.iter().flat_map(|document| document.templates.values());
        rows.filter_map(|row| Some(row.identity.as_ref()?.id.as_str().to_owned())).collect()
    }
}

impl Store for MemoryStore {
    type Guard = ();

    fn read(&self) -> Result<Snapshot, StateError> {
        let journal = parse_journal(self.journal.borrow().as_bytes()).unwrap();
        Ok(Snapshot { document: self.document(), version: self.version(), journal, ..Snapshot::default() })
    }

    fn lock(&self, _: &Holder, _: Duration) -> Result<(), StateError> {
        Ok(())
    }

    fn writer(&self) -> Writer {
        Writer::Absent
    }

    fn append(&self, (): &mut (), record: &Record) -> Result<(), StateError> {
        self.step(&coverage::variant(record))?;
        self.journal.borrow_mut().push_str(&record.to_line().unwrap());
        Ok(())
    }

    fn save(&self, (): &mut (), expected: &Version, new: &DocumentText<'_>) -> Result<bool, StateError> {
        self.step("saving")?;
        let fits = self.version() == *expected;
        if fits {
            let mut text = Vec::new();
            new.write_to(&mut text).unwrap();
            *self.text.borrow_mut() = Some(String::from_utf8(text).unwrap());
        }
        Ok(fits)
    }

    fn replace_journal(&self, (): &mut (), _: &[Record]) -> Result<(), StateError> {
        panic!("no step here accepts a state over a journal")
    }

    fn clear_journal(&self, (): &mut ()) -> Result<(), StateError> {
        self.step("clearing")?;
        self.journal.borrow_mut().clear();
        Ok(())
    }

    fn leave(&self, (): &mut (), _: &MovedState) -> Result<(), StateError> {
        Ok(())
    }

    fn way_to_base(&self) -> WayBack {
        let place = || Location::File(PathBuf::from("memory"));
        WayBack {
            state: place(),
            journal: place(),
            rescued: None,
            base: None,
            newest_kept: None,
            has_gone_on: false,
            is_missing: false,
        }
    }
}
