//! The state forgets templates: by the YAML, or at a person's request.

use certctl::model::NaturalKey;
use certctl::plan::Plan;
use certctl::state::{Document, Record, Row};

use super::Campaign;
use crate::coverage;
use crate::world::key;

impl Campaign {
    /// Everything on the server that the row is for is deleted, and the YAML forgets the template.
    pub(super) fn remove(&mut self, number: u8) {
        let row = self.state().and_then(|state| state.templates.get(&key(number)).cloned());
        for natural_key in row.iter().flat_map(Row::natural_keys) {
            self.academy.delete(&natural_key);
        }
        self.parts.remove(&number);
        self.removed.insert(number);
    }

    /// What a plan is about to make the state forget. Another may be created in its place only by a later plan.
    pub(super) fn forgotten_by(&self, plan: &Plan, state: Option<&Document>) -> Vec<(u8, Vec<NaturalKey>)> {
        let numbered = |number: &u8| {
            let key = key(*number);
            let row = state?.templates.get(&key)?;
            plan.forgets().any(|forgotten| *forgotten == key).then(|| (*number, self.all_natural_keys(row)))
        };
        self.removed.iter().filter_map(numbered).collect()
    }

    /// What the state has forgotten need not be known any more.
    pub(super) fn waive(&mut self, forgotten: Vec<(u8, Vec<NaturalKey>)>) {
        let state = self.state();
        let is_gone =
            |number: u8| state.as_ref().is_none_or(|state| !state.templates.contains_key(&key(number)));
        for (_, natural_keys) in forgotten.into_iter().filter(|(number, _)| is_gone(*number)) {
            coverage::count("forgotten by YAML");
            for natural_key in natural_keys {
                // A late job may have made it once more, which the plan asks the person to look for.
                self.order(natural_key.clone());
                self.machines[self.here].waived.insert(natural_key);
            }
        }
    }

    /// A person forgets the template of a row.
    pub(super) fn forget(&mut self, number: u8) {
        let before = self.state().and_then(|state| state.templates.get(&key(number)).cloned());
        let record = Record::Forget { key: key(number) };
        self.edit(|document| document.forget(&key(number)).is_ok().then_some(record));
        // The process may have died after writing the record and before reporting it.
        if self.state().is_some_and(|state| !state.templates.contains_key(&key(number))) {
            let keys: Vec<NaturalKey> = before.iter().flat_map(|row| self.all_natural_keys(row)).collect();
            for natural_key in keys {
                self.order(natural_key.clone());
                self.machines[self.here].waived.insert(natural_key);
            }
        }
    }

    /// The natural keys of a row. Of a row with nothing but an id, only the server knows what it is for.
    fn all_natural_keys(&self, row: &Row) -> Vec<NaturalKey> {
        let by_id =
            row.identity.iter().filter_map(|identity| self.academy.natural_key_of(identity.id.as_str()));
        row.natural_keys().chain(by_id).collect()
    }
}
