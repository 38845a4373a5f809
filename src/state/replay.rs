//! Applies records to a document: the same function for a run in progress and for one that was interrupted. Pure; it
//! never fails.

mod losses;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Attempt, Document, IdIndex, IntentRow, KeyedOutcome, Provenance, Record, RecordedOutcome, Resolution,
    StateIdentity, join_writes, resolution,
};
use crate::model::{Key, TemplateId, Timestamp};
use losses::Losses;

/// A document on its way to the next version.
#[derive(Clone, Debug)]
pub struct Replay {
    document: Document,
    /// Who sends what the records say.
    by: Option<Provenance>,
    /// Requests with a recorded intent and no outcome yet, by name.
    open: BTreeMap<String, OpenBatch>,
    /// Records that are missing.
    losses: Option<Losses>,
    changed: bool,
}

#[derive(Clone, Debug)]
struct OpenBatch {
    at: Timestamp,
    rows: Vec<IntentRow>,
}

/// The error of a row in doubt because its run ended before the answer.
const INTERRUPTED: &str = "the run was interrupted after the request was recorded and before its answer was: it may or may not have arrived";
/// The error of a row in doubt because another run is waiting for its answer.
pub const BEING_SENT: &str = "it is being sent now by another run, which has no answer yet";

impl Replay {
    /// Begins with a document, or with the empty one that the journal's first record describes.
    pub fn begin(document: Option<Document>, open: &Record) -> Self {
        let document = document.unwrap_or_else(|| {
            let (environment, lineage, url) = match open {
                Record::Open { environment, lineage, url, .. } => (environment, lineage, url),
                _ => (&String::new(), &String::new(), &String::new()),
            };
            let identity = StateIdentity { environment: environment.clone(), url: url.clone() };
            Document::empty(&identity, lineage.clone())
        });
        let by = if let Record::Open { by, .. } = open { by.clone() } else { None };
        Self { document, by, open: BTreeMap::new(), losses: None, changed: false }
    }

    /// The document so far, without requests in flight.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Whether the document has changed since the beginning.
    pub fn has_changed(&self) -> bool {
        self.changed || !self.open.is_empty() || self.losses.as_ref().is_some_and(Losses::concern_any)
    }

    /// Applies one record. A record that does not fit (records are checked before they are written) changes nothing,
    /// so replaying cannot fail.
    pub fn record(&mut self, record: &Record) {
        match record {
            Record::Open { .. }
            | Record::Planned { .. }
            | Record::Retry { .. }
            | Record::Checkpoint { .. } => {}
            Record::Lost { at, objects, rows } => self.losses = Some(Losses::new(*at, objects, rows)),
            Record::Transaction { records } => {
                let mut ids = IdIndex::of(&self.document);
                for record in records {
                    self.edit(record, &mut ids);
                }
            }
            Record::Resolve { .. } | Record::Import { .. } | Record::Observe { .. } => {
                let mut ids = IdIndex::of(&self.document);
                self.edit(record, &mut ids);
            }
            Record::Move { .. } | Record::Forget { .. } | Record::Gone { .. } => {
                self.edit(record, &mut IdIndex::default());
            }
            Record::Intent { at, batch, rows } => {
                self.losses.iter_mut().for_each(|losses| losses.requested(rows));
                self.open.insert(batch.clone(), OpenBatch { at: *at, rows: rows.clone() });
            }
            Record::Outcome { at, batch, candidate_ids, rows, .. } => {
                self.outcome(*at, batch, candidate_ids, rows);
            }
            Record::Accept { deleted_ids, rows, serial, writes, .. } => {
                self.document.deleted_ids = self.document.deleted_ids.joined(deleted_ids);
                self.document.templates.extend(rows.clone());
                self.document.serial = *serial;
                self.document.writes = writes.clone();
                self.changed = true;
            }
            Record::Push { state, .. } => self.pushed(state),
            Record::ObserverShows { shows, .. } => {
                self.changed |= self.document.observer_shows != Some(*shows);
                self.document.observer_shows = Some(*shows);
            }
            Record::Certify { at, key, resource_id, resource_type, user_id } => {
                self.document.certificate_requested(key, *at, (resource_type, resource_id), user_id);
                self.changed = true;
            }
            Record::Certified { key, outcome, .. } => {
                self.document.certificate_answered(key, outcome);
                self.changed = true;
            }
            Record::Protect { key, protect } => {
                if let Some(row) = self.document.templates.get_mut(key) {
                    row.protect = *protect;
                    self.changed = true;
                }
            }
        }
    }

    fn pushed(&mut self, state: &Document) {
        let Document {
            certificates_in_doubt, deleted_ids, observer_shows, serial, templates, writes, ..
        } = state;
        self.document.deleted_ids = self.document.deleted_ids.joined(deleted_ids);
        self.document.certificates_in_doubt.clone_from(certificates_in_doubt);
        self.document.observer_shows = *observer_shows;
        self.document.templates.clone_from(templates);
        self.document.serial = self.document.serial.max(*serial);
        self.document.writes = join_writes(&self.document.writes, writes);
        self.changed = true;
    }

    /// Applies an edit that a person made.
    fn edit(&mut self, record: &Record, ids: &mut IdIndex) {
        let document = &mut self.document;
        self.changed |= match record {
            Record::Move { from, to } => document.move_row(from, to).is_ok(),
            Record::Forget { key } => document.forget(key).is_ok(),
            Record::Resolve { at, key, resolution } => document.resolve(ids, key, resolution, *at).is_ok(),
            Record::Import { id, key, .. } => {
                let before = document.templates.get(key).cloned();
                document.import(ids, key, id).is_ok() && document.templates.get(key) != before.as_ref()
            }
            Record::Observe { baseline, key, .. } => {
                let before = document.templates.get(key).cloned();
                document.observe(ids, key, baseline).is_ok() && document.templates.get(key) != before.as_ref()
            }
            Record::Gone { at, key, why } => document.observe_gone(key, *at, why).is_ok(),
            // Only runs make other records.
            _ => false,
        };
    }

    /// Ends the replay: requests without an answer are in doubt.
    pub fn finish(self) -> Document {
        self.finish_with(INTERRUPTED)
    }

    /// Ends the replay of a journal that is still being written: what its run is sending now is in doubt until it has
    /// the answer.
    pub fn so_far(self) -> Document {
        self.finish_with(BEING_SENT)
    }

    fn finish_with(mut self, why: &str) -> Document {
        let cut_off = RecordedOutcome::InDoubt { message: why.to_owned() };
        let mut open_rows = BTreeSet::new();
        for (batch, open) in std::mem::take(&mut self.open) {
            for intent in open.rows {
                open_rows.insert(intent.key.clone());
                self.sent(&batch, open.at, intent, &[], &cut_off, open.at);
            }
        }
        let losses = self.losses.take().into_iter();
        let by = self.by.clone();
        for (key, attempt, result, at) in
            losses.flat_map(|losses| losses.attempts(by.as_ref(), |key| open_rows.contains(key)))
        {
            let row = self.document.templates.remove(&key).unwrap_or_default();
            self.document.put(&key, row.sent(attempt, &result, at));
        }
        self.document
    }

    fn outcome(&mut self, at: Timestamp, batch: &str, candidates: &[TemplateId], outcomes: &[KeyedOutcome]) {
        let mut open = self.open.remove(batch);
        for outcome in outcomes {
            let KeyedOutcome { key, result } = outcome;
            let intent = open.as_mut().and_then(|open| {
                let position = open.rows.iter().position(|row| row.key == *key)?;
                Some((open.at, open.rows.swap_remove(position)))
            });
            if let Some(losses) = &mut self.losses {
                let is_kept = || {
                    let row = self.document.templates.get(key);
                    row.is_some_and(|row| row.attempts.iter().any(|attempt| attempt.batch == batch))
                };
                losses.answered(outcome, candidates, intent.is_some() || is_kept());
            }
            match intent {
                Some((sent_at, intent)) => self.sent(batch, sent_at, intent, candidates, result, at),
                // A job of an earlier run ended: the row itself keeps what was sent.
                None => self.answered(batch, key, result, at),
            }
        }
        // Rows that the outcome does not name are still open.
        if let Some(rest) = open.filter(|open| !open.rows.is_empty()) {
            self.open.insert(batch.to_owned(), rest);
        }
    }

    fn sent(
        &mut self,
        batch: &str,
        sent_at: Timestamp,
        intent: IntentRow,
        candidates: &[TemplateId],
        result: &RecordedOutcome,
        at: Timestamp,
    ) {
        if *result == RecordedOutcome::NotSent {
            return;
        }
        let IntentRow { action, attributes, digest, key, requested_by_user, .. } = intent;
        let attempt = Attempt {
            possibly_set_fields: BTreeSet::new(),
            at: sent_at,
            attributes,
            batch: batch.to_owned(),
            candidate_ids: candidates.to_vec(),
            operation: action,
            digest,
            job: None,
            requested_by_user: false,
            sent_by: self.by.clone(),
        };
        let row = self.document.templates.remove(&key).unwrap_or_default();
        self.document.put(&key, row.sent(attempt, result, at));
        self.changed = true;
        // A request to resend counts as a resolution only once it is carried out: a row that could not be sent stays
        // in doubt as it was.
        if let Some(row) = self.document.templates.get_mut(&key).filter(|_| requested_by_user) {
            resolution::add(&mut row.resolutions, &Resolution::Resend, sent_at);
        }
    }

    fn answered(&mut self, batch: &str, key: &Key, result: &RecordedOutcome, at: Timestamp) {
        let Some(row) = self.document.templates.remove(key) else { return };
        let before = row.clone();
        let consequence = row.answered(batch, result, at);
        self.changed |= consequence.row != before;
        self.document.put(key, consequence);
    }
}
