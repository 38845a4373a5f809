//! An interrupted run ends in time, with simulated time.

use std::time::Duration;

use certctl::api::{Answer, Call, Transport};
use certctl::apply::{Nobody, Settings, World, execute};
use certctl::model::Addressing;
use certctl::state::{Ledger, Opening, WriteId};

use crate::world::{MemoryStore, Parts, desired, holder, now, owner, plan};

/// A cancelled pipeline step is killed 7.5 s after its signal, and certctl still has to write then.
const KILLED_AFTER: Duration = Duration::from_millis(7500);

/// A server that never answers.
struct Silent;

impl Transport for Silent {
    async fn send(&self, _: Call) -> Answer {
        std::future::pending().await
    }
}

#[test]
fn interrupted_runs_end_after_the_grace_period() {
    let parts: Parts = [(1, (1, 1, None)), (2, (2, 2, None))].into();
    let (store, owner, holder) = (MemoryStore::default(), owner(), holder());
    let opening = Opening {
        owner: &owner,
        holder: &holder,
        lineage: "l".to_owned(),
        write: WriteId::new(uuid::Uuid::from_u128(2)),
        wait: Duration::ZERO,
    };
    let (ledger, _) = Ledger::open(&store, &opening).unwrap();
    let plan = plan(&desired(&parts), None, Addressing::Resource);
    let settings = Settings {
        batch_size: 1,
        concurrency: 1,
        requests_per_minute: 6000,
        job_timeout: Duration::from_secs(60),
        by_order: false,
        jitter_seed: 7,
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (took, executed) = runtime.block_on(async {
        let (sender, interrupted) = tokio::sync::watch::channel(false);
        let world = World { now: &now, interrupted };
        let mut nobody = Nobody;
        let run = execute(&plan, ledger, &Silent, settings, &world, &mut nobody);
        let signal = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            sender.send(true).unwrap();
            tokio::time::Instant::now()
        };
        let (executed, signalled) = futures_util::future::join(run, signal).await;
        (signalled.elapsed(), executed)
    });
    assert_eq!(took, World::GRACE);
    assert!(World::GRACE + Duration::from_secs(1) < KILLED_AFTER);
    let summary = executed.report.summary;
    assert_eq!((summary.in_doubt, summary.not_sent), (1, 1));
}
