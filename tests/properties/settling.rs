//! How people settle rows in doubt: truthfully, by the admin page, or by having them sent again.

use std::collections::BTreeSet;

use certctl::model::{Key, NaturalKey, TemplateId};
use certctl::plan::Scope;
use certctl::state::{Document, IdIndex, Operation, Record, Resolution, Row, Store as _};

use crate::academy::Held;
use crate::campaign::Campaign;
use crate::coverage;
use crate::events::Manner;
use crate::promises::contains;

impl Campaign {
    pub(crate) fn count_settlements(&self) {
        let state = self.machines[self.here].store.read().unwrap().effective().ok().flatten();
        for row in state.iter().flat_map(|state| state.templates.values()) {
            row.resolutions.iter().for_each(|settled| coverage::count(format!("settled {:?}", settled.how)));
        }
    }

    /// `recover --resend` of everything in doubt: a request for this run only.
    pub(crate) fn resend(&mut self, manner: &Manner) {
        let Ok(ledger) = self.open() else { return };
        let document = ledger.document().clone();
        drop(ledger);
        let desired = self.desired();
        let is_there = |(key, _): &(&Key, &Row)| desired.templates.contains_key(*key);
        let rows: Vec<_> =
            document.in_doubt().filter(|(_, row)| row.job().is_none()).filter(is_there).collect();
        let keys: Vec<Key> = rows.iter().map(|(key, _)| (*key).clone()).collect();
        let by_id = manner.by_id || self.by_id_only;
        let plan = self.plan_for(Some(&document), by_id, true, &Scope::of_keys(&keys));
        let mut submissions = plan.entries.iter().filter_map(|entry| entry.action.submission());
        if keys.is_empty() || submissions.any(|submission| submission.held.is_some()) {
            return;
        }
        let ordered: Vec<(Key, NaturalKey)> = rows
            .iter()
            .flat_map(|(key, row)| row.natural_keys().map(|natural_key| ((*key).clone(), natural_key)))
            .collect();
        for (_, natural_key) in &ordered {
            self.order(natural_key.clone());
        }
        let Ok(ledger) = self.open() else { return };
        self.run(&plan, ledger, manner, true);
        // It was a request for this run only, whatever its result.
        for (_, natural_key) in &ordered {
            self.academy.judge.withdraw(natural_key);
        }
        self.count_repetitions(&document, &keys);
    }

    /// The result of sending creates again that were in doubt before.
    fn count_repetitions(&self, before: &Document, keys: &[Key]) {
        let Some(after) = self.state() else { return };
        for key in keys.iter().filter(|key| before.templates[*key].operation() == Some(Operation::Create)) {
            let (Some(row), had) = (after.templates.get(key), &before.templates[key]) else { continue };
            let attempts = row.attempts.as_slice();
            if row.failure() != had.failure() && attempts == had.attempts.as_slice() {
                coverage::count("create refused when it was sent again");
            }
            if attempts.windows(2).any(|pair| pair[0].attributes != pair[1].attributes) {
                coverage::count("create in doubt with several contents");
            }
        }
    }

    pub(crate) fn settle(&mut self) {
        let Ok(ledger) = self.open() else { return };
        let document = ledger.document().clone();
        drop(ledger);
        // A job may still be working on it, so the truth is not known yet.
        for (doubtful, row) in document.in_doubt().filter(|(_, row)| row.job().is_none()) {
            let Some(settlement) = self.truth(&document, row) else { continue };
            let contents =
                row.attempts.iter().map(|attempt| attempt.digest.as_str()).collect::<BTreeSet<_>>();
            if contents.len() > 1 {
                coverage::count(format!("several contents, {}", coverage::variant(&settlement)));
            }
            let at = self.now();
            let record = Record::Resolve { at, key: doubtful.clone(), resolution: settlement.clone() };
            self.edit(|document| {
                document
                    .resolve(&mut IdIndex::of(document), doubtful, &settlement, at)
                    .is_ok()
                    .then_some(record)
            });
        }
    }

    /// A person accepts that there may be two for this natural key, or one that is not ours.
    pub(crate) fn order(&mut self, natural_key: NaturalKey) {
        let there = self.academy.find(&natural_key);
        self.machines[self.here].must_know.retain(|id| there.iter().all(|held| held.id != *id));
        self.academy.judge.order(natural_key);
    }

    /// What the admin page shows about a row in doubt.
    fn truth(&mut self, document: &Document, row: &Row) -> Option<Resolution> {
        let attempt = row.attempt()?;
        if row.operation() == Some(Operation::Update) {
            // The next apply sends it again anyway; a person may say what exists if it is unambiguous.
            let natural_key = NaturalKey::of(&attempt.attributes);
            let mut held = self.academy.find(&natural_key);
            if let Some(identity) = row.identity.as_ref().filter(|identity| identity.source.may_address()) {
                held.retain(|held| held.id == identity.id.as_str());
            }
            return (held.len() == 1 && held[0].attributes == attempt.attributes)
                .then_some(Resolution::Applied);
        }
        let taken: BTreeSet<&str> =
            document.templates.values().filter_map(|row| Some(row.identity.as_ref()?.id.as_str())).collect();
        let held = self.academy.find(&NaturalKey::of(&attempt.attributes));
        // If there are two, created from two states that did not know each other, each has its own.
        let mut free: Vec<_> = held.iter().filter(|held| !taken.contains(held.id.as_str())).collect();
        free.sort_by_key(|held| held.written.0 == self.here);
        // Written since the first of them was sent: one of them wrote it.
        let first = row.attempts.creates().next().unwrap_or(attempt).at.unix_seconds();
        let is_ours =
            |held: &Held| held.written.0 == self.here && held.written.1 >= first && held.by_hand < first;
        match free.pop().cloned() {
            Some(held) if is_ours(&held) || contains(&held.attributes, &attempt.attributes) => {
                if !is_ours(&held) {
                    // It existed before, and may have more than was sent.
                    self.academy.adopt(&held.id);
                }
                Some(Resolution::Created { id: TemplateId::parse_uuid(&held.id).unwrap() })
            }
            // Somebody else's values: certctl is told to set its own.
            Some(_) => {
                self.order(NaturalKey::of(&attempt.attributes));
                Some(Resolution::NotCreated)
            }
            None if held.is_empty() => Some(Resolution::NotCreated),
            None => Some(Resolution::Applied),
        }
    }
}
