//! A template is deleted by hand, and perhaps another one is made in its place. Exports show both.

use super::people::{line, observed};
use super::*;

/// When another template is made in place of a deleted one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Again {
    /// Before the next export.
    Together,
    /// After an export showed the deletion.
    Later,
}

impl Model {
    pub(super) fn new_id(&mut self) -> TemplateId {
        self.made += 1;
        TemplateId::parse_uuid(&format!("abcdef00-0000-4000-8000-{:012}", self.made)).unwrap()
    }

    /// Somebody deletes the template of a row whose id is certain, and perhaps makes it again.
    pub(super) fn replace(&mut self, key: &Key, again: Option<Again>) {
        let Some(place) = self.replaceable(key) else { return };
        let natural_key = self.held[place].natural_key();
        let desired = self.desired().templates.get(key).map(|template| NaturalKey::of(&template.attributes));
        if matches!(again, Some(Again::Together)) && desired.as_ref() != Some(&natural_key) {
            // Only its id would be known; see `is_only_an_id`.
            return;
        }
        let old = self.held.remove(place);
        self.deleted.push((old.clone(), self.clock));
        let new = Held { id: self.new_id(), changed: self.clock, ..old };
        match again {
            None => self.look(key),
            Some(Again::Later) => {
                self.look(key);
                self.held.push(new);
                self.clock += 1;
                self.look(key);
            }
            Some(Again::Together) => {
                self.held.push(new.clone());
                self.look(key);
                // What drift advises. That the first one is gone is not recorded.
                self.exported = None;
                self.record([Record::Import { at: self.now(), id: new.id, key: key.clone() }]);
            }
        }
        let is_there = self.held.iter().any(|held| held.natural_key() == natural_key);
        assert_eq!(self.document.templates[key].exists(), is_there, "{key} after {again:?}");
    }

    /// Takes what an export shows of this row.
    fn look(&mut self, key: &Key) {
        let live = self.held.iter().map(|held| line(held, Some(held.changed), "a"));
        let deleted = self.deleted.iter().map(|(held, at)| line(held, Some(*at), "d"));
        let lines: String = live.chain(deleted).collect();
        let found = drift(&observed(&lines, self.now()), &self.document);
        let found = found.limited_to(&self.document, |other| other == key);
        if let Some(why) = found.not_compared.get(key) {
            coverage::count(format!("rows not compared: {}", coverage::variant(why)));
            let is_named = matches!(why, NotCompared::OtherId { .. } | NotCompared::Returned { .. });
            assert!(is_named, "{key}: {why:?}");
        }
        self.record(found.records(self.now()));
    }

    /// The place of the row's template, if the row is settled and has it alone.
    fn replaceable(&self, key: &Key) -> Option<usize> {
        let row = self.document.templates.get(key).filter(|row| row.attempts.is_empty())?;
        let identity = row.identity.as_ref().filter(|identity| identity.source.may_address())?;
        let natural_key = NaturalKey::of(&row.confirmed.as_ref()?.attributes);
        let is_open = self.open.values().flatten().any(|open| *open == natural_key);
        let is_waiting = self.jobs.iter().any(|job| job.row.natural_key == natural_key);
        if is_open || is_waiting || self.risked.contains(&natural_key) {
            return None;
        }
        let others = self.document.templates.iter().filter(|(other, _)| *other != key);
        if others.flat_map(|(_, row)| row.natural_keys()).any(|other| other == natural_key) {
            return None;
        }
        self.held.iter().position(|held| held.id == identity.id)
    }

    /// An export from before the deletions is read once more.
    pub(super) fn old_export(&mut self) {
        let lines = self.deleted.iter().map(|(held, at)| line(held, Some(at - 1), "a"));
        // Of each course only the last one, so that it is not left out for being one of two.
        let lines: BTreeMap<NaturalKey, String> =
            self.deleted.iter().map(|(held, _)| held.natural_key()).zip(lines).collect();
        let table = observed(&lines.into_values().collect::<String>(), self.now());
        self.settle_from(&table);
    }
}
