//! An interrupted run ends in time, with simulated time.

use std::time::Duration;

use certctl::api::{Answer, Call};
use certctl::apply::{GRACE, Settings};
use certctl::model::Addressing;
use certctl::state::{Locked, Opening, WriteId};

use crate::simulation::{Ended, NoopObserver, Remote, Run};
use crate::world::{MemoryStore, Parts, desired, holder, now, owner, plan};

/// A cancelled pipeline step is killed 7.5 s after its signal, and certctl still has to write then.
const KILLED_AFTER: Duration = Duration::from_millis(7500);

/// A server that never answers.
struct Silent;

impl Remote for Silent {
    const JOURNEY: Duration = Duration::ZERO;

    fn arrives(&self, _: Call) -> Option<(Duration, Answer)> {
        None
    }
}

#[test]
fn interrupted_runs_end_after_the_grace_period() {
    let parts: Parts = [(1, (1, 1, None)), (2, (2, 2, None))].into();
    let (store, owner, holder) = (MemoryStore::default(), owner(), holder());
    let opening = Opening {
        identity: &owner,
        holder: &holder,
        by: None,
        lineage: "l".to_owned(),
        write: WriteId::new(uuid::Uuid::from_u128(2)),
    };
    let locked = Locked::take(&store, &holder, Duration::ZERO).unwrap();
    let (ledger, _) = locked.open(&opening).unwrap();
    let plan = plan(&desired(&parts), None, Addressing::Resource);
    let settings = Settings {
        batch_size: 1,
        concurrency: 1,
        requests_per_minute: 6000,
        job_timeout: Duration::from_secs(60),
        requested_by_user: false,
        jitter_seed: 7,
    };
    let signal_at = Duration::from_secs(1);
    let run = Run { plan: &plan, settings, clock: now(), interrupted_at: Some(signal_at) };
    let Ended { executed, at } = run.execute(ledger, &Silent, &mut NoopObserver);
    assert_eq!(at, signal_at + GRACE);
    assert!(GRACE + Duration::from_secs(1) < KILLED_AFTER);
    let summary = executed.report.summary;
    assert_eq!((summary.in_doubt, summary.not_sent), (1, 1));
}
