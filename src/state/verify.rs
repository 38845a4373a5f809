//! Finds flaws in a state: a bad merge, an edit by hand, an incomplete copy. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::Hash;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Document, Inconsistency, KnownContents, Row, RowStatus, WriteId, Writes};
use crate::model::{Key, NaturalKey, TemplateId};

/// Something that no run of certctl would write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The attributes do not match their digest.
    Digest(KnownContents),
    /// The status does not follow from the attempts.
    Status {
        /// The status in the file.
        says: String,
        /// The status that follows.
        follows: RowStatus,
    },
    /// Another row has, or may have, the same natural key.
    NaturalKey {
        /// The natural key of both.
        natural_key: NaturalKey,
        /// The key of the other row.
        other: Key,
    },
    /// Another row has the same id.
    Id {
        /// The vendor's id.
        id: TemplateId,
        /// The key of the other row.
        other: Key,
    },
    /// The write that made the row did not lead to this state.
    Write {
        /// The write of the row.
        write: WriteId,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest(contents) => {
                match contents {
                    KnownContents::Confirmed => f.write_str("its attributes")?,
                    KnownContents::Attempt { batch } => write!(f, "the attributes of its attempt {batch}")?,
                }
                f.write_str(" do not fit their digest: they were changed by hand, or by a merge of lines")
            }
            Self::Status { says, follows } => {
                let follows = status_word(*follows);
                write!(f, "its status is {says:?}, and from its attempts follows {follows:?}")
            }
            Self::NaturalKey { natural_key, other } => {
                write!(f, "{other} is, or may be, for the same resource and audience ({natural_key})")
            }
            Self::Id { id, other } => write!(f, "{other} has the same id ({id})"),
            Self::Write { write } => {
                write!(f, "it was written by {write}, and that write did not lead to this state")
            }
        }
    }
}

/// The flaws of a state, by row. `text` is the content of its file.
pub fn flaws(document: &Document, text: &[u8]) -> BTreeMap<Key, Vec<Flaw>> {
    let mut flaws: BTreeMap<Key, Vec<Flaw>> = BTreeMap::new();
    for Inconsistency { key, contents, .. } in document.inconsistencies() {
        flaws.entry(key).or_default().push(Flaw::Digest(contents));
    }
    let written: WrittenState = serde_json::from_slice(text).unwrap_or_default();
    for (key, row) in &document.templates {
        let written = written.templates.get(key.as_str());
        let status = written.and_then(|written| status(row, written.status.as_deref()?));
        let digest = written.filter(|written| written.attributes.is_some() && written.digest.is_none());
        let found: Vec<Flaw> = (status.into_iter())
            .chain(digest.map(|_| Flaw::Digest(KnownContents::Confirmed)))
            .chain(write_of(row, &document.writes))
            .collect();
        if !found.is_empty() {
            flaws.entry(key.clone()).or_default().extend(found);
        }
    }
    let natural_keys = |row: &Row| row.natural_keys().collect();
    for (natural_key, key, other) in twice(document, natural_keys) {
        flaws.entry(key).or_default().push(Flaw::NaturalKey { natural_key, other });
    }
    let ids = |row: &Row| row.identity.iter().map(|identity| identity.id.clone()).collect();
    for (id, key, other) in twice(document, ids) {
        flaws.entry(key).or_default().push(Flaw::Id { id, other });
    }
    flaws
}

/// The file as written: reading it as a state would correct derived values.
#[derive(Default, Deserialize)]
struct WrittenState {
    #[serde(default)]
    templates: BTreeMap<String, WrittenRow>,
}

#[derive(Deserialize)]
struct WrittenRow {
    attributes: Option<IgnoredAny>,
    digest: Option<IgnoredAny>,
    status: Option<String>,
}

fn status(row: &Row, says: &str) -> Option<Flaw> {
    let follows = row.status();
    (status_word(follows) != says).then(|| Flaw::Status { says: says.to_owned(), follows })
}

fn status_word(status: RowStatus) -> String {
    let value = serde_json::to_value(status).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// A full list may have dropped the write.
fn write_of(row: &Row, writes: &Writes) -> Option<Flaw> {
    if writes.as_slice().len() >= Writes::KEPT {
        return None;
    }
    let mut named = row.write.iter().chain(&row.joined_writes);
    named.find(|write| !writes.contains(**write)).map(|write| Flaw::Write { write: *write })
}

/// Values that several rows have: each of the rows, with one of the others.
fn twice<H: Clone + Eq + Hash + Ord>(
    document: &Document,
    held: impl Fn(&Row) -> Vec<H>,
) -> Vec<(H, Key, Key)> {
    let mut holders: BTreeMap<H, BTreeSet<&Key>> = BTreeMap::new();
    for (key, row) in &document.templates {
        for what in held(row) {
            holders.entry(what).or_default().insert(key);
        }
    }
    let mut found = Vec::new();
    for (what, keys) in holders {
        for key in &keys {
            if let Some(other) = keys.iter().find(|other| *other != key) {
                found.push((what.clone(), (*key).clone(), (*other).clone()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::model::{Attributes, Digest};

    fn attributes(resource: &str) -> Value {
        json!({"resourceType": "course", "resourceId": resource, "title": "T"})
    }

    fn digest(resource: &str) -> Digest {
        serde_json::from_value::<Attributes>(attributes(resource)).unwrap().digest()
    }

    fn write(number: u128) -> WriteId {
        WriteId::new(Uuid::from_u128(number))
    }

    fn found(rows: &Value) -> Vec<(String, String)> {
        let text = json!({"format": "certctl.state/v1", "environment": "e", "url": "sandbox", "lineage": "L",
            "serial": 1, "templates": rows, "writes": [write(1)]});
        let document: Document = serde_json::from_value(text.clone()).unwrap();
        let flaws = flaws(&document, text.to_string().as_bytes());
        flaws
            .into_iter()
            .flat_map(|(key, flaws)| flaws.into_iter().map(move |flaw| (key.to_string(), flaw.to_string())))
            .collect()
    }

    fn applied(resource: &str) -> Value {
        json!({"status": "applied", "attributes": attributes(resource), "digest": digest(resource), "write": write(1)})
    }

    fn with(mut row: Value, name: &str, value: Value) -> Value {
        row[name] = value;
        row
    }

    fn in_doubt(resource: &str) -> Value {
        let attempt = json!({"at": "2026-11-23T10:00:00Z", "batch": "1-1", "deed": "create",
            "attributes": attributes(resource), "digest": digest(resource)});
        json!({"status": "in_doubt", "attempt": attempt, "error": {"at": "2026-11-23T10:00:00Z", "message": "?"}})
    }

    #[test]
    fn what_certctl_writes_has_no_flaw() {
        assert_eq!(found(&json!({"a": applied("r1"), "b": in_doubt("r2")})), []);
    }

    #[test]
    fn each_flaw_is_found_and_named() {
        let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a";
        let with_id = |row, id: &str| with(with(row, "id", json!(id)), "idSource", json!("exact"));
        let attempt = with(in_doubt("r2")["attempt"].clone(), "digest", json!(digest("r9")));
        for (rows, expected) in [
            (
                json!({"a": with(applied("r1"), "digest", json!(digest("r2")))}),
                &[("a", "its attributes do not fit their digest")][..],
            ),
            (
                json!({"b": with(in_doubt("r2"), "attempt", attempt)}),
                &[("b", "the attributes of its attempt 1-1 do not fit")],
            ),
            (
                json!({"a": applied("r1"), "b": in_doubt("R1")}),
                &[("a", "b is, or may be, for the same"), ("b", "a is, or may be, for the same")],
            ),
            (
                json!({"a": with_id(applied("r1"), id), "b": with_id(applied("r2"), &id.to_uppercase())}),
                &[("a", "b has the same id"), ("b", "a has the same id")],
            ),
            (
                json!({"a": with(applied("r1"), "digest", Value::Null)}),
                &[("a", "its attributes do not fit their digest")],
            ),
            (
                json!({"a": with(applied("r1"), "write", json!(write(7)))}),
                &[("a", "that write did not lead to this state")],
            ),
            (
                json!({"b": with(in_doubt("r2"), "status", json!("failed"))}),
                &[("b", "its status is \"failed\", and from its attempts follows \"in_doubt\"")],
            ),
        ] {
            let found = found(&rows);
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for ((key, flaw), (row, says)) in found.iter().zip(expected) {
                assert!(key == row && flaw.contains(says), "{found:?}");
            }
        }
    }
}
