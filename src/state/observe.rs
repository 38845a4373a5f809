//! Takes what was seen on the server into the document. The ledger's replay applies it, so it is a pure function.

use super::{Baseline, Document, EditError, IdIndex, Record, RowStatus};
use crate::model::{Key, Timestamp};

impl Document {
    /// Takes what was seen of a template as what the server holds, and its id. Refused while an attempt on it has no
    /// outcome, unless it was seen after that.
    pub fn observe(&mut self, ids: &mut IdIndex, key: &Key, baseline: &Baseline) -> Result<(), EditError> {
        self.check_settled(key, baseline.ends_attempts)?;
        ids.claim(self, key, &baseline.id)?;
        let row = self.templates.remove(key).unwrap_or_default();
        let is_same = row.is_template(&baseline.id);
        self.templates.insert(key.clone(), row.observed(baseline, is_same));
        Ok(())
    }

    /// Records that the server was seen to have deleted a template: the next plan creates it.
    pub fn observe_gone(&mut self, key: &Key, at: Timestamp, why: &str) -> Result<(), EditError> {
        self.row(key)?;
        self.check_settled(key, false)?;
        if let Some(row) = self.templates.remove(key) {
            self.templates.insert(key.clone(), row.gone(at, why));
        }
        Ok(())
    }

    /// Makes these edits, all or none: a record that does not fit would change nothing when it is replayed.
    pub fn edit_all(&mut self, records: &[Record]) -> Result<(), EditError> {
        let mut ids = IdIndex::of(self);
        let mut edited = self.clone();
        for record in records {
            match record {
                Record::Import { id, key, .. } => edited.import(&mut ids, key, id)?,
                Record::Observe { baseline, key, .. } => edited.observe(&mut ids, key, baseline)?,
                Record::Gone { at, key, why } => edited.observe_gone(key, *at, why)?,
                Record::Resolve { at, key, resolution } => edited.resolve(&mut ids, key, resolution, *at)?,
                // What is seen is recorded as nothing else.
                _ => {}
            }
        }
        *self = edited;
        Ok(())
    }

    /// Fails if an attempt on this row has no outcome: what is seen may be older than the attempt, or its result. A row
    /// that is in doubt or pending has to be settled first in any case.
    fn check_settled(&self, key: &Key, is_later: bool) -> Result<(), EditError> {
        let Some(row) = self.templates.get(key) else { return Ok(()) };
        let status = match row.status() {
            RowStatus::Pending => "pending",
            RowStatus::InDoubt => "in doubt",
            _ if !row.attempts.is_empty() && !is_later => "in doubt",
            _ => return Ok(()),
        };
        Err(EditError::Open { key: key.clone(), status })
    }
}
