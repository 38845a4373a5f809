//! What git transports from the other machine: its state replaces this one's, or is merged with it.

use std::collections::BTreeSet;

use certctl::model::NaturalKey;
use certctl::state::{Document, JournalFit, Merge, Relation, Row, RowState, Store as _, merge};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use crate::academy::Journals as _;
use crate::campaign::Campaign;
use crate::coverage;
use crate::events::{Event, Manner, Settling};
use crate::mood::any_mood;
use crate::promises::contains;
use crate::world::any_parts;

fn natural_keys(document: &Document) -> BTreeSet<NaturalKey> {
    document.templates.values().flat_map(Row::natural_keys).collect()
}

impl Campaign {
    /// Git brings the other machine's file. If an unfinished journal here does not match it, nothing may be
    /// written on top of it.
    pub(crate) fn pull(&mut self) {
        let there = 1 - self.here;
        let Some(theirs) = self.machines[there].store.text() else { return };
        let (ours, had) = (self.machines[self.here].store.text(), self.machines[self.here].store.document());
        let store = &self.machines[self.here].store;
        store.replace(Some(theirs.clone()));
        if matches!(store.read().unwrap().fit(), JournalFit::Foreign { .. }) {
            store.lives_for(None);
            assert!(self.open().is_err(), "a journal was folded into a state that it does not belong to");
            self.machines[self.here].store.replace(ours);
            return;
        }
        self.common = Some(theirs);
        let comes_after = |had: &Document| {
            let relation =
                self.machines[self.here].store.document().and_then(|theirs| had.relation_to(&theirs));
            matches!(relation, Some(Relation::Older | Relation::Same))
        };
        if had.is_some_and(|had| !comes_after(&had)) {
            // What was written here since now belongs to the other machine: this state does not know it.
            self.academy.disown(self.here);
        }
        let mut knows = self.what_there_is_known();
        if !self.machines[self.here].store.records().is_empty() {
            // The records of the journal here are known too.
            let known = self.state().map(|state| natural_keys(&state)).unwrap_or_default();
            let here = self.machines[self.here].must_know.iter();
            knows.extend(here.filter(|id| self.is_one_of(id, &known)).cloned());
        }
        self.machines[self.here].must_know = knows;
    }

    /// Git merges the other machine's state with this one; returns whether it could.
    pub(crate) fn merge(&mut self) -> bool {
        let (here, there) = (self.here, 1 - self.here);
        let (store, theirs) = (&self.machines[here].store, &self.machines[there].store);
        let (Some(ours), Some(other)) = (store.document(), theirs.document()) else { return false };
        let base = self.common.as_ref().map(|text| serde_json::from_str::<Document>(text).unwrap());
        let Ok(merged) = merge(base.as_ref(), &ours, &other) else { return false };
        let Merge::Joined(joined) = merged else {
            coverage::count("merge conflict");
            return false;
        };
        let before = store.text();
        store.replace(Some(joined.to_text().unwrap()));
        if matches!(store.read().unwrap().fit(), JournalFit::Foreign { .. }) {
            store.replace(before);
            return false;
        }
        self.common = theirs.text();
        let knows = self.what_there_is_known();
        self.machines[here].must_know.extend(knows);
        for (key, row) in &ours.templates {
            if joined.templates.contains_key(key) {
                continue;
            }
            // It was forgotten there on request.
            assert!(!other.templates.contains_key(key), "{key} is lost");
            for natural_key in row.natural_keys() {
                self.order(natural_key);
            }
        }
        true
    }

    /// The ids that the other machine's file knows; those in its journal are not included.
    fn what_there_is_known(&self) -> BTreeSet<String> {
        let there = &self.machines[1 - self.here];
        let known = there.store.document().map(|state| natural_keys(&state)).unwrap_or_default();
        there.must_know.iter().filter(|id| self.is_one_of(id, &known)).cloned().collect()
    }

    fn is_one_of(&self, id: &str, known: &BTreeSet<NaturalKey>) -> bool {
        self.academy.natural_key_of(id).is_some_and(|natural_key| known.contains(&natural_key))
    }

    /// After a merge, if no run in between was forgotten: everything that certctl created is known, and everything
    /// that is called applied exists, whichever machine did it.
    fn knows_the_truth(&self) {
        let state = self.state().unwrap();
        let known = natural_keys(&state);
        for id in &self.machines[self.here].must_know {
            let natural_key = self.academy.natural_key_of(id);
            assert!(natural_key.is_none_or(|natural_key| known.contains(&natural_key)), "{id} is forgotten");
        }
        for (key, row) in &state.templates {
            let (RowState::Applied, Some(known)) = (&row.state, &row.confirmed) else { continue };
            let held = self.academy.find(&NaturalKey::of(&known.attributes));
            let is_there = held.iter().any(|held| {
                held.attributes == known.attributes
                    || held.met && contains(&held.attributes, &known.attributes)
            });
            assert!(is_there, "{key} is called applied, but the server has {held:?}");
        }
    }
}

fn any_run() -> impl Strategy<Value = Event> {
    (prop::collection::vec(any_mood(), 0..3), 1..3_usize)
        .prop_map(|(moods, size)| Event::Apply(Manner::plain(moods, size)))
}

/// What happens on one of two machines between two merges.
fn any_work() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => any_parts(5).prop_map(Event::Edit),
        6 => any_run(),
        1 => (0..12_u8, 0..12_u8).prop_map(|(from, to)| Event::StateMv(from, to)),
        1 => Just(Event::Settle(Settling::Truthfully)),
        1 => Just(Event::TimePasses),
    ];
    prop::collection::vec(event, 1..5)
}

/// Two machines work on one academy from one state, independently; then git merges what they recorded.
#[test]
fn merge_knows_exactly_what_either_knew() {
    let config = ProptestConfig {
        cases: 600,
        rng_seed: RngSeed::Fixed(1_800_000_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let joins = std::cell::Cell::new(0);
    let works = prop::collection::vec([any_work(), any_work()], 1..4);
    let outcome = TestRunner::new(config).run(&(any_parts(5), works), |(parts, works)| {
        // Updates by id send only the changed fields, so a machine that does not know the other one's change then claims
        // something false about the server: a merge cannot find that out.
        let mut campaign = Campaign::new(true);
        for event in
            [Event::Edit(parts), Event::Apply(Manner::plain(Vec::new(), 2)), Event::OtherMachine, Event::Pull]
        {
            campaign.happens(event);
        }
        for [here, there] in works {
            for event in here.into_iter().chain([Event::OtherMachine]).chain(there) {
                campaign.happens(event);
            }
            if campaign.merge() {
                joins.set(joins.get() + 1);
                campaign.check();
                campaign.knows_the_truth();
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(joins.get() > 400, "only {} joins", joins.get());
    assert_eq!(coverage::missing(["merge conflict".to_owned()]), [""; 0]);
}
