//! Runs that take over one after the other, and die before they recorded anything.

use super::*;

/// A run that takes over, and is killed before its write of this number, or once it has the state.
fn dies_before(objects: &Arc<InMemory>, write: usize) {
    objects.next_write_after(write, WriteFault::Killed);
    let store = store(objects);
    if let Ok((ledger, _)) = open(&store, "taker") {
        objects.clear_faults();
        objects.kill_all();
        drop(ledger);
    }
    objects.passes(61);
}

/// The writes are the lock, the end of the journal that was left, and the state's object with the epoch: a taker that dies before
/// the third leaves a journal that is closed and that no epoch names.
#[test]
fn takers_that_die_forget_no_journal() {
    const WRITES: usize = 4;
    for earlier in [false, true] {
        for takers in 0..WRITES.pow(3) {
            let objects = Arc::new(InMemory::default());
            if earlier {
                run(&store(&objects), "z");
            }
            let first = store(&objects);
            let (mut ledger, _) = open(&first, "ann").unwrap();
            ledger.record(&intent("a")).unwrap();
            is_killed(ledger, &objects);
            let deaths = [takers / WRITES.pow(2), takers / WRITES, takers].map(|death| death % WRITES);
            for write in deaths {
                dies_before(&objects, write);
            }
            let last = store(&objects);
            let (ledger, recovered) = open(&last, "last").unwrap();
            assert!(recovered, "after deaths before the writes {deaths:?}");
            assert_eq!(in_doubt(ledger.document()), ["a"], "after deaths before the writes {deaths:?}");
        }
    }
}
