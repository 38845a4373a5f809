//! What is seen of the server in a campaign, at whatever time and however much: whatever is settled, adopted and taken from it
//! must be true of the simulated server as it was then.

use std::collections::BTreeSet;
use std::path::Path;

use certctl::inventory::{
    AdoptedContents, InventoryFinding, Observation, SeenCertificates, adoptions, check_instance, drift,
    new_templates, read_observer, read_templates, record_settlements, settlements,
};
use certctl::model::{Attributes, Key, NaturalKey, TemplateId, Timestamp};
use certctl::state::{Document, Record, Resolution};
use serde_json::{Map, Value, json};

use crate::academy::{Held, Past};
use crate::campaign::Campaign;
use crate::coverage;
use crate::events::{Shows, Sight};
use crate::promises::contains;
use crate::world::{attributes, key};

const COLUMNS: [&str; 8] = [
    "id",
    "title",
    "expirationdays",
    "usercustomfieldslug",
    "usercustomfieldvalue",
    "updatedat",
    "statusgroup",
    "resourceid",
];

/// The reporting product's table: every template with the time of its latest change, including deleted ones.
fn export((_, held, deleted): &Past, now: Timestamp, has: impl Fn(&str) -> bool) -> Observation {
    let columns: Vec<&str> = COLUMNS.into_iter().filter(|column| has(column)).collect();
    let mut csv = format!("resourcetype,{}\n", columns.join(","));
    let mut line = |held: &Held, status: &str| {
        let text = |name| held.attributes.text(name).unwrap_or_default().to_owned();
        let cell = |column: &&str| match *column {
            "id" => held.id.clone(),
            "title" => text("title"),
            "resourceid" => text("resourceId"),
            "expirationdays" => {
                held.attributes.get("expirationDays").map(ToString::to_string).unwrap_or_default()
            }
            "updatedat" => Timestamp::from_unix_seconds(held.written.1).to_string(),
            "statusgroup" => status.to_owned(),
            _ => String::new(),
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        csv.push_str(&format!("{},{}\n", text("resourceType"), cells.join(",")));
    };
    for held in held {
        line(held, "a");
    }
    let there = |id: &str| held.iter().any(|held| held.id == id);
    deleted.iter().filter(|held| !there(&held.id)).for_each(|held| line(held, "d"));
    read_templates(Path::new("export.csv"), csv.as_bytes(), now, &[]).unwrap()
}

/// The certificates of an observer, each issued just after the latest change of its template.
fn certificates((_, held, deleted): &Past, now: Timestamp) -> Observation {
    let whole: BTreeSet<&'static str> =
        ["id", "title", "userCustomFieldSlug", "userCustomFieldValue", "expirationDays"].into();
    let certificate = |held: &Held| {
        let shown = |name: &&str| ((*name).to_owned(), json!(held.attributes.get(name)));
        let mut shown: Map<String, Value> = whole.iter().map(shown).collect();
        shown.insert("id".to_owned(), json!(held.id));
        let issued_at = Timestamp::from_unix_seconds(held.written.1 + 1).to_string();
        let certificate = json!({
            "id": format!("certificate-{}", held.id), "issuedAt": issued_at, "deleted": false, "isExternal": false,
            "resourceType": held.attributes.get("resourceType"), "resourceId": held.attributes.get("resourceId"),
            "certificateTemplate": shown,
        });
        certificate.as_object().unwrap().clone()
    };
    let certificates: Vec<Map<String, Value>> = held.iter().chain(deleted).map(certificate).collect();
    let seen = SeenCertificates {
        host: "academy.example.com",
        certificates: &certificates,
        whole: &whole,
        changed: &[],
        nameless: 0,
        refused: None,
        shows_now: false,
        asked_at: now,
    };
    read_observer(&seen).observation
}

/// What a command saw, and what the server had then.
struct Seen {
    table: Observation,
    past: Past,
    sight: Sight,
}

impl Seen {
    /// The template as it was then.
    fn held(&self, id: &TemplateId) -> &Held {
        let (_, held, deleted) = &self.past;
        held.iter().chain(deleted).find(|held| held.id == id.as_str()).unwrap()
    }
}

impl Campaign {
    fn look(&self, sight: Sight) -> Seen {
        coverage::count(format!("saw {}", coverage::variant(&sight.shows)));
        if sight.ago > 0 {
            coverage::count("saw the past");
        }
        let mut past = self.academy.ago(sight.ago);
        if let Shows::AllBut(resource) = sight.shows {
            let other = NaturalKey::of(&attributes(resource, 0, None));
            for held in [&mut past.1, &mut past.2] {
                held.retain(|held| held.natural_key() != other);
            }
        }
        let now = self.now();
        let table = match sight.shows {
            Shows::Certificates => certificates(&past, now),
            Shows::NoDays => export(&past, now, |column| column != "expirationdays"),
            Shows::NoTimes => export(&past, now, |column| column != "updatedat"),
            Shows::Everything | Shows::AllBut(_) => export(&past, now, |_| true),
        };
        Seen { table, past, sight }
    }

    fn is_of_instance(&self, seen: &Seen, document: &Document) -> bool {
        let desired = self.desired();
        let wanted = desired.templates.values().map(|template| NaturalKey::of(&template.attributes));
        check_instance(&seen.table, document, wanted).is_ok()
    }

    /// Records these, and checks that the state then says what was so when it was seen.
    fn take_from(&mut self, seen: &Seen, records: impl FnOnce(&mut Document) -> Vec<Record>) {
        let (mut taken, before) = (Vec::new(), self.state());
        self.edit(|document| {
            if !self.is_of_instance(seen, document) {
                return None;
            }
            let before = document.clone();
            taken = records(document);
            for record in &taken {
                self.is_really_gone(record, &before);
            }
            (!taken.is_empty()).then(|| Record::Transaction { records: taken.clone() })
        });
        let Some(state) = self.state() else { return };
        if before.is_some_and(|before| before.templates == state.templates) {
            // The process died before this was recorded.
            return;
        }
        for record in &taken {
            let (id, key) = match record {
                Record::Observe { baseline, key, .. } => (&baseline.id, key),
                Record::Import { id, key, .. } => (id, key),
                _ => continue,
            };
            let has_id = |row: &&certctl::state::Row| row.identity.as_ref().is_some_and(|had| had.id == *id);
            let Some(row) = state.templates.get(key).filter(has_id) else { continue };
            coverage::count(format!("took {}", coverage::variant(record)));
            let live = self.academy.natural_key_of(id.as_str()).is_some();
            let machine = &mut self.machines[self.here];
            if live {
                machine.must_know.insert(id.as_str().to_owned());
            }
            let (Record::Observe { .. }, Some(known)) = (record, &row.confirmed) else { continue };
            let held = seen.held(id);
            let is_whole = seen.sight.shows != Shows::NoDays;
            let last = machine.seen.entry(id.as_str().to_owned()).or_default();
            // Of an edit that an update of certctl covers, nothing shows the rest.
            let is_mixed = !is_whole && held.by_hand > *last;
            let names: BTreeSet<&str> = known.attributes.names().chain(held.attributes.names()).collect();
            for name in names.into_iter().filter(|name| !row.unknown.contains(*name)) {
                let is_same = known.attributes.get(name) == held.attributes.get(name);
                assert!(is_same || is_mixed, "{key}: {name} is {known:?}, and was {held:?}");
            }
            if is_whole {
                *last = seen.past.0.max(*last);
            }
        }
    }

    /// A template is called deleted only if it is.
    fn is_really_gone(&self, record: &Record, before: &Document) {
        let Record::Gone { key, .. } = record else { return };
        coverage::count("took Gone");
        let id = before.templates[key].identity.as_ref().map(|identity| identity.id.as_str());
        let deleted = self.academy.deleted.borrow();
        assert!(
            deleted.iter().any(|held| Some(held.id.as_str()) == id),
            "{key} is called deleted, and {id:?} is there"
        );
    }

    /// `refresh`.
    pub(crate) fn refresh(&mut self, sight: Sight) {
        let (seen, at) = (self.look(sight), self.now());
        self.take_from(&seen, |document| {
            let records = drift(&seen.table, document).records(at);
            document.edit_all(&records).unwrap();
            records
        });
    }

    /// `import --write`: the next plan has nothing to do for what was written.
    pub(crate) fn import_write(&mut self, sight: Sight) {
        let (seen, at, desired) = (self.look(sight), self.now(), self.desired());
        let mut written: Vec<(u8, Attributes)> = Vec::new();
        let taken = self.taken_numbers();
        self.take_from(&seen, |document| {
            let found = adoptions(&seen.table, &desired, document);
            let mut records = found.records(at);
            document.edit_all(&records).unwrap();
            let mut free = (0..=u8::MAX)
                .filter(|number| !taken.contains(number) && !document.templates.contains_key(&key(*number)));
            for new in new_templates(&seen.table, &desired, document, &found).templates {
                // What a row left behind has a key of another form.
                let own = new.seen.key.as_ref().map(|key| key.as_str()[1..].parse().ok());
                let Some(number) = own.unwrap_or_else(|| free.next()) else { continue };
                written.push((number, new.seen.attributes));
                records.push(Record::Observe { at, baseline: new.baseline, key: key(number) });
            }
            records
        });
        let Some(state) = self.state() else { return };
        written.retain(|(number, _)| state.templates.contains_key(&key(*number)));
        for (number, seen) in &written {
            let digits = |text: &str| text.chars().rev().take_while(char::is_ascii_digit).collect::<String>();
            let last = |text: &str| digits(text).chars().rev().collect::<String>().parse::<u64>().unwrap();
            let small = |number: u64| u8::try_from(number).unwrap();
            let days = seen.get("expirationDays").and_then(Value::as_u64).map(small);
            let [resource, title] = ["resourceId", "title"].map(|name| small(last(seen.text(name).unwrap())));
            self.parts.insert(*number, (resource, title, days));
            coverage::count("wrote YAML");
        }
        let plan = self.plan_of(Some(&state), self.by_id_only);
        for entry in &plan.entries {
            let is_written = written.iter().any(|(number, _)| entry.key == key(*number));
            assert!(!is_written || entry.action.submission().is_none(), "{entry:?} after import --write");
        }
    }

    /// The numbers that the YAML uses in some way.
    fn taken_numbers(&self) -> BTreeSet<u8> {
        let is_moved = |number: &u8| {
            let own = key(*number);
            self.moved.iter().any(|moved| moved.from == own || moved.to == own)
        };
        let moved = (0..=u8::MAX).filter(is_moved);
        self.parts.keys().chain(&self.removed).copied().chain(moved).collect()
    }

    /// `recover --from-csv` and `--from-observer`.
    pub(crate) fn settle_by(&mut self, sight: Sight) {
        let (seen, at) = (self.look(sight), self.now());
        let mut touched = Vec::new();
        self.edit(|document| {
            let doubtful: Vec<Key> = document
                .in_doubt()
                .filter(|(_, row)| row.job().is_none())
                .map(|(key, _)| key.clone())
                .collect();
            if !self.is_of_instance(&seen, document) {
                return None;
            }
            let results = settlements(&seen.table, document, &doubtful.iter().collect::<Vec<_>>());
            assert_eq!(results.len(), doubtful.len(), "a row in doubt has no result");
            let mut believed = Vec::new();
            for (key, finding) in results {
                let InventoryFinding::Settles(settlement) = &finding else { continue };
                let settlement = &settlement.resolution;
                let (Resolution::Created { id } | Resolution::Exists { id }) = settlement else {
                    panic!("an export said {settlement:?}");
                };
                let held = seen.held(id);
                // One of them created it; only its contents can show which.
                let attempts = document.row(&key).unwrap().attempts.clone();
                let is_it = attempts.iter().any(|sent| contains(&held.attributes, &sent.attributes));
                if matches!(settlement, Resolution::Created { .. }) && !is_it {
                    // Only somebody else can have written other values since.
                    assert_ne!(held.written.0, self.here, "{key} was settled as created and was not");
                    continue;
                }
                touched.push(id.clone());
                believed.push((key, finding));
            }
            let records = record_settlements(document, &believed, at).unwrap();
            (!records.is_empty()).then_some(Record::Transaction { records })
        });
        for id in &touched {
            self.academy.adopt(TemplateId::as_str(id));
        }
    }

    /// `import --from-csv` and `--from-observer`.
    pub(crate) fn import_from(&mut self, sight: Sight) {
        let (seen, at, desired) = (self.look(sight), self.now(), self.desired());
        let mut by_id = Vec::new();
        self.take_from(&seen, |document| {
            let found = adoptions(&seen.table, &desired, document);
            let told = found.adopted.len() + found.known.len() + found.missing.len() + found.obstacles.len();
            assert_eq!(told, desired.templates.len(), "every configured template is in one list");
            let adopted = found.adopted.values();
            let ids = adopted.filter(|adoption| !matches!(adoption.contents, AdoptedContents::Seen(_)));
            by_id.extend(ids.map(|adoption| adoption.id.clone()));
            let records = found.records(at);
            document.edit_all(&records).unwrap();
            records
        });
        for id in &by_id {
            self.academy.adopt(id.as_str());
        }
    }
}
