//! A lock that another process releases.

use super::*;
use crate::state::{LockState, Unlocking};

#[test]
fn a_released_lock_stops_its_holder() {
    let objects = Arc::new(InMemory::default());
    let (first, second) = (store(&objects), store(&objects));
    run(&first, "z");
    let (mut ledger, _) = open(&first, "ann").unwrap();
    ledger.record(&intent("a")).unwrap();
    ledger.check().unwrap();
    until_named(&objects, 2);
    let Ok(LockState::Held(held)) = second.lock_state() else { panic!("nobody holds it") };
    let other = second.unlock("another-id").unwrap();
    assert!(matches!(other, Unlocking::NotHeld(LockState::Held(there)) if there.id == held.id));
    ledger.check().unwrap();

    assert_eq!(second.unlock(&held.id).unwrap(), Unlocking::Released);
    assert!(matches!(ledger.check(), Err(StateError::TakenOver { .. })));
    assert_eq!(second.unlock(&held.id).unwrap(), Unlocking::NotHeld(LockState::Free));
    // The journal stays, and the lock still names it: the next run has the row in doubt, and misses a record that
    // somebody removes.
    assert_eq!(in_doubt(&second.read().unwrap().effective().unwrap().unwrap()), ["a"]);
    let journal = objects.keys().into_iter().find(|key| key.contains(".journal/0000000002-")).unwrap();
    objects.remove(&journal);
    assert!(matches!(second.read(), Err(StateError::JournalIncomplete { .. })));
    drop(ledger);
    assert_eq!(second.lock_state().unwrap(), LockState::Free);
}

#[test]
fn releasing_spares_the_run_that_follows() {
    let objects = Arc::new(InMemory::default());
    let (first, second, third) = (store(&objects), store(&objects), store(&objects));
    run(&first, "z");
    let (ledger, _) = open(&first, "ann").unwrap();
    let Ok(LockState::Held(held)) = third.lock_state() else { panic!("nobody holds it") };
    objects.passes(61);
    assert!(matches!(third.unlock(&held.id).unwrap(), Unlocking::NotHeld(LockState::Expired(_))));
    let (other, _) = open(&second, "bob").unwrap();
    assert!(matches!(third.unlock(&held.id).unwrap(), Unlocking::NotHeld(LockState::Held(_))));
    other.check().unwrap();
    drop(ledger);
    other.check().unwrap();
}
