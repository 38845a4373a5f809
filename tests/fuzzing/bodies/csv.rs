//! The vendor's export, with a state that has rows in doubt and a configuration.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use certctl::desired::{Desired, Template, WrittenPlaces};
use certctl::inventory::{
    InventoryFinding, Observation, Observed, Settlement, adoptions, read_templates, settlements,
};
use certctl::model::{Attributes, Key, NaturalKey, TemplateId, Timestamp};
use certctl::state::{
    Attempt, Attempts, Confirmed, Document, IdIndex, IdSource, Identity, Operation, Resolution, Row,
    RowFailure, RowState, StateIdentity,
};
use serde_json::json;

use super::places;

const SENT: i64 = 1_800_000_000;

/// Reads the export; whatever it settles and adopts is in it, once, and for the right resource.
pub(crate) fn csv(bytes: &[u8]) {
    match read_templates(Path::new("export.csv"), bytes, Timestamp::from_unix_seconds(SENT + 24 * 3600), &[])
    {
        Err(findings) => {
            let text = places::text(bytes);
            places::check(&findings, |_| Some(text.clone()));
        }
        Ok(table) => {
            let ids: BTreeSet<&TemplateId> = table.templates.iter().map(|template| &template.id).collect();
            assert_eq!(ids.len(), table.templates.len(), "an id is in the table twice");
            if !table.findings.is_empty() {
                let text = places::text(bytes);
                places::check(&table.findings, |_| Some(text.clone()));
            }
            settles(&table);
            adopts(&table);
        }
    }
}

fn key(number: u8) -> Key {
    Key::new(format!("t-{number}")).unwrap()
}

/// Two audiences of one course, another course, and a learning path.
fn attributes(number: u8) -> Attributes {
    let (kind, resource) = if number == 3 { ("learningPath", 3) } else { ("course", number.max(1)) };
    let mut value = json!({
        "title": format!("Title {number}"),
        "resourceType": kind,
        "resourceId": format!("00000000-0000-4000-8000-{resource:012}"),
    });
    if number < 2 {
        value["userCustomFieldSlug"] = json!("team");
        value["userCustomFieldValue"] = json!(number.to_string());
    }
    serde_json::from_value(value).unwrap()
}

fn document(row: impl Fn(u8, Attributes) -> Row) -> Document {
    let owner = StateIdentity { environment: "test".to_owned(), url: "sandbox".to_owned() };
    let templates = (0..4).map(|number| (key(number), row(number, attributes(number)))).collect();
    Document { templates, ..Document::empty(&owner, "l".to_owned()) }
}

fn in_doubt(attributes: Attributes) -> Row {
    let at = Timestamp::from_unix_seconds(SENT);
    let error = RowFailure { at, message: "?".to_owned(), record: None };
    let attempt = Attempt {
        possibly_set_fields: BTreeSet::new(),
        at,
        digest: attributes.digest(),
        attributes,
        batch: "1-1".to_owned(),
        candidate_ids: Vec::new(),
        operation: Operation::Create,
        job: None,
        requested_by_user: false,
        sent_by: None,
    };
    Row { attempts: Attempts::of(vec![attempt]), ..row(RowState::InDoubt { error }) }
}

fn row(standing: RowState) -> Row {
    Row { state: standing, ..Row::default() }
}

fn settles(table: &Observation) {
    let mut document = document(|_, attributes| in_doubt(attributes));
    let keys: Vec<Key> = document.templates.keys().cloned().collect();
    let results = settlements(table, &document, &keys.iter().collect::<Vec<_>>());
    assert_eq!(results.len(), keys.len());
    let mut owners = IdIndex::of(&document);
    for (key, finding) in results {
        let InventoryFinding::Settles(Settlement { resolution: settlement, .. }) = finding else { continue };
        let (Resolution::Created { id } | Resolution::Exists { id }) = &settlement else {
            panic!("an export said {settlement:?}");
        };
        let sent = document.templates[&key].attempt().unwrap().attributes.clone();
        let found = table.templates.iter().find(|template| template.id == *id).unwrap();
        fits(found, &NaturalKey::of(&sent));
        assert_eq!(found.title().map(|title| title.replace("\r\n", "\n")).as_deref(), sent.title());
        document.resolve(&mut owners, &key, &settlement, Timestamp::from_unix_seconds(SENT)).unwrap();
    }
    each_has_its_own(&document);
}

/// If the export lacks an audience column, no template can be identified.
fn fits(found: &Observed, wanted: &NaturalKey) {
    assert!(found.shows_audience);
    assert_eq!(found.natural_key, *wanted);
}

fn adopts(table: &Observation) {
    // Every way in which a row can have an id, and none.
    let mut document = document(|number, attributes| {
        let source =
            [IdSource::Exact, IdSource::Positional, IdSource::Imported].get(usize::from(number)).copied();
        let id = TemplateId::parse_uuid(&format!("10000000-0000-4000-8000-{number:012}")).unwrap();
        let identity = source.map(|source| Identity { id, source });
        let known = Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at: None,
            applied_by: None,
            seen_in: None,
        };
        Row { confirmed: Some(known), identity, ..row(RowState::Applied) }
    });
    let file: Arc<Path> = Arc::from(Path::new("a.yaml"));
    let template = |number| Template {
        attributes: attributes(number),
        protect: false,
        written: WrittenPlaces::default(),
        canvas: None,
        file: Arc::clone(&file),
    };
    let desired = Desired::from_templates((0..4).map(|number| (key(number), template(number))), Vec::new());
    let found = adoptions(table, &desired, &document);
    let told = found.adopted.len() + found.known.len() + found.missing.len() + found.obstacles.len();
    assert_eq!(told, desired.templates.len(), "every template is in one list");
    let certain = |document: &Document, number: u8| {
        let identity = document.templates[&key(number)].identity.clone();
        identity.filter(|identity| identity.source != IdSource::Positional)
    };
    let before: Vec<_> = (0..4).map(|number| certain(&document, number)).collect();
    document.edit_all(&found.records(Timestamp::from_unix_seconds(SENT))).unwrap();
    for (number, had) in (0..4).zip(before) {
        assert!(had.is_none() || certain(&document, number) == had, "a certain id was overwritten");
    }
    each_has_its_own(&document);
}

fn each_has_its_own(document: &Document) {
    let ids: Vec<_> = document
        .templates
        .values()
        .filter_map(|row| row.identity.as_ref())
        .map(|identity| &identity.id)
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "two rows have one id");
}
