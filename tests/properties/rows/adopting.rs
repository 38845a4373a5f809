//! A template that somebody made by hand is adopted: by its id, or with what is seen of it.

use certctl::state::Baseline;

use super::*;

/// Which attributes an observation shows beside the natural key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    title: bool,
    days: bool,
    css: bool,
}

pub(super) fn any_sight() -> impl Strategy<Value = Sight> {
    any::<(bool, bool, bool)>().prop_map(|(title, days, css)| Sight { title, days, css })
}

impl Sight {
    /// What is seen of these attributes. Those that are not there are seen to be absent.
    fn baseline(self, id: TemplateId, attributes: &Attributes, at: Timestamp) -> Baseline {
        let sees = |name: &str| match name {
            "title" => self.title,
            "expirationDays" => self.days,
            "customCss" => self.css,
            _ => NaturalKey::FIELDS.contains(&name),
        };
        let names = ["title", "expirationDays", "customCss"].into_iter().chain(NaturalKey::FIELDS);
        let absent = names.filter(|name| sees(name) && !attributes.has(name)).map(str::to_owned).collect();
        let seen = attributes.shared().filter(|(name, _)| sees(name.as_str()));
        let seen = seen.map(|(name, value)| (name.clone(), value.clone())).collect();
        Baseline { absent, as_of: Some(at), ends_attempts: false, seen_in: None, id, seen }
    }
}

impl Model {
    /// Whether only the id of this template is known. If it is moved in the YAML before it was sent once, certctl cannot
    /// see that; apply warns of a server that makes a new one instead.
    pub(super) fn is_only_an_id(&self, key: &Key) -> bool {
        let row = self.document.templates.get(key);
        row.is_some_and(|row| row.identity.is_some() && row.confirmed.is_none())
    }

    /// Somebody made a configured template by hand, with a style and days of its own, and certctl is told of it.
    pub(super) fn adopt(&mut self, key: Key, sees: Option<Sight>) {
        let desired = self.desired();
        let Some(template) = desired.templates.get(&key) else { return };
        let natural_key = NaturalKey::of(&template.attributes);
        let is_taken = self.held.iter().any(|held| held.natural_key() == natural_key)
            || self.document.templates.values().flat_map(Row::natural_keys).any(|other| other == natural_key)
            || self.open.values().flatten().any(|open| *open == natural_key);
        if is_taken || self.document.templates.contains_key(&key) {
            return;
        }
        let id = self.new_id();
        let attributes =
            template.attributes.with("customCss", "by hand".into()).with("expirationDays", 7.into());
        let changed = self.clock;
        self.held.push(Held { id: id.clone(), attributes: attributes.clone(), maker: key.clone(), changed });
        let at = self.now();
        self.record([match sees {
            None => Record::Import { at, id, key },
            Some(sight) => {
                let baseline = sight.baseline(id, &attributes, at);
                Record::Observe { at, baseline, key }
            }
        }]);
    }

    /// Somebody may edit the style and the days of a template by hand, and what is seen of it is taken, unless it was
    /// changed before what the state knows.
    pub(super) fn refresh(&mut self, key: &Key, (style, days): (bool, bool), sees: Sight) {
        let Some(row) = self.document.templates.get(key) else { return };
        let (Some(known), Some(identity)) = (&row.confirmed, &row.identity) else { return };
        let is_settled = row.status() == RowStatus::Applied && row.attempts.is_empty();
        let place = self.held.iter().position(|held| held.id == identity.id);
        let (Some(place), true) = (place, is_settled && self.jobs.iter().all(|job| job.row.key != *key))
        else {
            return;
        };
        let applied_at = known.applied_at;
        let clock = self.clock;
        let held = &mut self.held[place];
        let edits = [
            (style, "customCss", format!("by hand at {clock}").into()),
            (days, "expirationDays", clock.into()),
        ];
        for (_, name, value) in edits.into_iter().filter(|(is_made, ..)| *is_made) {
            (held.attributes, held.changed) = (held.attributes.with(name, value), clock);
        }
        let as_of = Timestamp::from_unix_seconds(held.changed);
        if Some(as_of) < applied_at {
            return;
        }
        let baseline = sees.baseline(held.id.clone(), &held.attributes, as_of);
        let row = &self.document.templates[key];
        coverage::count(format!(
            "rows refreshed, forgets some: {}",
            !row.no_longer_known(&baseline).is_empty()
        ));
        self.record([Record::Observe { at: self.now(), baseline, key: key.clone() }]);
    }
}

/// Whether the server holds these attributes, and else only some that are unknown.
pub(super) fn is_as_known(held: &Held, known: &Attributes, unknown: &BTreeSet<String>) -> bool {
    let names: BTreeSet<&str> = held.attributes.names().chain(known.names()).collect();
    let mut others = names.into_iter().filter(|name| !unknown.contains(*name));
    others.all(|name| held.attributes.get(name) == known.get(name))
}
