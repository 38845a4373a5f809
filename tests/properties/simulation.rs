//! Whole runs against a moody server and a store that may die at any append, checked against what the server really
//! holds: no double create, no wrong id, nothing lost, and a plan after apply that is empty or says why not.

use std::time::Duration;

use certctl::apply::{Executed, Nobody, Settings, World, execute};
use certctl::model::{Addressing, NaturalKey, TemplateId};
use certctl::plan::Plan;
use certctl::state::{
    Deed, Document, IdSource, Ledger, Opening, Record, Settlement, Standing, StateError, Store as _,
};
use proptest::prelude::*;

use crate::world::{
    MemoryStore, Mood, Parts, Server, any_mood, any_parts, desired, holder, now, owner, plan,
};

/// One edit and one apply.
#[derive(Clone, Debug)]
struct Step {
    parts: Parts,
    moods: Vec<Mood>,
    /// The process dies at this append.
    dies_at: Option<usize>,
    batch_size: usize,
}

fn any_step() -> impl Strategy<Value = Step> {
    let moods = prop::collection::vec(any_mood(), 0..6);
    (any_parts(7), moods, prop::option::weighted(0.3, 0..12_usize), 1..4_usize)
        .prop_map(|(parts, moods, dies_at, batch_size)| Step { parts, moods, dies_at, batch_size })
}

fn opening<'a>(owner: &'a certctl::state::Owner, holder: &'a certctl::state::Holder) -> Opening<'a> {
    Opening {
        owner,
        holder,
        lineage: "00000000-0000-4000-8000-000000000000".to_owned(),
        wait: Duration::ZERO,
    }
}

/// Plans and applies under the lock, as the command does.
fn apply(
    store: &MemoryStore,
    server: &Server,
    parts: &Parts,
    batch_size: usize,
) -> Result<(Plan, Executed), StateError> {
    let (owner, holder) = (owner(), holder());
    let (ledger, _) = Ledger::open(store, &opening(&owner, &holder))?;
    let state = Some(ledger.document()).filter(|state| state.serial > 0);
    let plan = plan(&desired(parts), state, Addressing::Resource);
    no_double_create(&plan, server);
    let settings = Settings {
        batch_size,
        concurrency: 2,
        requests_per_minute: 600,
        job_timeout: Duration::from_secs(2),
        jitter_seed: 7,
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let executed = runtime.block_on(async {
        let (_sender, interrupted) = tokio::sync::watch::channel(false);
        let world = World { now: &now, interrupted };
        execute(&plan, ledger, server, settings, &world, &mut Nobody).await
    });
    Ok((plan, executed))
}

/// No create is about to be sent for what the server holds already.
fn no_double_create(plan: &Plan, server: &Server) {
    for entry in &plan.entries {
        let Some(submission) = entry.action.submission() else { continue };
        if submission.deed == Deed::Create && submission.held.is_none() {
            let natural_key = NaturalKey::of(&submission.after);
            let held = server.held.borrow();
            assert!(!held.contains_key(&natural_key), "{} would be created a second time", entry.key);
        }
    }
}

fn holds(server: &Server, document: &Document) {
    let held = server.held.borrow();
    let mut remembered = std::collections::BTreeSet::new();
    for (key, row) in &document.templates {
        remembered.extend(row.natural_keys());
        let Some(known) = &row.known else { continue };
        let natural_key = NaturalKey::of(&known.attributes);
        let truth = held.get(&natural_key);
        if matches!(row.standing, Standing::Applied) {
            let attributes = truth.map(|(_, attributes)| attributes);
            assert_eq!(attributes, Some(&known.attributes), "{key} is said to be applied");
        }
        if let Some(identity) = row.identity.as_ref().filter(|identity| identity.source == IdSource::Exact) {
            assert_eq!(truth.map(|(id, _)| id.as_str()), Some(identity.id.as_str()), "{key} has a wrong id");
        }
    }
    for natural_key in held.keys() {
        assert!(remembered.contains(natural_key), "{natural_key} is on the server, and nobody remembers it");
    }
}

/// What a person does who looks every doubtful row up in the admin page.
fn settle_truthfully(store: &MemoryStore, server: &Server) {
    let (owner, holder) = (owner(), holder());
    let (mut ledger, _) = Ledger::open(store, &opening(&owner, &holder)).unwrap();
    let doubtful: Vec<_> = ledger
        .document()
        .in_doubt()
        .filter(|(_, row)| Document::is_create_in_doubt(row))
        .map(|(key, row)| (key.clone(), NaturalKey::of(&row.attempt().unwrap().attributes)))
        .collect();
    for (key, natural_key) in doubtful {
        let settlement = match server.held.borrow().get(&natural_key) {
            Some((id, _)) => Settlement::Created { id: TemplateId::parse_uuid(id).unwrap() },
            None => Settlement::NotCreated,
        };
        // An id that another row has already would be refused; nothing in these runs leads there.
        ledger.document().clone().settle(&key, &settlement, now()).unwrap();
        ledger.record(&Record::Settle { at: now(), key, settlement }).unwrap();
    }
    ledger.fold().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("CERTCTL_SEQUENCES").ok().and_then(|text| text.parse().ok()).unwrap_or(400),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_nothing_is_doubled_lost_or_mistaken(steps in prop::collection::vec(any_step(), 1..6)) {
        let (store, server) = (MemoryStore::default(), Server::default());
        let mut last = Parts::new();
        for step in &steps {
            *server.moods.borrow_mut() = step.moods.clone();
            *store.appends_left.borrow_mut() = step.dies_at;
            // A store that dies while it is opened is a run that did nothing.
            let _ = apply(&store, &server, &step.parts, step.batch_size);
            *store.appends_left.borrow_mut() = None;
            let state = store.read().unwrap().effective().unwrap();
            holds(&server, &state.unwrap_or_else(|| Document::empty(&owner(), String::new())));
            last.clone_from(&step.parts);
        }
        // With a server that behaves and a person who looks things up, everything comes right.
        server.moods.borrow_mut().clear();
        let _ = apply(&store, &server, &last, 100).unwrap();
        settle_truthfully(&store, &server);
        let (_, executed) = apply(&store, &server, &last, 100).unwrap();
        let document = executed.state.unwrap();
        holds(&server, &document);
        let after = plan(&desired(&last), Some(&document).filter(|state| state.serial > 0), Addressing::Resource);
        let open: Vec<_> = after
            .entries
            .iter()
            // What the configuration no longer has stays as it is, settled or not.
            .filter(|entry| entry.source.is_some())
            .filter(|entry| entry.action.submission().is_none_or(|submission| submission.held.is_none()))
            .collect();
        prop_assert!(open.is_empty(), "still to do: {open:?}");
    }

    #[test]
    fn the_plan_after_an_apply_is_empty(parts in any_parts(12), size in 1..5_usize) {
        let (store, server) = (MemoryStore::default(), Server::default());
        let (first, executed) = apply(&store, &server, &parts, size).unwrap();
        prop_assert_eq!(first.summary.create, parts.len());
        let document = executed.state.unwrap();
        let after = plan(&desired(&parts), Some(&document), Addressing::Resource);
        prop_assert!(!after.has_changes() && after.entries.is_empty());
        prop_assert_eq!(after.summary.unchanged, parts.len());
        let requests = *server.requests.borrow();
        apply(&store, &server, &parts, size).unwrap();
        prop_assert_eq!(*server.requests.borrow(), requests, "the second apply sends nothing");
    }
}

#[test]
fn a_lost_answer_is_not_forgotten_by_what_follows() {
    for next in [Mood::Unauthorised, Mood::Broken(404), Mood::Rejecting(2), Mood::NotSent] {
        let (store, server) = (MemoryStore::default(), Server::default());
        let (before, after) = (Parts::from([(1, (1, 1, None))]), Parts::from([(1, (1, 2, None))]));
        apply(&store, &server, &before, 1).unwrap();
        let mut moods = vec![next; 6];
        moods[0] = Mood::LostAfter;
        *server.moods.borrow_mut() = moods;
        let (_, executed) = apply(&store, &server, &after, 1).unwrap();
        let document = executed.state.unwrap();
        let row = document.templates.values().next().unwrap();
        assert!(row.attempt().is_some(), "{next:?}: the server may hold the new title, and nobody knows");
        // Back to the old title: the server holds the new one, so it must be sent.
        server.moods.borrow_mut().clear();
        apply(&store, &server, &before, 1).unwrap();
        holds(&server, &store.document().unwrap());
        assert_eq!(server.held.borrow().values().next().unwrap().1.title(), Some("Title 1"), "{next:?}");
    }
}
