//! Random campaigns, shrunk to the shortest failing one.
//!
//! By default, the same 3,000 run every time, and must include every kind of trouble. `CERTCTL_SEQUENCES=N` runs N others,
//! from a new seed each time; `CERTCTL_SEED=N` starts with the seed that a failure prints.

use certctl::state::IdSource;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

use crate::campaign::Campaign;
use crate::coverage;
use crate::events::{Event, Manner, Settling, Shows, Sight, Step};
use crate::mood::{Mood, Naming, PollMood, any_mood};
use crate::world::{Parts, any_parts, key};

fn any_manner() -> impl Strategy<Value = Manner> {
    let moods = prop::collection::vec(any_mood(), 0..6);
    let interrupted = prop::option::weighted(0.15, 0..20_000_u16);
    let poll_moods = prop::collection::vec(prop::sample::select(PollMood::ALL.to_vec()), 0..4);
    let options = (prop::bool::weighted(0.1), prop::option::weighted(0.1, 0..12_u8));
    (moods, 1..4_usize, 1..5_usize, any::<bool>(), interrupted, poll_moods, options).prop_map(
        |(moods, batch_size, concurrency, by_id, interrupted_at, poll_moods, (trust, below))| Manner {
            moods,
            batch_size,
            concurrency,
            by_id,
            interrupted_at,
            poll_moods,
            trust,
            below,
        },
    )
}

fn any_sight() -> impl Strategy<Value = Sight> {
    let shows = prop_oneof![
        6 => Just(Shows::Everything),
        2 => Just(Shows::NoDays),
        1 => Just(Shows::NoTimes),
        2 => (0..14_u8).prop_map(Shows::AllBut),
        2 => Just(Shows::Certificates),
    ];
    let ago = prop_oneof![2 => Just(0_u8), 1 => 1..6_u8];
    (ago, shows).prop_map(|(ago, shows)| Sight { ago, shows })
}

/// People change the server, and what is seen of it, at whatever time, is taken.
fn any_observation() -> impl Strategy<Value = Vec<Step>> {
    let change = prop_oneof![
        (0..12_u8, prop::option::of(1..4_u8)).prop_map(|(number, days)| Event::EditedByHand(number, days)),
        (0..12_u8).prop_map(Event::DeletedByHand),
    ];
    let take = prop_oneof![
        3 => any_sight().prop_map(Event::Refresh),
        1 => any_sight().prop_map(Event::ImportFrom),
        1 => any_sight().prop_map(Event::ImportWrite),
    ];
    (prop::collection::vec(change, 1..4), take.clone(), take).prop_map(|(changes, first, second)| {
        let events =
            [run(Vec::new(), 3)].into_iter().chain(changes).chain([first, run(Vec::new(), 3), second]);
        events.map(|event| Step { event, dies_at: None }).collect()
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    let number = || 0..12_u8;
    prop_oneof![
        8 => any_parts(7).prop_map(Event::Edit),
        2 => (number(), number()).prop_map(|(from, to)| Event::Rename(from, to)),
        2 => number().prop_map(Event::Remove),
        14 => any_manner().prop_map(Event::Apply),
        1 => Just(Event::SavePlan),
        1 => any_manner().prop_map(Event::ApplySaved),
        1 => Just(Event::TimePasses),
        3 => Just(Event::Settle(Settling::Truthfully)),
        2 => any_manner().prop_map(Event::Resend),
        4 => any::<bool>().prop_map(Event::Protect),
        4 => any_sight().prop_map(|sight| Event::Settle(Settling::By(sight))),
        3 => number().prop_map(Event::Import),
        2 => any_sight().prop_map(Event::ImportFrom),
        2 => any_sight().prop_map(Event::ImportWrite),
        4 => any_sight().prop_map(Event::Refresh),
        2 => (number(), number()).prop_map(|(from, to)| Event::StateMv(from, to)),
        2 => number().prop_map(Event::StateRm),
        2 => number().prop_map(Event::DeletedByHand),
        2 => (number(), prop::option::of(1..4_u8)).prop_map(|(number, days)| Event::EditedByHand(number, days)),
        1 => Just(Event::OtherMachine),
        1 => Just(Event::Pull),
        1 => Just(Event::Merge),
    ]
}

/// Answers are lost, the YAML changes, everything is resent and rejected, lost or done, and a person settles it.
fn any_doubt() -> impl Strategy<Value = Vec<Step>> {
    let lost = any::<bool>().prop_map(|after| Mood::Lost { after });
    let again = (0..4_u8, prop::sample::select(vec![0_usize, 0, 1, 2, 3, 4])).prop_map(|(title, which)| {
        let refusals = [
            Mood::Lost { after: false },
            Mood::Status { code: 404, after: false },
            Mood::Rejecting(title, Naming::Title),
            Mood::Poisoned(422, title),
            Mood::Lost { after: true },
        ];
        (title, refusals[which])
    });
    let settle =
        prop_oneof![Just(Settling::Truthfully), Just(Settling::By(Sight::NOW))].prop_map(Event::Settle);
    let last = prop_oneof![2 => settle, 1 => Just(run(Vec::new(), 3))];
    let days = prop::option::of(1..4_u8);
    (lost, again, days, any::<bool>(), last).prop_map(|(lost, (title, again), days, changed, last)| {
        let mut events = vec![run(vec![lost; 12], 3)];
        if changed {
            events.push(Event::Retitle(title, days));
        }
        events.push(Event::Resend(Manner::plain(vec![again; 12], 3)));
        events.push(last);
        events.into_iter().map(|event| Step { event, dies_at: None }).collect()
    })
}

/// A template is forgotten and created again, unknown to the server: the existing one is older.
fn any_stranger() -> impl Strategy<Value = Vec<Step>> {
    (0..12_u8).prop_map(|number| {
        let lost = vec![Mood::Lost { after: false }; 12];
        let events = [
            run(Vec::new(), 3),
            Event::StateRm(number),
            run(lost, 3),
            Event::Settle(Settling::By(Sight::NOW)),
        ];
        events.map(|event| Step { event, dies_at: None }).into()
    })
}

fn any_campaign() -> impl Strategy<Value = (bool, Vec<Step>)> {
    // With only a few steps, the one after the first matters most.
    let dies_at = prop_oneof![1 => Just(1_usize), 2 => 0..12_usize];
    let step = (any_event(), prop::option::weighted(0.25, dies_at))
        .prop_map(|(event, dies_at)| Step { event, dies_at });
    // Without any configuration nothing happens, so every campaign starts with something to do.
    let begun = any_parts(7).prop_map(|parts| Step { event: Event::Edit(parts), dies_at: None });
    let some = prop_oneof![36 => step.prop_map(|step| vec![step]), 2 => any_doubt(), 1 => any_stranger(), 2 => any_observation()];
    let steps = (begun, prop::collection::vec(some, 1..10));
    (any::<bool>(), steps.prop_map(|(begun, steps)| std::iter::once(begun).chain(steps.concat()).collect()))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn nothing_is_duplicated_lost_or_confused() {
    let sequences = number("CERTCTL_SEQUENCES").and_then(|cases| u32::try_from(cases).ok());
    let given = number("CERTCTL_SEED");
    let seed = given.unwrap_or_else(|| if sequences.is_some() { rand_seed() } else { 1_800_000_000 });
    let config = ProptestConfig {
        cases: sequences.unwrap_or(3000),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&any_campaign(), |(upsert, steps)| {
        let mut campaign = Campaign::new(upsert);
        for step in &steps {
            campaign.take(step);
        }
        campaign.comes_right();
        Ok::<(), TestCaseError>(())
    });
    if let Err(error) = outcome {
        panic!("CERTCTL_SEED={seed} repeats this\n{error}");
    }
    if sequences.is_none() && given.is_none() {
        assert_eq!(coverage::missing(everything()), [""; 0], "this never happened");
    }
}

/// Every kind of trouble, event, settlement and crash point.
fn everything() -> Vec<String> {
    let mut everything: Vec<String> = Mood::every().into_iter().map(Mood::kind).collect();
    everything.extend(PollMood::ALL.map(|mood| format!("poll {mood:?}")));
    let events = "Edit Retitle Rename Remove Apply SavePlan ApplySaved TimePasses Settle Resend Protect Import ImportFrom ImportWrite \
                  Refresh StateMv StateRm DeletedByHand EditedByHand OtherMachine Pull Merge";
    everything.extend(events.split_whitespace().map(str::to_owned));
    let settled = ["Created", "NotCreated", "Applied", "Exists", "Resend"];
    everything.extend(settled.map(|how| format!("settled {how}")));
    let doubts = ["create refused when it was sent again", "create in doubt with several contents"];
    everything.extend(doubts.map(str::to_owned));
    everything.push("forgotten by YAML".to_owned());
    let shows = "Everything NoDays NoTimes AllBut Certificates";
    everything.extend(shows.split_whitespace().map(|shows| format!("saw {shows}")));
    let taken = ["saw the past", "took Observe", "took Gone", "took Import", "wrote YAML"];
    everything.extend(taken.map(str::to_owned));
    everything.extend(["Created", "NotCreated"].map(|how| format!("several contents, {how}")));
    let steps =
        "Open Intent Retry Outcome Transaction Move Protect Resolve Import Forget Checkpoint saving clearing";
    everything.extend(steps.split_whitespace().map(|step| format!("died at {step}")));
    everything
}

/// A run on a server with these moods.
fn run(moods: Vec<Mood>, batch_size: usize) -> Event {
    Event::Apply(Manner::plain(moods, batch_size))
}

proptest! {
    #[test]
    fn second_apply_sends_nothing(parts in any_parts(12), size in 1..5_usize, upsert in any::<bool>()) {
        let mut campaign = Campaign::new(upsert);
        campaign.happens(Event::Edit(parts.clone()));
        campaign.happens(run(Vec::new(), size));
        let requests = campaign.requests();
        prop_assert_eq!(campaign.state().map_or(0, |state| state.templates.len()), parts.len());
        campaign.happens(run(Vec::new(), size));
        prop_assert_eq!(campaign.requests(), requests);
    }
}

#[test]
fn lost_answers_are_never_forgotten() {
    let refused = Mood::Status { code: 404, after: false };
    for next in [Mood::Unauthorised, refused, Mood::Rejecting(2, Naming::Title), Mood::NotSent] {
        let (before, after) = (Parts::from([(1, (1, 1, None))]), Parts::from([(1, (1, 2, None))]));
        let mut campaign = Campaign::new(true);
        campaign.happens(Event::Edit(before.clone()));
        campaign.happens(run(Vec::new(), 1));
        let mut moods = vec![next; 6];
        moods[0] = Mood::Lost { after: true };
        campaign.happens(Event::Edit(after));
        campaign.happens(run(moods, 1));
        let state = campaign.state().unwrap();
        let row = state.templates.values().next().unwrap();
        assert!(
            row.attempt().is_some(),
            "{next:?}: the server may hold the new title, and the row does not say so"
        );
        // Back to the old title: the server holds the new one, so it must be sent.
        campaign.happens(Event::Edit(before));
        campaign.happens(run(Vec::new(), 1));
        assert_eq!(campaign.titles(), ["Title 1"], "{next:?}");
    }
}

#[test]
fn template_deleted_by_hand_gets_a_new_id() {
    let mut campaign = Campaign::new(true);
    campaign.happens(Event::Edit(Parts::from([(1, (1, 1, None))])));
    campaign.happens(run(Vec::new(), 1));
    let id = |campaign: &Campaign| {
        let state = campaign.state().unwrap();
        state.templates.values().next().unwrap().identity.clone().unwrap()
    };
    let old = id(&campaign);
    campaign.happens(Event::DeletedByHand(1));
    campaign.happens(Event::Edit(Parts::from([(1, (1, 2, None))])));
    campaign.happens(run(Vec::new(), 1));
    assert_ne!(id(&campaign).id, old.id);
    assert_eq!(id(&campaign).source, IdSource::Exact);
}

#[test]
fn chain_of_renames_is_one_move() {
    let mut campaign = Campaign::new(false);
    campaign.happens(Event::Edit(Parts::from([(1, (1, 1, None))])));
    campaign.happens(run(Vec::new(), 1));
    campaign.happens(Event::Rename(1, 2));
    campaign.happens(Event::Rename(2, 3));
    campaign.happens(run(Vec::new(), 1));
    let keys: Vec<_> = campaign.state().unwrap().templates.into_keys().collect();
    assert_eq!(keys, [key(3)]);
    assert_eq!(campaign.requests(), 1);
}

#[test]
fn update_in_doubt_blocks_create_for_new_course() {
    let mut campaign = Campaign::new(true);
    campaign.happens(Event::Edit(Parts::from([(1, (1, 1, None))])));
    campaign.happens(run(Vec::new(), 1));
    campaign.happens(Event::Edit(Parts::from([(1, (2, 1, None))])));
    let manner = Manner::plain(vec![Mood::Lost { after: true }; 9], 1);
    campaign.happens(Event::Apply(Manner { concurrency: 1, by_id: true, ..manner }));
    // If this is sent, the judge sees the id of the first course's template move to an orphan.
    campaign.happens(run(Vec::new(), 1));
    campaign.comes_right();
}

/// A new seed each time, so that every long run tests something else.
pub(crate) fn rand_seed() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0)
}
