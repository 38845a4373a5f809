//! Which rows are in doubt because records of their run are lost: all that the run was going to send and whose outcome is
//! not among the records that are left. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attributes, Key, TemplateId, Timestamp};
use crate::state::row::every_field;
use crate::state::{Attempt, IntentRow, KeyedOutcome, PlannedRow, Provenance, RecordedOutcome};

/// What the records that are left say about the rows of their run.
#[derive(Clone, Debug)]
pub(super) struct Losses {
    /// No lost record is younger.
    at: Timestamp,
    why: String,
    planned: Vec<PlannedRow>,
    /// Rows with an outcome after which the run does not send them again.
    settled: BTreeSet<Key>,
    /// The contents of rows that a record names.
    contents: BTreeMap<Key, Attributes>,
    /// Ids in answers to requests whose own records are lost.
    ids: BTreeMap<Key, Vec<TemplateId>>,
}

impl Losses {
    pub(super) fn new(at: Timestamp, objects: &[String], planned: &[PlannedRow]) -> Self {
        Self {
            at,
            why: why(objects),
            planned: planned.to_vec(),
            settled: BTreeSet::new(),
            contents: BTreeMap::new(),
            ids: BTreeMap::new(),
        }
    }

    /// Takes a request into account that was recorded.
    pub(super) fn requested(&mut self, rows: &[IntentRow]) {
        self.contents.extend(rows.iter().map(|row| (row.key.clone(), row.attributes.clone())));
    }

    /// Takes an outcome into account: of a request that was recorded, or of one whose record is lost.
    pub(super) fn answered(
        &mut self,
        outcome: &KeyedOutcome,
        candidates: &[TemplateId],
        is_of_a_record: bool,
    ) {
        let KeyedOutcome { key, result } = outcome;
        if is_of_a_record {
            // A row that was not sent may have been sent later.
            if *result != RecordedOutcome::NotSent {
                self.settled.insert(key.clone());
            }
            return;
        }
        let ids = self.ids.entry(key.clone()).or_default();
        if let RecordedOutcome::Applied { id: Some((id, _)) } = result {
            ids.push(id.clone());
        }
        ids.extend(candidates.iter().cloned());
    }

    /// Whether any row is in doubt because of them.
    pub(super) fn concern_any(&self) -> bool {
        self.planned.iter().any(|row| !self.settled.contains(&row.key))
    }

    /// The rows in doubt, each with what is known of the request that may have been sent.
    pub(super) fn attempts(
        self,
        by: Option<&Provenance>,
        is_open: impl Fn(&Key) -> bool,
    ) -> impl Iterator<Item = (Key, Attempt, RecordedOutcome, Timestamp)> {
        let Self { at, why, planned, settled, mut contents, mut ids } = self;
        let rows: Vec<PlannedRow> =
            planned.into_iter().filter(|row| !settled.contains(&row.key) && !is_open(&row.key)).collect();
        rows.into_iter().map(move |PlannedRow { action, attributes, key }| {
            let known = contents.remove(&key);
            // What a lost record said of the other fields is not known.
            let possibly_set_fields = if known.is_some() { BTreeSet::new() } else { every_field() };
            let attributes = known.unwrap_or(attributes);
            let attempt = Attempt {
                possibly_set_fields,
                at,
                digest: attributes.digest(),
                attributes,
                batch: Attempt::OF_A_LOST_RECORD.to_owned(),
                candidate_ids: ids.remove(&key).unwrap_or_default(),
                operation: action,
                job: None,
                requested_by_user: false,
                sent_by: by.cloned(),
            };
            (key, attempt, RecordedOutcome::InDoubt { message: why.clone() }, at)
        })
    }
}

/// The error of a row that a lost record may be about.
fn why(objects: &[String]) -> String {
    let what = match objects {
        [object] => format!("a record of an interrupted run is missing, the object {object}"),
        objects => format!(
            "{} records of an interrupted run are missing, the first of them the object {}",
            objects.len(),
            objects.first().map(String::as_str).unwrap_or_default()
        ),
    };
    format!("{what}: this template may or may not have been sent")
}
