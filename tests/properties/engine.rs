//! The engine by itself: whatever the order in which writes end, answers come and time passes, what it promises is kept.

mod stage;

use std::time::Duration;

use certctl::apply::{GRACE, OutgoingRow, Settings};
use certctl::model::Addressing;
use certctl::state::{Document, KeyedOutcome, Record, RecordedOutcome};
use proptest::prelude::*;

use crate::world::{Parts, any_parts, desired, now as clock, owner, plan};
use stage::{Reply, Stage, Turn, run, with_records};

fn any_reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        6 => Just(Reply::Done),
        1 => Just(Reply::Unreadable),
        2 => Just(Reply::Refused),
        2 => (0..40_u8).prop_map(Reply::Limited),
        2 => Just(Reply::Lost),
        1 => Just(Reply::NotSent),
        1 => Just(Reply::Unauthorised),
        1 => Just(Reply::Withheld),
    ]
}

fn any_turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        30 => prop::bool::weighted(0.97).prop_map(|well| Turn::WriteEnds { well }),
        30 => (any::<u8>(), any_reply()).prop_map(|(which, reply)| Turn::Answer(which, reply)),
        20 => Just(Turn::TimePasses),
        1 => Just(Turn::Interrupt),
    ]
}

fn settings(batch_size: usize, concurrency: usize, requests_per_minute: u32) -> Settings {
    Settings {
        batch_size,
        concurrency,
        requests_per_minute,
        job_timeout: Duration::from_secs(2),
        requested_by_user: false,
        jitter_seed: 7,
    }
}

/// A state in which these templates are applied.
fn state_with(parts: &Parts) -> Document {
    let empty = Document::empty(&owner(), "l".to_owned());
    let rows = OutgoingRow::of_plan(&plan(&desired(parts), None, Addressing::Resource));
    let settled = |row: &OutgoingRow| KeyedOutcome {
        key: row.key.clone(),
        result: RecordedOutcome::Applied { id: None },
    };
    let batch = "0-1".to_owned();
    let outcome = Record::Outcome {
        at: clock(),
        batch: batch.clone(),
        candidate_ids: Vec::new(),
        rows: rows.iter().map(settled).collect(),
        warnings: Vec::new(),
    };
    let intent = Record::Intent { at: clock(), batch, rows: rows.iter().map(OutgoingRow::intent).collect() };
    with_records(&empty, &[intent, outcome])
}

fn numbered(count: u8) -> Parts {
    (0..count).map(|number| (number, (number, number, None))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn promises_hold_in_every_order(
        before in any_parts(8),
        after in any_parts(12),
        batch_size in 1..5_usize,
        concurrency in 1..4_usize,
        per_minute in prop::sample::select(vec![30_u32, 600, 60_000]),
        turns in prop::collection::vec(any_turn(), 0..120),
    ) {
        let document = state_with(&before);
        let plan = plan(&desired(&after), Some(&document), Addressing::Resource);
        let mut turns = turns.into_iter();
        let (report, requests, _) =
            run(&plan, &document, settings(batch_size, concurrency, per_minute), |_| turns.next());
        let sent = OutgoingRow::of_plan(&plan);
        let summary = report.summary;
        let ends = [
            summary.created, summary.updated, summary.failed, summary.pending, summary.in_doubt, summary.not_sent,
        ];
        let told = report.results.iter().filter(|row| sent.iter().any(|sent| sent.key == row.key)).count();
        prop_assert_eq!(told, sent.len(), "every row is told");
        prop_assert_eq!(ends.iter().sum::<usize>(), report.results.len(), "every row ends");
        prop_assert!(requests > 0 || summary.created + summary.updated + summary.in_doubt == 0);
    }
}

#[test]
fn answers_during_a_write_are_kept() {
    let document = Document::empty(&owner(), "l".to_owned());
    let plan = plan(&desired(&numbered(9)), None, Addressing::Resource);
    let while_writing = |stage: &Stage<'_>| {
        (stage.writing.is_some() && !stage.in_flight.is_empty()).then_some(Turn::Answer(0, Reply::Done))
    };
    let (report, requests, meanwhile) = run(&plan, &document, settings(1, 3, 60_000), while_writing);
    assert_eq!((report.summary.created, requests), (9, 9));
    assert!(meanwhile > 0, "no answer came while the ledger was writing");
}

#[test]
fn three_requests_in_doubt_stop_the_run() {
    let document = Document::empty(&owner(), "l".to_owned());
    let plan = plan(&desired(&numbered(60)), None, Addressing::Resource);
    let lost = |stage: &Stage<'_>| {
        (stage.writing.is_none() && !stage.in_flight.is_empty()).then_some(Turn::Answer(0, Reply::Lost))
    };
    let (report, requests, _) = run(&plan, &document, settings(10, 1, 60_000), lost);
    assert_eq!(requests, 3);
    assert_eq!((report.summary.in_doubt, report.summary.not_sent), (30, 30));
}

#[test]
fn signals_end_the_run_after_the_grace() {
    let document = Document::empty(&owner(), "l".to_owned());
    let plan = plan(&desired(&numbered(4)), None, Addressing::Resource);
    let mut is_interrupted = false;
    let mut ended = Duration::ZERO;
    let interrupt = |stage: &Stage<'_>| {
        ended = stage.now;
        if stage.writing.is_some() || stage.in_flight.is_empty() {
            return None;
        }
        let turn = if is_interrupted { Turn::TimePasses } else { Turn::Interrupt };
        is_interrupted = true;
        Some(turn)
    };
    let (report, requests, _) = run(&plan, &document, settings(1, 1, 60_000), interrupt);
    assert_eq!((requests, report.summary.in_doubt, report.summary.not_sent), (1, 1, 3));
    assert_eq!(ended, GRACE, "it waited for the answer, and no longer");
}
