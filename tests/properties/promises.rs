//! What must be true after every event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use certctl::apply::{Executed, Observer, RowOutcome};
use certctl::model::{Attributes, Key, NaturalKey, Timestamp};
use certctl::plan::Scope;
use certctl::state::{Document, IdSource, RecordedOutcome, Row, RowStatus, Store as _};

use crate::academy::Held;
use crate::campaign::Campaign;
use crate::world::{MemoryStore, owner};

impl Campaign {
    pub(crate) fn check(&self) {
        let state = self.state().unwrap_or_else(|| Document::empty(&owner(), String::new()));
        let held = self.academy.held.borrow();
        let remembered: BTreeSet<_> = state.templates.values().flat_map(Row::natural_keys).collect();
        // An id given by a person is enough to find it.
        let has_id = |row: &Row, id: &str| row.identity.as_ref().is_some_and(|own| own.id.as_str() == id);
        for held in held.iter() {
            let natural_key = held.natural_key();
            let lost = self.machines[self.here].must_know.contains(&held.id)
                && held.written.0 == self.here
                && !remembered.contains(&natural_key)
                && !state.templates.values().any(|row| has_id(row, &held.id));
            assert!(!lost, "{natural_key} is on the server, and forgotten");
        }
        let by_id: BTreeMap<_, _> = held.iter().map(|held| (held.id.as_str(), held)).collect();
        for (key, row) in &state.templates {
            self.ids_are_right(key, row, &by_id);
            self.applied_is_true(key, row);
        }
    }

    fn ids_are_right(&self, key: &Key, row: &Row, held: &BTreeMap<&str, &Held>) {
        let Some(identity) = row.identity.as_ref().filter(|identity| identity.source == IdSource::Exact)
        else {
            return;
        };
        if self.academy.deleted.borrow().iter().any(|deleted| deleted.id == identity.id.as_str()) {
            return;
        }
        let truth = held
            .get(identity.id.as_str())
            .unwrap_or_else(|| panic!("{key}: an id that the server never assigned"));
        let mine = row.natural_keys().any(|natural_key| natural_key == truth.natural_key());
        let unknown = row.natural_keys().next().is_none();
        // The other machine may have moved it to another course since.
        assert!(
            mine || unknown || truth.written.0 != self.here,
            "{key} has the id of {}",
            truth.natural_key()
        );
    }

    fn applied_is_true(&self, key: &Key, row: &Row) {
        let (RowStatus::Applied, Some(known)) = (row.status(), &row.confirmed) else { return };
        let held = self.academy.find(&NaturalKey::of(&known.attributes));
        let since = known.applied_at.map(|at| at.to_string()).unwrap_or_default();
        let may_have =
            |held: &Held, name: &str| held.met || known.attributes.has(name) || row.unknown.contains(name);
        let is_there = held.iter().any(|held| {
            contains(&held.attributes, &known.attributes)
                && held.attributes.names().all(|name| may_have(held, name))
        });
        let written = |held: &Held| Timestamp::from_unix_seconds(held.written.1).to_string();
        let changed_since =
            held.iter().any(|held| held.written.0 != self.here || written(held).as_str() > since.as_str());
        // Somebody edited it, and an update of what differed from the state covered that.
        let last_seen =
            |held: &Held| self.machines[self.here].seen.get(&held.id).copied().unwrap_or_default();
        let edited = held.iter().any(|held| held.by_hand > last_seen(held));
        let natural_key = NaturalKey::of(&known.attributes);
        let deleted =
            self.academy.deleted.borrow().iter().any(|deleted| deleted.natural_key() == natural_key);
        let moved_by_other = held.is_empty() && self.machines[1 - self.here].store.text().is_some();
        assert!(
            is_there || changed_since || edited || moved_by_other || deleted && held.is_empty(),
            "{key} is said to be applied, and {held:?} is there"
        );
    }

    /// The plan after an apply is empty, or names exactly what failed, is pending, in doubt or held back.
    pub(crate) fn plan_after_names_what_is_left(
        &self,
        document: &Document,
        executed: &Executed,
        by_id: bool,
        scope: &Scope,
    ) {
        let state = Some(document).filter(|state| state.serial > 0);
        let after = self.plan_for(state, by_id, false, scope);
        for entry in &after.entries {
            let Some(submission) = entry.action.submission() else { continue };
            let result = executed.report.results.iter().find(|result| result.key == entry.key);
            let done = result
                .is_some_and(|result| matches!(result.outcome, RowOutcome::Created | RowOutcome::Updated));
            // A row that waited for a job and was edited meanwhile is sent in the next run. It is in doubt meanwhile if an
            // earlier create of it is.
            let waited = result.is_some_and(|result| matches!(result.action, "pending" | "in_doubt"));
            let named = result.is_some() && (!done || waited);
            assert!(
                named || submission.held.is_some(),
                "{} is still to do: {:?}",
                entry.key,
                executed.report
            );
        }
    }
}

pub(crate) fn contains(whole: &Attributes, part: &Attributes) -> bool {
    part.iter().all(|(name, value)| whole.get(name) == Some(value))
}

/// Checks that whatever is reported was durable before.
pub(crate) struct Witness<'a> {
    pub(crate) store: &'a MemoryStore,
}

impl Observer for Witness<'_> {
    fn begins(&mut self, _: usize) {}

    fn finished(&mut self, key: &Key, result: &RecordedOutcome) {
        if matches!(self.store.appends_left.borrow().as_ref(), Some(0)) {
            return;
        }
        let state = self.store.read().unwrap().effective().unwrap().unwrap();
        let row = state.templates.get(key);
        let is = |status| row.is_some_and(|row| row.status() == status);
        // Attempts sent earlier may still be in doubt.
        let durable = match result {
            RecordedOutcome::Applied { .. } => is(RowStatus::Applied),
            RecordedOutcome::InDoubt { .. } => is(RowStatus::InDoubt),
            RecordedOutcome::Pending { .. } => is(RowStatus::Pending) || is(RowStatus::InDoubt),
            RecordedOutcome::Failed { .. } => is(RowStatus::Failed) || is(RowStatus::InDoubt),
            RecordedOutcome::NotSent => true,
        };
        assert!(durable, "{key} was reported as {result:?} before it was recorded");
    }

    fn waits(&mut self, _: certctl::apply::WaitReason, _: Duration) {}
    fn stops(&mut self, _: usize, _: Duration) {}

    fn waits_for_other_run(&mut self) {}
}
