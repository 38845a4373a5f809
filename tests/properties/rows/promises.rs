//! What the state may claim after every step, and what is left when all is done.

use super::adopting::is_as_known;
use super::*;

impl Model {
    pub(super) fn check(&self) {
        for (key, row) in &self.document.templates {
            self.what_is_confirmed_is_there(key, row);
            self.id_is_right(key, row);
        }
        let known: BTreeSet<NaturalKey> =
            self.document.templates.values().flat_map(Row::natural_keys).collect();
        for held in &self.held {
            let natural_key = held.natural_key();
            let has_id = |row: &Row| row.identity.as_ref().is_some_and(|identity| identity.id == held.id);
            let told = known.contains(&natural_key)
                || self.risked.contains(&natural_key)
                || self.document.templates.values().any(has_id);
            assert!(told, "{natural_key} is on the server, and forgotten");
        }
        for (key, _) in self.open.iter().filter(|(_, open)| !open.is_empty()) {
            let status = self.document.templates[key].status();
            assert_eq!(status, RowStatus::InDoubt, "a create of {key} is without outcome");
        }
    }

    pub(super) fn what_is_confirmed_is_there(&self, key: &Key, row: &Row) {
        let (RowStatus::Applied, Some(known)) = (row.status(), &row.confirmed) else { return };
        let natural_key = NaturalKey::of(&known.attributes);
        let mut there = self.held.iter().filter(|held| match &row.identity {
            Some(identity) => held.id == identity.id,
            None => held.natural_key() == natural_key,
        });
        assert!(row.unknown.iter().all(|name| !known.attributes.has(name)), "{key} is unknown and known");
        // What is not listed as unknown is exactly as the state says.
        let is_there = there.clone().any(|held| is_as_known(held, &known.attributes, &row.unknown));
        assert!(is_there, "{key} claims {:?}, but the server has {:?}", known.attributes, there.next());
    }

    pub(super) fn id_is_right(&self, key: &Key, row: &Row) {
        let Some(identity) = &row.identity else { return };
        let held = self.held.iter().find(|held| held.id == identity.id);
        let held = held.unwrap_or_else(|| panic!("{key} has an id of no template"));
        let mine = held.maker == *key || key.as_str().starts_with(held.maker.as_str());
        assert!(mine, "{key} has the id of {}", held.maker);
        let natural_key = held.natural_key();
        // Of an imported template, only the id may be known.
        let knows = row.confirmed.is_some() || !row.attempts.is_empty();
        let is_right = !knows || row.natural_keys().any(|mine| mine == natural_key);
        assert!(is_right, "{key} has the id of {natural_key}");
    }

    /// The server is healthy, a person looks up everything, and all problems are resolved.
    pub(super) fn comes_right(&mut self) {
        self.take(&Step::JobsEnd { well: true, done: true });
        for _ in 0..6 {
            self.take(&Step::Person { with_id: true });
            self.take(&Step::Apply { fates: Vec::new(), by_id: false });
        }
        let plan = self.plan(false, false, &Scope::default());
        let is_held = |key: &Key| {
            let of_key = |entry: &&certctl::plan::Entry| entry.key == *key;
            let submissions =
                plan.entries.iter().filter(of_key).filter_map(|entry| entry.action.submission());
            submissions.into_iter().any(|submission| submission.held.is_some())
        };
        for (key, template) in &self.desired().templates {
            if is_held(key) {
                continue;
            }
            let row = &self.document.templates[key];
            let natural_key = NaturalKey::of(&template.attributes);
            let is_another = |held: &&Held| row.identity.as_ref().is_none_or(|own| own.id != held.id);
            let taken = self.held.iter().filter(is_another).any(|held| held.natural_key() == natural_key);
            if row.status() == RowStatus::Failed && taken {
                // The server rejects it: another template has its course.
                continue;
            }
            assert!(plan.entries.iter().all(|entry| entry.key != *key), "{key} is still to do");
            let is_it = |held: &&Held| match &row.identity {
                Some(identity) => held.id == identity.id,
                None => held.natural_key() == natural_key,
            };
            let mut held = self.held.iter().filter(is_it);
            let is_right = held.clone().any(|held| is_as_known(held, &template.attributes, &row.unknown));
            assert!(is_right, "{key} is to be {:?}, and is {:?}", template.attributes, held.next());
        }
    }
}
