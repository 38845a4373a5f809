//! A person accepts a state although another version is known: whatever is possible in either stays possible.

use std::collections::BTreeSet;

use certctl::model::{Addressing, Attributes, Key};
use certctl::state::{Attempt, Document, Operation, Record, Relation, Row, RowStatus, accept};
use proptest::prelude::*;

use crate::documents::any_document;
use crate::world::{attributes, desired, key, now, owner, plan};

/// The current state after it was accepted.
fn accepted(present: &Document, other: &Document) -> (Document, BTreeSet<Key>) {
    let Record::Accept { rows, serial, writes, .. } = accept(present, std::slice::from_ref(other), now())
    else {
        panic!("another record")
    };
    let keys = rows.keys().cloned().collect();
    let mut document = Document { serial, writes, ..present.clone() };
    document.templates.extend(rows);
    (document, keys)
}

/// Everything that the server may hold according to this row.
fn possible(row: &Row) -> Vec<&Attributes> {
    let known = row.confirmed.iter().map(|known| &known.attributes);
    known.chain(row.attempts.iter().map(|attempt| &attempt.attributes)).collect()
}

fn ids(row: &Row) -> BTreeSet<String> {
    let candidates = row.attempts.iter().flat_map(|attempt| &attempt.candidate_ids);
    let own = row.identity.iter().map(|identity| &identity.id);
    own.chain(candidates).map(ToString::to_string).collect()
}

/// Whether a template may be on the server according to this row.
fn may_exist(row: &Row) -> bool {
    row.exists() || row.attempts.creates().next().is_some()
}

proptest! {
    #[test]
    fn no_possibility_is_forgotten(present in any_document(), other in any_document()) {
        let (document, doubted) = accepted(&present, &other);
        for key in present.templates.keys().chain(other.templates.keys()) {
            let sides: Vec<&Row> =
                [&present, &other].into_iter().filter_map(|side| side.templates.get(key)).collect();
            let Some(row) = document.templates.get(key) else {
                prop_assert!(!sides.iter().any(|side| may_exist(side)), "{key} is forgotten");
                continue;
            };
            for side in sides {
                prop_assert!(possible(side).iter().all(|contents| possible(row).contains(contents)));
                prop_assert!(ids(side).is_subset(&ids(row)) || !doubted.contains(key));
                let sent = |attempt: &Attempt| {
                    row.attempts.iter().any(|kept| (kept.at, &kept.batch) == (attempt.at, &attempt.batch))
                };
                prop_assert!(side.attempts.iter().all(sent));
            }
            let is_open = matches!(row.status(), RowStatus::InDoubt | RowStatus::Pending);
            prop_assert!(is_open || row.attempts.is_empty() || !doubted.contains(key));
        }
    }

    #[test]
    fn nothing_possibly_existing_is_created(
        present in any_document(),
        other in any_document(),
        parts in (0..20_u8, 0..4_u8),
    ) {
        let (document, _) = accepted(&present, &other);
        for number in 0..20 {
            let templates = [(number, (parts.0, parts.1, None))].into();
            let plan = plan(&desired(&templates), Some(&document), Addressing::Resource);
            let wanted = certctl::model::NaturalKey::of(&attributes(parts.0, parts.1, None));
            let creates = plan.entries.iter().any(|entry| {
                entry.action.submission().is_some_and(|sent| sent.operation == Operation::Create && sent.held.is_none())
            });
            let is_there = |side: &Document| {
                side.templates.get(&key(number)).is_some_and(|row| {
                    may_exist(row) && row.natural_keys().any(|natural_key| natural_key == wanted)
                })
            };
            prop_assert!(!creates || !(is_there(&present) || is_there(&other)), "{plan:#?}");
        }
    }

    #[test]
    fn accepted_state_is_newer_than_both(present in any_document(), other in any_document(), id: u128) {
        let (mut document, _) = accepted(&present, &other);
        document.writes.push(certctl::state::WriteId::new(uuid::Uuid::from_u128(id)));
        prop_assert_eq!(present.relation_to(&document), Some(Relation::Older));
        prop_assert_eq!(other.relation_to(&document), Some(Relation::Older));
        // Accepting a second time doubts nothing else.
        let (again, doubted) = accepted(&document, &document.clone());
        prop_assert!(doubted.is_empty());
        prop_assert_eq!(again.templates, document.templates);
    }

    #[test]
    fn accepted_state_survives_byte_for_byte(present in any_document(), other in any_document()) {
        let (document, _) = accepted(&present, &other);
        let text = document.to_text().unwrap();
        let read: Document = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read, document);
    }
}

#[test]
fn accepting_a_missing_state_doubts_every_template() {
    let templates = [(key(1), 1), (key(2), 2)].map(|(key, resource)| {
        let attributes = attributes(resource, 1, None);
        let known = certctl::state::Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at: Some(now()),
            applied_by: None,
            seen_in: None,
        };
        (key, Row { confirmed: Some(known), ..Row::default() })
    });
    let other =
        Document { templates: templates.into(), serial: 4, ..Document::empty(&owner(), "l".to_owned()) };
    let (document, doubted) = accepted(&Document::empty(&owner(), "l".to_owned()), &other);
    assert_eq!((doubted.len(), document.serial), (2, 4));
    for row in document.templates.values() {
        assert_eq!((row.status(), row.operation()), (RowStatus::InDoubt, Some(Operation::Create)));
    }
}
