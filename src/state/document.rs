//! The state file as a value.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Row, RowState, Writes};
use crate::model::{Digest, Key, sorted_pretty_json};

/// Name and version of the format.
pub const FORMAT: &str = "certctl.state/v1";

/// Everything certctl remembers of one environment. Fields stand in alphabetical order, as in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The environment it belongs to.
    pub environment: String,
    /// [`FORMAT`].
    pub format: String,
    /// Made once, when the state came into being: two states with one lineage are versions of one another.
    pub lineage: String,
    /// Counts the versions, from 1.
    pub serial: u64,
    /// One row a template, sorted by key.
    #[serde(deserialize_with = "each_once")]
    pub templates: BTreeMap<Key, Row>,
    /// The instance it belongs to.
    pub url: String,
    /// The last writes that led to it.
    #[serde(default, skip_serializing_if = "Writes::is_empty")]
    pub writes: Writes,
}

/// Reads the rows. One that is there twice, as a merge of lines leaves it, is damage: which one is right is not known.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Key, Row>, D::Error> {
    Ok(EachRow::deserialize(deserializer)?.0.into_iter().collect())
}

/// Rows as they come, none of them twice.
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
                // Made for the first row that is not where certctl would have put it.
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

/// Whose state it is: the environment and the instance that a command was started for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateIdentity {
    /// The environment's name.
    pub environment: String,
    /// The instance's root, or `sandbox`.
    pub url: String,
}

impl Document {
    /// The state before anything was applied: serial 0, which is never written.
    pub fn empty(owner: &StateIdentity, lineage: String) -> Self {
        Self {
            environment: owner.environment.clone(),
            format: FORMAT.to_owned(),
            lineage,
            serial: 0,
            templates: BTreeMap::new(),
            url: owner.url.clone(),
            writes: Writes::default(),
        }
    }

    /// Whether the outcome of any row is not known.
    pub fn has_doubt(&self) -> bool {
        self.templates.values().any(|row| matches!(row.state, RowState::InDoubt { .. }))
    }

    /// The file's text: pretty-printed, keys sorted, one attribute a line, a line break at the end.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut text = sorted_pretty_json(self)?;
        text.push('\n');
        Ok(text)
    }

    /// Digest of the templates' canonical JSON, whichever writes made them: what a plan was made from, whatever the
    /// state's serial is by now.
    pub fn templates_digest(&self) -> Result<Digest, serde_json::Error> {
        let unsigned = |row: &Row| Row { write: None, joined_writes: Vec::new(), ..row.clone() };
        Digest::of_members(self.templates.iter().map(|(key, row)| (key.as_str(), unsigned(row))))
    }
}
