//! A run's journal, cut off anywhere, leaves every row unchanged, done, or in doubt.

use std::collections::BTreeMap;

use certctl::model::{Key, NaturalKey};
use certctl::state::{
    Document, IntentRow, JOURNAL_FORMAT, KeyedOutcome, Operation, Record, RecordedOutcome, Replay, RowStatus,
    Writes, parse_journal,
};
use proptest::prelude::*;

use crate::documents::any_document;
use crate::world::{attributes, key, now};

/// The first record of an apply on this document.
pub(crate) fn open(document: &Document) -> Record {
    Record::Open {
        at: now(),
        base: None,
        by: None,
        environment: document.environment.clone(),
        format: JOURNAL_FORMAT.to_owned(),
        lineage: document.lineage.clone(),
        operation: "apply".to_owned(),
        serial: document.serial,
        url: document.url.clone(),
        write: None,
        writes: Writes::default(),
    }
}

fn any_result() -> impl Strategy<Value = RecordedOutcome> {
    prop_oneof![
        Just(RecordedOutcome::Applied { id: None }),
        Just(RecordedOutcome::Failed { message: "no".to_owned(), record: None, perhaps_applied: false }),
        Just(RecordedOutcome::Failed { message: "no".to_owned(), record: None, perhaps_applied: true }),
        Just(RecordedOutcome::Pending { job: "j".to_owned() }),
        Just(RecordedOutcome::InDoubt { message: "?".to_owned() }),
        Just(RecordedOutcome::NotSent),
    ]
}

/// Requests with their outcomes, as a run records them, each key once.
fn any_run() -> impl Strategy<Value = Vec<Record>> {
    let rows = prop::collection::btree_map(0..20_u8, (20..40_u8, any::<bool>(), any_result()), 1..8);
    (rows, 1..4_usize).prop_map(|(rows, size)| {
        let rows: Vec<_> = rows.into_iter().collect();
        let mut records = Vec::new();
        for (number, rows) in rows.chunks(size).enumerate() {
            let batch = format!("4-{number}");
            let intents = rows.iter().map(|(number, (resource, update, _))| {
                let attributes = attributes(*resource, 1, None);
                IntentRow {
                    action: if *update { Operation::Update } else { Operation::Create },
                    digest: attributes.digest(),
                    natural_key: NaturalKey::of(&attributes),
                    attributes,
                    key: key(*number),
                    requested_by_user: false,
                }
            });
            records.push(Record::Intent { at: now(), batch: batch.clone(), rows: intents.collect() });
            let settled = rows
                .iter()
                .map(|(number, (.., result))| KeyedOutcome { key: key(*number), result: result.clone() });
            let rows = settled.collect();
            records.push(Record::Outcome {
                at: now(),
                batch,
                candidate_ids: Vec::new(),
                rows,
                warnings: Vec::new(),
            });
        }
        records
    })
}

fn replay(document: &Document, records: &[Record]) -> Document {
    let mut replay = Replay::begin(Some(document.clone()), &open(document));
    for record in records {
        replay.record(record);
    }
    replay.finish()
}

/// What the records say about each key: nothing, sent, or settled.
fn said(records: &[Record]) -> BTreeMap<Key, Option<RecordedOutcome>> {
    let mut said = BTreeMap::new();
    for record in records {
        match record {
            Record::Intent { rows, .. } => said.extend(rows.iter().map(|row| (row.key.clone(), None))),
            Record::Outcome { rows, .. } => {
                said.extend(rows.iter().map(|row| (row.key.clone(), Some(row.result.clone()))));
            }
            _ => {}
        }
    }
    said
}

proptest! {
    #[test]
    fn rows_are_recorded_or_in_doubt(
        document in any_document(),
        run in any_run(),
        cut in any::<prop::sample::Index>(),
    ) {
        let text: String =
            std::iter::once(&open(&document)).chain(&run).map(|record| record.to_line().unwrap()).collect();
        let torn = &text.as_bytes()[..cut.index(text.len() + 1)];
        let records = parse_journal(torn).unwrap();
        let records = records.split_first().map(|(_, records)| records.to_vec()).unwrap_or_default();
        let after = replay(&document, &records);
        let said = said(&records);
        for key in document.templates.keys().chain(after.templates.keys()) {
            let (before, now) = (document.templates.get(key), after.templates.get(key));
            let had = before.map(|row| row.attempts.clone()).unwrap_or_default();
            // What the new attempt does not settle stays: a create without an outcome keeps the row in doubt, a job
            // keeps it pending. (No plan sends a row that waits for a job, but a journal may say anything.)
            let at_least = |status: RowStatus| match () {
                () if now.unwrap().attempts.has_create_in_doubt() => RowStatus::InDoubt,
                () if had.waiting().is_some() => RowStatus::Pending,
                () => status,
            };
            match said.get(key) {
                // A row that was set aside for a new natural key has a new name.
                None if key.as_str().contains(".replaced-") => prop_assert!(now.is_some()),
                None | Some(Some(RecordedOutcome::NotSent)) => prop_assert_eq!(before, now),
                Some(None | Some(RecordedOutcome::InDoubt { .. })) => {
                    prop_assert_eq!(now.unwrap().status(), at_least(RowStatus::InDoubt));
                    prop_assert_eq!(now.unwrap().attempts.earlier().len(), had.as_slice().len());
                    prop_assert_eq!(before.and_then(|row| row.confirmed.as_ref()), now.unwrap().confirmed.as_ref());
                }
                Some(Some(RecordedOutcome::Applied { .. })) => {
                    // A create for another natural key stays; only a merge or a manual edit can have put it there.
                    let status = if now.unwrap().attempts.is_empty() { RowStatus::Applied } else { RowStatus::InDoubt };
                    prop_assert!([status, at_least(status)].contains(&now.unwrap().status()));
                    prop_assert!(now.unwrap().confirmed.is_some());
                }
                Some(Some(RecordedOutcome::Failed { .. })) => {
                    prop_assert_eq!(now.unwrap().status(), at_least(RowStatus::Failed));
                }
                Some(Some(RecordedOutcome::Pending { .. })) => {
                    prop_assert_eq!(now.unwrap().status(), at_least(RowStatus::Pending));
                }
            }
        }
        // A template known to exist is never forgotten.
        let known = |document: &Document| document.templates.values().filter(|row| row.confirmed.is_some()).count();
        prop_assert!(known(&after) >= known(&document));
    }

    #[test]
    fn damage_before_the_end_names_its_line(document in any_document(), run in any_run(), at in any::<prop::sample::Index>()) {
        let mut lines: Vec<String> =
            std::iter::once(&open(&document)).chain(&run).map(|record| record.to_line().unwrap()).collect();
        let damaged = at.index(lines.len());
        lines[damaged] = "{\"record\":\"inten\n".to_owned();
        let error = parse_journal(lines.concat().as_bytes()).unwrap_err();
        prop_assert_eq!(error.line, damaged + 1);
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes: Vec<u8>) {
        let _ = parse_journal(&bytes);
    }
}
