//! The state file as a value: reading, writing and digests. It never touches a file.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{DeletedIds, ObserverShows, Row, RowState, UncertainCertificate, Writes};
use crate::model::{Digest, Key};

/// Name and version of the format.
pub const FORMAT: &str = "certctl.state/v1";

/// Everything that certctl remembers of one environment. The fields are in alphabetical order, as in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Certificates that may have been issued to the observer, by the key of their template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub certificates_in_doubt: BTreeMap<Key, UncertainCertificate>,
    /// Templates that were seen to be deleted and that no row is about any more: the vendor's id, and when that was at the
    /// latest. An older export adopts none of them.
    #[serde(default, skip_serializing_if = "DeletedIds::is_empty")]
    pub deleted_ids: DeletedIds,
    /// The environment it belongs to.
    pub environment: String,
    /// [`FORMAT`].
    pub format: String,
    /// Made once, with the first state: two states with the same lineage are versions of each other.
    pub lineage: String,
    /// What the observer's certificates show of an edited template, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observer_shows: Option<ObserverShows>,
    /// Counts the versions, from 1.
    pub serial: u64,
    /// One row for each template, sorted by key.
    #[serde(deserialize_with = "each_once")]
    pub templates: BTreeMap<Key, Row>,
    /// The URL of the instance it belongs to, or `sandbox`.
    pub url: String,
    /// The last writes that led to it, see [`Writes`].
    #[serde(default, skip_serializing_if = "Writes::is_empty")]
    pub writes: Writes,
}

/// Reads the rows. A duplicate key, as a text merge leaves it, is damage: it is not known which row is right.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Key, Row>, D::Error> {
    Ok(EachRow::deserialize(deserializer)?.0.into_iter().collect())
}

/// Rows in file order, without duplicate keys.
pub(super) struct EachRow(pub(super) Vec<(Key, Row)>);

impl<'de> Deserialize<'de> for EachRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachOnce;

        impl<'de> Visitor<'de> for EachOnce {
            type Value = EachRow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the templates, by key")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<EachRow, A::Error> {
                let mut rows: Vec<(Key, Row)> = Vec::new();
                // Created at the first row that is out of order.
                let mut seen: Option<HashSet<Key>> = None;
                while let Some(key) = members.next_key::<Key>()? {
                    if seen.is_some() || rows.last().is_some_and(|(last, _)| *last >= key) {
                        let seen =
                            seen.get_or_insert_with(|| rows.iter().map(|(key, _)| key.clone()).collect());
                        if !seen.insert(key.clone()) {
                            return Err(A::Error::custom(format!("the template {key} is there twice")));
                        }
                    }
                    rows.push((key, members.next_value()?));
                }
                Ok(EachRow(rows))
            }
        }

        deserializer.deserialize_map(EachOnce)
    }
}

/// The environment and the instance that a state belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateIdentity {
    /// The environment's name.
    pub environment: String,
    /// The instance's root, or `sandbox`.
    pub url: String,
}

impl Document {
    /// The state before anything was applied: serial 0, which is never written.
    pub fn empty(identity: &StateIdentity, lineage: String) -> Self {
        Self {
            certificates_in_doubt: BTreeMap::new(),
            deleted_ids: DeletedIds::default(),
            environment: identity.environment.clone(),
            format: FORMAT.to_owned(),
            lineage,
            observer_shows: None,
            serial: 0,
            templates: BTreeMap::new(),
            url: identity.url.clone(),
            writes: Writes::default(),
        }
    }

    /// Whether the outcome of any row, or of a certificate for the observer, is unknown.
    pub fn has_doubt(&self) -> bool {
        !self.certificates_in_doubt.is_empty()
            || self.templates.values().any(|row| matches!(row.state, RowState::InDoubt { .. }))
    }

    /// Digest of the templates' canonical JSON, independent of writes and serial: it identifies what a plan was made
    /// from.
    pub fn templates_digest(&self) -> Result<Digest, serde_json::Error> {
        let unsigned = |row: &Row| Row { write: None, joined_writes: Vec::new(), ..row.clone() };
        Digest::of_members(self.templates.iter().map(|(key, row)| (key.as_str(), unsigned(row))))
    }
}
