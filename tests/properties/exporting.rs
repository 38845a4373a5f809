//! The vendor's export in a campaign: whatever it settles and adopts must be true of the simulated server.

use std::path::Path;

use certctl::inventory::{
    InventoryFinding, Observation, adoptions, read_templates, record_settlements, settlements,
};
use certctl::model::{Key, TemplateId};
use certctl::state::{Record, Resolution};

use crate::academy::Held;
use crate::campaign::Campaign;
use crate::promises::contains;

impl Campaign {
    /// The reporting product's table: every template with the time of its latest change, including deleted ones.
    fn export(&self) -> Observation {
        let mut csv =
            "id,resourcetype,resourceid,title,expirationdays,usercustomfieldslug,usercustomfieldvalue,updatedat,statusgroup\n"
                .to_owned();
        let mut line = |held: &Held, status: &str| {
            let text = |name| held.attributes.text(name).unwrap_or_default().to_owned();
            let [kind, id, title] = ["resourceType", "resourceId", "title"].map(text);
            let at = certctl::model::Timestamp::from_unix_seconds(held.written.1);
            let days = held.attributes.get("expirationDays").map(ToString::to_string).unwrap_or_default();
            csv.push_str(&format!("{},{kind},{id},{title},{days},,,{at},{status}\n", held.id));
        };
        self.academy.held.borrow().iter().for_each(|held| line(held, "a"));
        let there = |id: &str| self.academy.held.borrow().iter().any(|held| held.id == id);
        self.academy.deleted.borrow().iter().filter(|held| !there(&held.id)).for_each(|held| line(held, "d"));
        read_templates(Path::new("export.csv"), csv.as_bytes(), self.now()).unwrap()
    }

    /// `recover --from-csv`.
    pub(crate) fn settle_by_export(&mut self) {
        let (table, at) = (self.export(), self.now());
        let mut touched = Vec::new();
        self.edit(|document| {
            let doubtful: Vec<Key> = document
                .in_doubt()
                .filter(|(_, row)| row.job().is_none())
                .map(|(key, _)| key.clone())
                .collect();
            let results = settlements(&table, document, &doubtful.iter().collect::<Vec<_>>());
            assert_eq!(results.len(), doubtful.len(), "a row in doubt has no result");
            let mut believed = Vec::new();
            for (key, finding) in results {
                let InventoryFinding::Settles(settlement) = &finding else { continue };
                let settlement = &settlement.resolution;
                let (Resolution::Created { id } | Resolution::Exists { id }) = settlement else {
                    panic!("an export said {settlement:?}");
                };
                let held =
                    self.academy.held.borrow().iter().find(|held| held.id == id.as_str()).cloned().unwrap();
                // One of them created it; only its contents can show which.
                let attempts = document.row(&key).unwrap().attempts.clone();
                let is_it = attempts.iter().any(|sent| contains(&held.attributes, &sent.attributes));
                if matches!(settlement, Resolution::Created { .. }) && !is_it {
                    // Only somebody else can have written other values since.
                    assert_ne!(held.written.0, self.here, "{key} was settled as created and was not");
                    continue;
                }
                touched.push(id.clone());
                believed.push((key, finding));
            }
            let records = record_settlements(document, &believed, at).unwrap();
            (!records.is_empty()).then_some(Record::Transaction { records })
        });
        for id in &touched {
            self.academy.adopt(TemplateId::as_str(id));
        }
    }

    /// `import --from-csv`.
    pub(crate) fn import_by_export(&mut self) {
        let (table, at, desired) = (self.export(), self.now(), self.desired());
        self.edit(|document| {
            let found = adoptions(&table, &desired, document);
            let told = found.adopted.len() + found.known.len() + found.missing.len() + found.obstacles.len();
            assert_eq!(told, desired.templates.len(), "every configured template is in one list");
            found.adopted.values().for_each(|adoption| self.academy.adopt(adoption.id.as_str()));
            let records = found.records(at);
            document.edit_all(&records).unwrap();
            (!records.is_empty()).then_some(Record::Transaction { records })
        });
    }
}
