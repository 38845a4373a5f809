//! Several machines with one state in a bucket: random sequences of runs that die between any two requests, stand still and are
//! taken over, lose answers, and read what is out of date. A judge that sees the bucket and the server checks the promises after each
//! of them.
//!
//! By default, the same 1,500 sequences run every time. `CERTCTL_SHARED_SEQUENCES=N` runs N others.

mod process;
mod team;

use certctl::state::WriteFault;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

use crate::coverage;
use crate::mood::{Body, Mood, Naming};
use crate::world::{Parts, any_parts};
use team::Team;

/// A run, and what goes wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// How the server behaves for each request.
    moods: Vec<Mood>,
    batch_size: usize,
    concurrency: usize,
    dies_at: Option<usize>,
    /// The run stands still before this step for longer than its lease, and this one runs meanwhile.
    meanwhile: Option<(usize, Box<Self>)>,
    fails_at: Option<(usize, WriteFault)>,
    /// From this step on, reads answer with what was there so many events ago, until the run has waited so often.
    old_reads: Option<(usize, usize, usize)>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            moods: Vec::new(),
            batch_size: 3,
            concurrency: 2,
            dies_at: None,
            meanwhile: None,
            fails_at: None,
            old_reads: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Edit(Parts),
    Apply(Script),
    /// A person looks up what is in doubt, and says so.
    Settle,
    /// Somebody removes the lock.
    LockIsRemoved,
}

fn any_mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        8 => Just(Mood::Fine),
        3 => any::<bool>().prop_map(|after| Mood::Lost { after }),
        1 => any::<bool>().prop_map(|after| Mood::Stalled { after }),
        1 => any::<bool>().prop_map(|after| Mood::Status { code: 500, after }),
        1 => Just(Mood::Unavailable),
        1 => Just(Mood::NotSent),
        1 => Just(Mood::Body(Body::Html)),
        2 => (0..4_u8).prop_map(|title| Mood::Rejecting(title, Naming::Title)),
    ]
}

/// A run with at most so many others within it.
fn any_script(depth: usize) -> BoxedStrategy<Script> {
    let meanwhile = match depth {
        0 => Just(None).boxed(),
        depth => prop::option::weighted(0.5, (0..30_usize, any_script(depth - 1).prop_map(Box::new))).boxed(),
    };
    let fault = prop::sample::select(vec![
        WriteFault::ErrorAfterWrite,
        WriteFault::ErrorBeforeWrite,
        WriteFault::Conflict,
    ]);
    (
        prop::collection::vec(any_mood(), 0..5),
        (1..4_usize, 1..3_usize),
        prop::option::weighted(0.3, 0..30_usize),
        meanwhile,
        prop::option::weighted(0.3, (0..30_usize, fault)),
        prop::option::weighted(0.3, (0..25_usize, 0..3_usize, 0..8_usize)),
    )
        .prop_map(|(moods, (batch_size, concurrency), dies_at, meanwhile, fails_at, old_reads)| Script {
            moods,
            batch_size,
            concurrency,
            dies_at,
            meanwhile,
            fails_at,
            old_reads,
        })
        .boxed()
}

/// Up to five templates, each with a course of its own: a server may refuse to let two change places.
fn any_edit() -> impl Strategy<Value = Event> {
    let own_course = |(number, (_, title, days))| (number, (number, title, days));
    any_parts(5).prop_map(move |parts| Event::Edit(parts.into_iter().map(own_course).collect()))
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => any_edit(),
        8 => any_script(2).prop_map(Event::Apply),
        2 => Just(Event::Settle),
        1 => Just(Event::LockIsRemoved),
    ]
}

fn any_sequence() -> impl Strategy<Value = (bool, Vec<Event>)> {
    let events = (any_edit(), prop::collection::vec(any_event(), 1..8));
    (any::<bool>(), events.prop_map(|(begun, events)| std::iter::once(begun).chain(events).collect()))
}

#[test]
fn nothing_is_sent_twice_or_lost_together() {
    let given = std::env::var("CERTCTL_SHARED_SEQUENCES").ok().and_then(|text| text.parse().ok());
    let seed = if given.is_some() { crate::campaigns::rand_seed() } else { 1_800_000_000 };
    let config = ProptestConfig {
        cases: given.unwrap_or(1500),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&any_sequence(), |(upsert, events)| {
        let team = Team::new(upsert);
        for event in &events {
            team.takes(event);
        }
        team.comes_right();
        Ok::<(), TestCaseError>(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    if given.is_none() {
        assert_eq!(coverage::missing(everything()), [""; 0], "this never happened");
    }
}

/// Every step at which a run died and stood still, and every kind of trouble.
fn everything() -> Vec<String> {
    let requests = "get lock;get state;get journal;tag state;create journal;create history;replace lock;replace state;closing";
    let steps = requests.split(';').chain(["the request"]);
    let mut everything: Vec<String> = steps
        .flat_map(|step| [format!("died before {step}"), format!("stood still before {step}")])
        .collect();
    let writes = ["create journal", "create history", "replace lock", "replace state", "closing"];
    for fault in ["ErrorAfterWrite", "ErrorBeforeWrite", "Conflict"] {
        everything.extend(writes.map(|write| format!("{fault} of {write}")));
    }
    everything.extend(["lock", "state", "journal"].map(|part| format!("old {part}")));
    let others = "a journal was recovered;a run was refused;a run found that it was taken over;a request left after a takeover;settled \
                  Created;settled NotCreated";
    everything.extend(others.split(';').map(str::to_owned));
    everything
}

/// The state was in place, and the run could not know: its version was never kept.
#[test]
fn a_write_without_an_answer_is_kept() {
    for from in 0..25 {
        for fails_at in 0..25 {
            let team = Team::new(false);
            let parts: Parts = [0, 1, 4].map(|number| (number, (number, 0, None))).into();
            team.takes(&Event::Edit(parts));
            team.takes(&Event::Settle);
            let (fails_at, old_reads) = (Some((fails_at, WriteFault::ErrorAfterWrite)), Some((from, 0, 0)));
            let script = Script { batch_size: 1, concurrency: 1, fails_at, old_reads, ..Script::default() };
            team.takes(&Event::Apply(script));
            team.comes_right();
        }
    }
}
