//! Everybody around an engine: a ledger, a server and the time, which do what is chosen and check that the engine keeps its
//! promises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use certctl::api::{Answer, Call, HttpResponse, RateHeaders};
use certctl::apply::{Effect, Engine, Input, Moment, Notice, RequestId, RunReport, Settings};
use certctl::model::{Key, NaturalKey};
use certctl::plan::Plan;
use certctl::state::{Document, Operation, Record, Replay};
use serde_json::json;

use crate::coverage;
use crate::world::now as clock;

/// An answer that the server may give.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
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
pub(crate) enum Turn {
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

/// What the ledger makes durable.
pub(crate) enum Write {
    Record(Arc<Record>),
    Protect,
}

/// A request in flight.
pub(crate) struct Flight {
    rows: BTreeSet<NaturalKey>,
    creates: bool,
}

/// Everybody around an engine.
pub(crate) struct Stage<'d> {
    document: &'d Document,
    pub(crate) now: Duration,
    /// What the ledger is at.
    pub(crate) writing: Option<Write>,
    /// What is durable.
    journal: Vec<Arc<Record>>,
    pub(crate) in_flight: BTreeMap<RequestId, Flight>,
    requests: usize,
    /// How many answers came while the ledger was writing.
    answered_meanwhile: usize,
    /// Why nothing may be sent any more.
    stopped: Option<&'static str>,
    /// A signal came; the run may have been stopped by something else before.
    is_interrupted: bool,
    /// Before this time nothing may be sent.
    paused_until: Duration,
}

/// Runs a plan to its end. What happens where the engine waits is chosen as long as there is a choice; nothing is the
/// first thing that can.
pub(crate) fn run(
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
        is_interrupted: false,
        paused_until: Duration::ZERO,
    };
    loop {
        let input = match engine.next(stage.moment()) {
            Effect::Record(record) => stage.begins_to_write(Write::Record(record)),
            Effect::Protect(_) => stage.begins_to_write(Write::Protect),
            Effect::Send(id, call) => stage.leaves(id, &call),
            Effect::Notify(notice) => stage.is_told(&notice),
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
        if let Notice::Outcomes(told) = notice {
            let last = self.journal.last().map(|record| &**record);
            let durable = matches!(last, Some(Record::Outcome { rows, .. }) if rows == told);
            assert!(durable || self.stopped.is_some(), "{told:?} is told before it is durable");
        }
        None
    }

    fn abandons(&mut self) -> Option<Input> {
        assert!(self.is_interrupted, "requests are given up without a signal");
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
            Call::Job(_) => BTreeSet::new(),
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
                self.is_interrupted = true;
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

pub(crate) fn with_records<'r>(
    document: &Document,
    records: impl IntoIterator<Item = &'r Record>,
) -> Document {
    let open = crate::journal::open(document);
    let mut replay = Replay::begin(Some(document.clone()), &open);
    records.into_iter().for_each(|record| replay.record(record));
    replay.finish()
}

fn respond(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Answer {
    let rate = RateHeaders { retry_after, ..RateHeaders::default() };
    Answer::Response(HttpResponse { status, rate, location: None, body: Ok(body.to_vec()) })
}
