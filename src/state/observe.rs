//! Takes what was seen on the server into the document. The ledger's replay applies it, so it is a pure function.

use super::{Baseline, Document, EditError, IdIndex, RowStatus};
use crate::model::{Key, Timestamp};

impl Document {
    /// Takes what was seen of a template as what the server holds, and its id. Refused while an attempt on it has no
    /// outcome.
    pub fn observe(&mut self, ids: &mut IdIndex, key: &Key, baseline: &Baseline) -> Result<(), EditError> {
        self.check_settled(key)?;
        ids.claim(self, key, &baseline.id)?;
        let row = self.templates.remove(key).unwrap_or_default();
        let is_same = row.is_template(&baseline.id);
        self.templates.insert(key.clone(), row.observed(baseline, is_same));
        Ok(())
    }

    /// Records that the server was seen to have deleted a template: the next plan creates it.
    pub fn observe_gone(&mut self, key: &Key, at: Timestamp, why: &str) -> Result<(), EditError> {
        self.row(key)?;
        self.check_settled(key)?;
        if let Some(row) = self.templates.remove(key) {
            self.templates.insert(key.clone(), row.gone(at, why));
        }
        Ok(())
    }

    /// Fails if an attempt on this row has no outcome: what is seen may be older than the attempt, or its result.
    fn check_settled(&self, key: &Key) -> Result<(), EditError> {
        let Some(row) = self.templates.get(key) else { return Ok(()) };
        let status = match row.status() {
            RowStatus::Pending => "pending",
            _ if !row.attempts.is_empty() => "in doubt",
            _ => return Ok(()),
        };
        Err(EditError::Open { key: key.clone(), status })
    }
}
