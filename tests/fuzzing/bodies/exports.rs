//! The exports of certificates, labels and certificate fields, the latter two joined with one of templates: whatever is read
//! can be taken, and leaves no difference.

use std::path::Path;

use certctl::inventory::{Observation, count_learners, drift, read_fields, read_labels, read_templates};
use certctl::model::{Finding, Key, NaturalKey, Timestamp};
use certctl::state::{Document, Record, StateIdentity};

use super::places;

const NOW: i64 = 1_800_000_000;
const TEMPLATES: &str = "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,updatedat\n\
    8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a,course,00000000-0000-4000-8000-000000000001,One,,,2026-01-01 08:00:00\n\
    8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0b,course,00000000-0000-4000-8000-000000000002,Two,,,2026-01-01 08:00:00\n";

/// Reads bytes as labels and as fields; every finding has its place, and what was read can be taken.
pub(crate) fn exports(bytes: &[u8]) {
    let now = Timestamp::from_unix_seconds(NOW);
    let fields = read_fields(Path::new("fields.csv"), bytes);
    if let Ok(fields) = &fields {
        checked(&fields.findings, bytes);
    }
    match count_learners(Path::new("certificates.csv"), bytes) {
        Err(findings) => places::check(&findings, |_| Some(places::text(bytes))),
        Ok(counts) => checked(&counts.findings, bytes),
    }
    match read_labels(Path::new("labels.csv"), bytes, now) {
        Err(findings) => places::check(&findings, |_| Some(places::text(bytes))),
        Ok(labels) => {
            let labels = match &fields {
                Ok(fields) => labels.checked_with(fields),
                Err(_) => labels,
            };
            let observation = templates().with_labels(labels);
            checked(&observation.findings, bytes);
            is_taken(&observation);
        }
    }
}

fn checked(findings: &[Finding], bytes: &[u8]) {
    if !findings.is_empty() {
        places::check(findings, |_| Some(places::text(bytes)));
    }
}

fn templates() -> Observation {
    let now = Timestamp::from_unix_seconds(NOW);
    read_templates(Path::new("export.csv"), TEMPLATES.as_bytes(), now, &[]).unwrap()
}

/// A state that has both templates by their ids takes what was seen, and then does not differ from it.
fn is_taken(observation: &Observation) {
    let at = Timestamp::from_unix_seconds(NOW);
    let owner = StateIdentity { environment: "test".to_owned(), url: "sandbox".to_owned() };
    let mut document = Document::empty(&owner, "l".to_owned());
    let adopted = templates()
        .templates
        .into_iter()
        .zip(["one", "two"])
        .map(|(template, name)| Record::Import { at, id: template.id, key: Key::new(name).unwrap() });
    document.edit_all(&adopted.collect::<Vec<_>>()).unwrap();
    let first = drift(observation, &document);
    document.edit_all(&first.records(at)).unwrap();
    let second = drift(observation, &document);
    assert!(second.differing.is_empty() && second.learned.is_empty(), "{second:?}");
    assert_eq!(second.compared, observation.templates.len());
    for row in document.templates.values().filter_map(|row| row.confirmed.as_ref()) {
        assert!(!NaturalKey::of(&row.attributes).resource_id.is_empty());
    }
}
