//! What a person, or an export, says about rows in doubt.

use super::*;

impl Model {
    pub(super) fn say(&mut self, key: &Key, settlement: Resolution) {
        let fits =
            self.document.clone().resolve(&mut IdIndex::of(&self.document), key, &settlement, self.now());
        assert_eq!(fits, Ok(()), "{key} cannot be settled as {settlement:?}");
        if settlement != Resolution::Resend {
            coverage::count(format!("rows settled {}", coverage::variant(&settlement)));
            self.open.remove(key);
            self.ordered.remove(key);
        }
        let record = Record::Resolve { at: self.now(), key: key.clone(), resolution: settlement };
        self.record([record]);
    }

    pub(super) fn person(&mut self, with_id: bool) {
        for key in self.settleable() {
            if let Some(word) = self.truth(&key, with_id) {
                self.say(&key, word);
            }
        }
    }

    /// What the admin page shows about a row in doubt.
    pub(super) fn truth(&self, key: &Key, with_id: bool) -> Option<Resolution> {
        let row = &self.document.templates[key];
        let sent = &row.attempt()?.attributes;
        if row.operation() == Some(Operation::Create) {
            let there = self
                .held
                .iter()
                .rev()
                .find(|held| held.natural_key() == NaturalKey::of(sent) && self.is_free(key, &held.id));
            return Some(match there {
                None => Resolution::NotCreated,
                Some(held) if with_id => Resolution::Created { id: held.id.clone() },
                Some(_) => Resolution::Applied,
            });
        }
        let held = self.of(row)?;
        match &row.confirmed {
            _ if held.attributes == *sent => Some(Resolution::Applied),
            Some(known) if held.attributes == known.attributes => Some(Resolution::NotCreated),
            _ => None,
        }
    }

    pub(super) fn is_free(&self, key: &Key, id: &TemplateId) -> bool {
        let has = |row: &Row| row.identity.as_ref().is_some_and(|identity| identity.id == *id);
        !self.document.templates.iter().any(|(other, row)| other != key && has(row))
    }

    /// The template of a row, if it is unambiguous.
    pub(super) fn of(&self, row: &Row) -> Option<&Held> {
        if let Some(identity) = &row.identity {
            return self.held.iter().find(|held| held.id == identity.id);
        }
        let natural_keys: BTreeSet<NaturalKey> = row.natural_keys().collect();
        let mut held = self.held.iter().filter(|held| natural_keys.contains(&held.natural_key()));
        let first = held.next();
        first.filter(|_| held.next().is_none())
    }

    /// Reads an export of now, or the one that was made when somebody exported last.
    pub(super) fn export(&mut self, dated: bool, stale: bool) {
        let lines: String =
            self.held.iter().map(|held| line(held, dated.then_some(held.changed), "a")).collect();
        let earlier = self.exported.replace(lines.clone());
        let lines = earlier.filter(|_| stale).unwrap_or(lines);
        self.settle_from(&observed(&lines, self.now()));
    }

    pub(super) fn settle_from(&mut self, table: &Observation) {
        for key in self.settleable() {
            let found = settlements(table, &self.document, &[&key]);
            let records = record_settlements(&mut self.document.clone(), &found, self.now()).unwrap();
            if let InventoryFinding::Settles(settlement) = &found[0].1 {
                self.say(&key, settlement.resolution.clone());
                self.record(records.into_iter().skip(1));
            }
        }
    }
}

/// An export with these lines.
pub(super) fn observed(lines: &str, now: Timestamp) -> Observation {
    let head = "id,resourcetype,resourceid,title,expirationdays,usercustomfieldslug,usercustomfieldvalue,statusgroup,updatedat";
    read_templates(Path::new("export.csv"), format!("{head}\n{lines}").as_bytes(), now, &[]).unwrap()
}

/// The line of a template that was changed, or deleted, at this time.
pub(super) fn line(held: &Held, at: Option<i64>, status: &str) -> String {
    let text = |name| held.attributes.text(name).unwrap_or_default().to_owned();
    let [kind, resource, title] = ["resourceType", "resourceId", "title"].map(text);
    let at = at.map(|at| Timestamp::from_unix_seconds(at).to_string()).unwrap_or_default();
    let days = held.attributes.get("expirationDays").map(ToString::to_string).unwrap_or_default();
    format!("{},{kind},{resource},{title},{days},,,{status},{at}\n", held.id)
}
