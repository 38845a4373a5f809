//! The engine by itself: whatever the order in which writes end, answers come and time passes, what it promises is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use certctl::api::{Answer, Call, HttpResponse, RateHeaders};
use certctl::apply::{
    Effect, Engine, GRACE, Input, Moment, Notice, OutgoingRow, RequestId, RunReport, Settings,
};
use certctl::model::{Addressing, Key, NaturalKey};
use certctl::plan::Plan;
use certctl::state::{Document, JOURNAL_FORMAT, Operation, Record, Replay, RecordedOutcome, KeyedOutcome, Writes};
use proptest::prelude::*;
use serde_json::json;

use crate::coverage;
use crate::world::{Parts, any_parts, desired, now as clock, owner, plan};

/// An answer that the server may give.
#[derive(Clone, Copy, Debug)]
enum Reply {
    /// Every row is done.
    Done,
    /// It came, and cannot be read.
    Unreadable,
    /// The request is refused as a whole.
    Refused,
    /// 429, and when to come back, in seconds.
    Limited(u8),
    Lost,
    NotSent,
    /// 401.
    Unauthorised,
    /// The ledger finds that another run may be writing.
    Withheld,
}

/// What happens next, where there is a choice.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// The ledger is done with what it writes.
    WriteEnds {
        well: bool,
    },
    /// One of the requests in flight is answered.
    Answer(u8, Reply),
    /// The time comes that is waited for.
    TimePasses,
    Interrupt,
}

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

/// What the ledger makes durable.
enum Write {
    Record(Arc<Record>),
    Protect,
}

/// A request in flight.
struct Flight {
    rows: BTreeSet<NaturalKey>,
    creates: bool,
}

/// Everybody around an engine.
struct Stage<'d> {
    document: &'d Document,
    now: Duration,
    /// What the ledger is at.
    writing: Option<Write>,
    /// What is durable.
    journal: Vec<Arc<Record>>,
    in_flight: BTreeMap<RequestId, Flight>,
    requests: usize,
    /// How many answers came while the ledger was writing.
    answered_meanwhile: usize,
    /// Why nothing may be sent any more.
    stopped: Option<&'static str>,
    /// Before this time nothing may be sent.
    paused_until: Duration,
}

/// Runs a plan to its end. What happens where the engine waits is chosen as long as there is a choice; nothing is the
/// first thing that can.
fn run(
    plan: &Plan,
    document: &Document,
    settings: Settings,
    mut choose: impl FnMut(&Stage<'_>) -> Option<Turn>,
) -> (RunReport, usize, usize) {
    let mut engine = Engine::new(plan, document, settings);
    let mut stage = Stage {
        document,
        now: Duration::ZERO,
        writing: None,
        journal: Vec::new(),
        in_flight: BTreeMap::new(),
        requests: 0,
        answered_meanwhile: 0,
        stopped: None,
        paused_until: Duration::ZERO,
    };
    loop {
        let input = match engine.next(stage.moment()) {
            Effect::Record(record) => stage.begins_to_write(Write::Record(record)),
            Effect::Protect(_) => stage.begins_to_write(Write::Protect),
            Effect::Send(id, call) => stage.leaves(id, &call),
            Effect::Tell(notice) => stage.is_told(&notice),
            Effect::Abandon => stage.abandons(),
            Effect::Regain(_) => Some(Input::Regained(true)),
            Effect::Wait { until, .. } => {
                let turn = choose(&stage);
                stage.passes(turn, until)
            }
            Effect::Checkpoint(unwritten) => {
                let document = stage.end(&unwritten);
                return (engine.report(&Ok(document)), stage.requests, stage.answered_meanwhile);
            }
        };
        if let Some(input) = input {
            engine.on(stage.moment(), input);
        }
    }
}

impl Stage<'_> {
    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, clock: clock() }
    }

    fn begins_to_write(&mut self, write: Write) -> Option<Input> {
        assert!(self.writing.is_none(), "the ledger is given two things at once");
        self.writing = Some(write);
        None
    }

    fn is_told(&self, notice: &Notice) -> Option<Input> {
        if let Notice::Settled(told) = notice {
            let last = self.journal.last().map(|record| &**record);
            let durable = matches!(last, Some(Record::Outcome { rows, .. }) if rows == told);
            assert!(durable || self.stopped.is_some(), "{told:?} is told before it is durable");
        }
        None
    }

    fn abandons(&mut self) -> Option<Input> {
        assert_eq!(self.stopped, Some("a signal"), "requests are given up for nothing");
        self.in_flight.clear();
        None
    }

    /// The rows whose intent is durable and that have no outcome since, and what they do.
    fn intended(&self) -> BTreeMap<NaturalKey, Operation> {
        let mut open = BTreeMap::new();
        for record in &self.journal {
            match &**record {
                Record::Intent { rows, .. } => {
                    open.extend(
                        rows.iter().map(|row| (row.key.clone(), (row.natural_key.clone(), row.action))),
                    );
                }
                Record::Outcome { rows, .. } => rows.iter().for_each(|row| drop(open.remove(&row.key))),
                _ => {}
            }
        }
        open.into_values().collect()
    }

    fn leaves(&mut self, id: RequestId, call: &Call) -> Option<Input> {
        let rows: BTreeSet<NaturalKey> = match call {
            Call::Bulk(request) | Call::BulkUpdate(request) => {
                request.templates.iter().map(NaturalKey::of).collect()
            }
            Call::Job(_) | Call::Ping => BTreeSet::new(),
        };
        assert!(self.writing.is_none(), "a request leaves while the ledger is writing");
        assert_eq!(self.stopped, None, "a request leaves after the run was stopped");
        assert!(self.now >= self.paused_until, "a request leaves during a pause");
        let intended = self.intended();
        assert!(
            rows.iter().all(|row| intended.contains_key(row)),
            "a request leaves before its intent is durable"
        );
        let twice = self.in_flight.values().any(|other| !other.rows.is_disjoint(&rows));
        assert!(!twice, "two requests in flight have one row");
        let creates = rows.iter().any(|row| intended[row] == Operation::Create);
        self.requests += 1;
        self.in_flight.insert(id, Flight { rows, creates });
        None
    }

    /// Something happens: what was chosen, or the first thing that can.
    fn passes(&mut self, turn: Option<Turn>, until: Option<Duration>) -> Option<Input> {
        match turn {
            Some(Turn::Interrupt) => {
                self.stopped.get_or_insert("a signal");
                Some(Input::Interrupted)
            }
            Some(Turn::WriteEnds { well }) if self.writing.is_some() => Some(self.write_ends(well)),
            Some(Turn::Answer(which, reply)) if !self.in_flight.is_empty() => {
                Some(self.answers(which, reply))
            }
            Some(Turn::TimePasses) if until.is_some() => self.time_passes(until),
            _ if self.writing.is_some() => Some(self.write_ends(true)),
            _ if until.is_some() => self.time_passes(until),
            _ => {
                assert!(!self.in_flight.is_empty(), "the engine waits for nothing, for ever");
                Some(self.answers(0, Reply::Done))
            }
        }
    }

    fn time_passes(&mut self, until: Option<Duration>) -> Option<Input> {
        let until = until.unwrap();
        assert!(until > self.now, "it waits for what is past, and would spin");
        self.now = until;
        None
    }

    fn write_ends(&mut self, well: bool) -> Input {
        let write = self.writing.take().unwrap();
        if well {
            if let Write::Record(record) = write {
                self.journal.push(record);
            }
            return Input::Recorded(Ok(()));
        }
        self.stopped = Some("the journal cannot be written");
        Input::Recorded(Err("the disk is full".to_owned()))
    }

    fn answers(&mut self, which: u8, reply: Reply) -> Input {
        let which = usize::from(which) % self.in_flight.len();
        let id = *self.in_flight.keys().nth(which).unwrap();
        let Flight { rows, creates } = self.in_flight.remove(&id).unwrap();
        self.answered_meanwhile += usize::from(self.writing.is_some());
        let kind = format!("{reply:?}");
        coverage::count(format!("engine {}", kind.split('(').next().unwrap()));
        let answer = match reply {
            Reply::Withheld => {
                self.stopped.get_or_insert("another run may be writing");
                return Input::Withheld(id, "the lock was lost".to_owned());
            }
            Reply::Unauthorised => {
                self.stopped.get_or_insert("the key is refused");
                respond(401, None, b"")
            }
            Reply::Limited(seconds) => {
                let wait = Duration::from_secs(seconds.into());
                self.paused_until = self.paused_until.max(self.now + wait);
                respond(429, Some(wait), b"{}")
            }
            Reply::Done => self.done(rows.len(), creates),
            Reply::Unreadable => respond(200, None, b"<html>"),
            Reply::Refused => respond(400, None, b"no"),
            Reply::Lost => Answer::Lost { reason: "reset".to_owned() },
            Reply::NotSent => Answer::NotSent { reason: "refused".to_owned() },
        };
        Input::Answered(id, answer)
    }

    fn done(&self, rows: usize, creates: bool) -> Answer {
        let id = |row: usize| format!("abcdef00-0000-4000-8000-{:06}{row:06}", self.requests);
        let created = if creates { rows } else { 0 };
        let ids: Vec<String> = (0..created).map(id).collect();
        let body = json!({"createdCount": created, "updatedCount": rows - created, "createdIds": ids});
        respond(200, None, body.to_string().as_bytes())
    }

    /// The state that the run leaves. Every row that was to be sent has an outcome.
    fn end(&self, unwritten: &[Arc<Record>]) -> Document {
        assert!(self.writing.is_none() && self.in_flight.is_empty(), "it ends before all is done");
        let outcomes = self.journal.iter().chain(unwritten).flat_map(|record| match &**record {
            Record::Outcome { rows, .. } => rows.iter().map(|row| row.key.clone()).collect(),
            _ => Vec::new(),
        });
        let settled: BTreeSet<Key> = outcomes.collect();
        for record in &self.journal {
            if let Record::Intent { rows, .. } = &**record {
                let without = rows.iter().find(|row| !settled.contains(&row.key));
                assert_eq!(without, None, "a row that was to be sent ends without an outcome");
            }
        }
        with_records(self.document, self.journal.iter().chain(unwritten).map(|record| &**record))
    }
}

fn with_records<'r>(document: &Document, records: impl IntoIterator<Item = &'r Record>) -> Document {
    let open = Record::Open {
        at: clock(),
        base: None,
        environment: document.environment.clone(),
        format: JOURNAL_FORMAT.to_owned(),
        lineage: document.lineage.clone(),
        operation: "apply".to_owned(),
        serial: document.serial,
        url: document.url.clone(),
        write: None,
        writes: Writes::default(),
    };
    let mut replay = Replay::begin(Some(document.clone()), &open);
    records.into_iter().for_each(|record| replay.record(record));
    replay.finish()
}

fn respond(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Answer {
    let rate = RateHeaders { retry_after, ..RateHeaders::default() };
    Answer::Response(HttpResponse { status, rate, location: None, body: Ok(body.to_vec()) })
}

/// A state in which these templates are applied.
fn state_with(parts: &Parts) -> Document {
    let empty = Document::empty(&owner(), "l".to_owned());
    let rows = OutgoingRow::of_plan(&plan(&desired(parts), None, Addressing::Resource));
    let settled =
        |row: &OutgoingRow| KeyedOutcome { key: row.key.clone(), result: RecordedOutcome::Applied { id: None } };
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
