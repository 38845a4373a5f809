//! Reading a response never guesses: tested with every kind of honest server, and with liars.

use std::collections::{BTreeSet, HashSet};

use certctl::api::wire::{BackgroundJob, BulkResult, RowError};
use certctl::apply::{OutgoingRow, Reading, reconcile};
use certctl::model::{Addressing, TemplateId};
use certctl::state::{IdSource, Operation, RecordedOutcome};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{any_parts, desired, plan};

fn id(number: usize) -> String {
    format!("20000000-0000-4000-8000-{number:012}")
}

fn any_rows() -> impl Strategy<Value = Vec<OutgoingRow>> {
    (any_parts(6), any::<bool>()).prop_map(|(parts, update)| {
        let mut rows = OutgoingRow::of_plan(&plan(&desired(&parts), None, Addressing::Resource));
        for row in &mut rows {
            row.operation = if update { Operation::Update } else { Operation::Create };
        }
        rows
    })
}

/// What really happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Created,
    Updated,
    Failed,
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![3 => Just(Fate::Created), 2 => Just(Fate::Updated), 2 => Just(Fate::Failed)]
}

/// An honest error about a row: everything in it is true, but it may say little.
fn error_about(row: &OutgoingRow, says: u8) -> RowError {
    let record = match says >> 2 & 3 {
        1 => Some(Value::String(row.payload().to_value().to_string())),
        2 => Some(row.payload().to_value()),
        3 => Some(json!(format!("#<Record {}>", row.natural_key.resource_id))),
        _ => None,
    };
    RowError {
        resource_id: (says & 1 > 0).then(|| row.natural_key.resource_id.clone()),
        title: (says & 2 > 0).then(|| row.title().unwrap_or_default().to_owned()),
        error: Some("no".to_owned()),
        record,
    }
}

fn honest(rows: &[OutgoingRow], fates: &[Fate], says: &[u8], reverse: bool) -> BulkResult {
    let count = |fate| fates.iter().take(rows.len()).filter(|other| **other == fate).count() as u64;
    let created = (0..rows.len()).filter(|&row| fates[row] == Fate::Created).map(id);
    let mut created_ids: Vec<String> = created.collect();
    let failed = (0..rows.len()).filter(|&row| fates[row] == Fate::Failed);
    let mut errors: Vec<RowError> = failed.map(|row| error_about(&rows[row], says[row])).collect();
    if reverse {
        created_ids.reverse();
        errors.reverse();
    }
    BulkResult {
        created_count: count(Fate::Created),
        updated_count: count(Fate::Updated),
        created_ids,
        errors,
        ..BulkResult::default()
    }
}

fn check_shape(rows: &[OutgoingRow], reading: &Reading) {
    let keys: Vec<_> = reading.rows.iter().map(|row| &row.key).collect();
    let sent: Vec<_> = rows.iter().map(|row| &row.key).collect();
    assert_eq!(keys, sent, "one result for each row, in order");
}

fn without_position(result: &RecordedOutcome) -> RecordedOutcome {
    match result {
        RecordedOutcome::Applied { id: Some((_, IdSource::Positional)) } => {
            let any = TemplateId::parse_uuid(&id(0)).unwrap();
            RecordedOutcome::Applied { id: Some((any, IdSource::Positional)) }
        }
        other => other.clone(),
    }
}

fn any_job() -> impl Strategy<Value = BackgroundJob> {
    let status = prop::sample::select(vec![
        None,
        Some("queued"),
        Some("processing"),
        Some("complete"),
        Some("failed"),
        Some("odd"),
    ]);
    (status, prop::option::of("[a-z]{1,3}")).prop_map(|(status, id)| BackgroundJob {
        id,
        status: status.map(str::to_owned),
        ..BackgroundJob::default()
    })
}

fn any_error(rows: usize) -> impl Strategy<Value = (usize, u8, bool)> {
    (0..rows.max(1), 0..16_u8, prop::bool::weighted(0.2))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn honest_server_is_never_contradicted(
        rows in any_rows(),
        fates in prop::collection::vec(any_fate(), 6),
        says in prop::collection::vec(0..16_u8, 6),
        reverse: bool,
    ) {
        let response = honest(&rows, &fates, &says, reverse);
        let reading = reconcile(&rows, &response, &HashSet::new());
        check_shape(&rows, &reading);
        for (position, row) in reading.rows.iter().enumerate() {
            match &row.result {
                RecordedOutcome::Applied { id: given } => {
                    prop_assert_ne!(fates[position], Fate::Failed, "{:?}", row);
                    if let Some((given, IdSource::Exact)) = given {
                        prop_assert_eq!(given.as_str(), id(position));
                    }
                }
                RecordedOutcome::Failed { .. } => prop_assert_eq!(fates[position], Fate::Failed, "{:?}", row),
                RecordedOutcome::InDoubt { .. } => {}
                RecordedOutcome::Pending { .. } | RecordedOutcome::NotSent => prop_assert!(false, "{:?}", row),
            }
        }
        // If every error says enough, nothing is left in doubt.
        let clear = (0..rows.len()).all(|row| fates[row] != Fate::Failed || says[row] & 1 > 0);
        if clear {
            let doubtful = reading.rows.iter().filter(|row| matches!(row.result, RecordedOutcome::InDoubt { .. })).count();
            prop_assert_eq!(doubtful, 0);
        }
    }

    #[test]
    fn error_attribution_ignores_row_order(
        (rows, order) in any_rows().prop_flat_map(|rows| {
            let order: Vec<usize> = (0..rows.len()).collect();
            (Just(rows), Just(order).prop_shuffle())
        }),
        errors in prop::collection::vec(any_error(6), 0..5),
        extra in 0..3_u64,
        created in 0..3_usize,
        job in prop::option::weighted(0.2, any_job()),
    ) {
        let errors: Vec<RowError> = errors
            .into_iter()
            .filter(|(row, ..)| *row < rows.len())
            .map(|(row, says, foreign)| {
                let about = error_about(&rows[row], says);
                if foreign { RowError { resource_id: Some(id(99)), ..about } } else { about }
            })
            .collect();
        let done = (rows.len() as u64 + extra).saturating_sub(errors.len() as u64 + 1);
        let created_ids = (0..created).map(id).collect();
        let response = BulkResult { created_count: done, created_ids, errors, background_job: job, ..BulkResult::default() };
        let shuffled: Vec<OutgoingRow> = order.iter().map(|&row| rows[row].clone()).collect();
        let one = reconcile(&rows, &response, &HashSet::new());
        let other = reconcile(&shuffled, &response, &HashSet::new());
        prop_assert_eq!(&one.candidate_ids, &other.candidate_ids);
        prop_assert_eq!(&one.warnings, &other.warnings);
        prop_assert_eq!(one.ambiguous_titles, other.ambiguous_titles);
        for (position, &row) in order.iter().enumerate() {
            // Positional ids follow the order, as their name says; whether there is one does not.
            prop_assert_eq!(without_position(&one.rows[row].result), without_position(&other.rows[position].result));
        }
    }

    #[test]
    fn lying_server_proves_only_what_it_must(
        rows in any_rows(),
        created_count in 0..8_u64,
        updated_count in 0..8_u64,
        ids in prop::collection::vec(0..8_usize, 0..8),
        errors in prop::collection::vec(any_error(6), 0..4),
        job in prop::option::of(any_job()),
        known in prop::collection::hash_set(0..8_usize, 0..3),
    ) {
        let errors: Vec<RowError> = errors
            .into_iter()
            .filter(|(row, ..)| *row < rows.len())
            .map(|(row, says, foreign)| {
                let mut error = error_about(&rows[row], says);
                if foreign {
                    error.resource_id = Some(id(99));
                }
                error
            })
            .collect();
        let response = BulkResult {
            created_count,
            updated_count,
            created_ids: ids.iter().map(|number| id(*number)).collect(),
            errors: errors.clone(),
            warnings: Vec::new(),
            background_job: job.clone(),
        };
        let known: HashSet<TemplateId> = known.iter().map(|number| TemplateId::parse_uuid(&id(*number)).unwrap()).collect();
        let reading = reconcile(&rows, &response, &known);
        check_shape(&rows, &reading);

        let done = created_count + updated_count;
        let expected = (rows.len() as u64).checked_sub(errors.len() as u64);
        let status = job.as_ref().filter(|job| **job != BackgroundJob::default()).map(|job| job.status.as_deref());
        let named = |row: &OutgoingRow, error: &RowError| {
            error.title.as_deref().is_none_or(|title| row.title() == Some(title))
                && error.resource_id.as_deref().is_none_or(|id| row.natural_key.resource_id == id)
        };
        let mut seen_ids = BTreeSet::new();
        for (row, settled) in rows.iter().zip(&reading.rows) {
            match &settled.result {
                RecordedOutcome::Applied { id } => {
                    let by_counts = expected == Some(done) && matches!(status, None | Some(Some("complete")));
                    let by_job = done == 0 && status == Some(Some("complete"));
                    prop_assert!(by_counts || by_job, "applied without a reason");
                    if let Some((id, source)) = id {
                        prop_assert!(!known.contains(id) && seen_ids.insert(id.clone()));
                        let applied = reading.rows.iter().filter(|row| matches!(row.result, RecordedOutcome::Applied { .. })).count();
                        prop_assert_eq!(created_count, ids.len() as u64);
                        prop_assert_eq!(applied, ids.len());
                        prop_assert_eq!(*source == IdSource::Exact, ids.len() == 1);
                        // If only updates were sent but all were created, somebody had deleted the templates by hand.
                        let all_anew = rows.iter().all(|row| row.operation == Operation::Update);
                        prop_assert!(row.operation == Operation::Create || all_anew);
                    }
                }
                RecordedOutcome::Failed { perhaps_applied, .. } => {
                    let by_error = errors.iter().any(|error| named(row, error));
                    let by_job = row.operation == Operation::Update && status.is_some();
                    prop_assert!(by_error || by_job, "failed without a reason");
                    if row.operation == Operation::Create {
                        let failed = reading.rows.iter().filter(|row| matches!(row.result, RecordedOutcome::Failed { .. })).count();
                        let rest = (rows.len() - failed) as u64;
                        prop_assert!(done <= rest, "a create that may have happened is said to have failed");
                        prop_assert!(!perhaps_applied);
                    }
                }
                RecordedOutcome::Pending { job } => {
                    prop_assert!(matches!(status, Some(Some("queued" | "processing"))) && !job.is_empty());
                }
                RecordedOutcome::InDoubt { message } => prop_assert!(!message.is_empty()),
                RecordedOutcome::NotSent => prop_assert!(false, "a response came: the row was sent"),
            }
        }
    }
}

/// The rows of a request with this many creates.
fn creates(rows: u8) -> Vec<OutgoingRow> {
    let parts = (0..rows).map(|row| (row, (row, row, None))).collect();
    OutgoingRow::of_plan(&plan(&desired(&parts), None, Addressing::Resource))
}

/// Failed rows are counted by errors: with two errors for one row, two of three rows may have failed, or one.
#[test]
fn two_errors_for_one_row_leave_doubt() {
    let rows = creates(3);
    let twice = vec![error_about(&rows[0], 3), error_about(&rows[0], 1)];
    let response = BulkResult { created_count: 1, errors: twice, ..BulkResult::default() };
    let reading = reconcile(&rows, &response, &HashSet::new());
    assert!(matches!(reading.rows[0].result, RecordedOutcome::Failed { .. }));
    for row in &reading.rows[1..] {
        assert!(matches!(row.result, RecordedOutcome::InDoubt { .. }), "{row:?}");
    }
}

/// A state with the deepest value that an answer can hold could not be read again.
#[test]
fn deeply_nested_record_is_kept_as_text() {
    let rows = creates(1);
    let deep = (0..120).fold(json!(1), |inner, _| json!([inner]));
    let error = RowError { record: Some(deep.clone()), ..error_about(&rows[0], 1) };
    let response = BulkResult { errors: vec![error], ..BulkResult::default() };
    let reading = reconcile(&rows, &response, &HashSet::new());
    let RecordedOutcome::Failed { record, .. } = &reading.rows[0].result else {
        panic!("{:?}", reading.rows)
    };
    assert_eq!(record, &Some(Value::String(deep.to_string())));
}
