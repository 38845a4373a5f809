//! The driver: carries out the engine's effects and reports the results back to it.
//!
//! The command line calls it with a real ledger and a real network; simulations have their own drivers around the
//! same engine. It never decides what is sent or recorded, when, or what follows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use super::{Effect, Engine, Input, Moment, Notice, Observer, RequestId, RunContext, RunReport};
use crate::api::{Call, Transport};
use crate::crash::{Point, reach};
use crate::model::Key;
use crate::state::{AsyncLedger, Document, Record, StateError, Wait};

/// The result of a run.
#[derive(Debug)]
pub struct Executed {
    /// The report.
    pub report: RunReport,
    /// The state as written, or the reason that it could not be.
    pub state: Result<Document, StateError>,
}

/// Runs an engine to its end. The ledger proves that this process is the only writer; it is closed at the end.
pub async fn execute<T: Transport>(
    mut engine: Engine<'_>,
    ledger: AsyncLedger,
    transport: &T,
    context: &RunContext<'_>,
    observer: &mut dyn Observer,
) -> Executed {
    let began = Instant::now();
    let now = || Moment { elapsed: began.elapsed(), clock: (context.now)() };
    let mut interrupted = context.interrupted.clone();
    let mut is_interrupted = false;
    let mut writes: FuturesUnordered<LocalBoxFuture<'_, Input>> = FuturesUnordered::new();
    let mut requests = FuturesUnordered::new();
    let unwritten = loop {
        match engine.next(now()) {
            Effect::Record(what) => writes.push(Box::pin(record(&ledger, what))),
            Effect::Protect(what) => writes.push(Box::pin(protect(&ledger, what))),
            Effect::Regain(wait) => writes.push(Box::pin(regain(&ledger, wait))),
            Effect::Send(id, call) => {
                reach(Point::RequestReady);
                requests.push(send(&ledger, transport, id, call));
            }
            Effect::Abandon => requests.clear(),
            Effect::Notify(notice) => notify(observer, &notice),
            Effect::Checkpoint(unwritten) => break unwritten,
            Effect::Wait { until, why } => {
                if let (Some(until), Some(why)) = (until, why) {
                    observer.waits(why, until.saturating_sub(began.elapsed()));
                }
                let input = tokio::select! {
                    biased;
                    Some(input) = writes.next() => input,
                    Some(input) = requests.next() => input,
                    Ok(_) = interrupted.wait_for(|stop| *stop), if !is_interrupted => {
                        is_interrupted = true;
                        Input::Interrupted
                    }
                    () = sleep_until(began, until) => continue,
                };
                engine.on(now(), input);
            }
        }
    };
    drop((writes, requests));
    reach(Point::RunEnded);
    let state = ledger.checkpoint(&unwritten).await;
    Executed { report: engine.report(&state), state }
}

async fn record(ledger: &AsyncLedger, record: Arc<Record>) -> Input {
    let result = ledger.record(Arc::clone(&record)).await;
    if matches!(*record, Record::Outcome { .. }) {
        reach(Point::OutcomeRecorded);
    }
    Input::Recorded(result.map_err(|error| error.to_string()))
}

async fn protect(ledger: &AsyncLedger, protect: Arc<BTreeMap<Key, bool>>) -> Input {
    Input::Recorded(ledger.protect(&protect).await.map_err(|error| error.to_string()))
}

async fn regain(ledger: &AsyncLedger, wait: Wait) -> Input {
    Input::Regained(ledger.regain(wait).await.is_ok())
}

/// Sends, if this process is still the only writer immediately before.
async fn send<T: Transport>(ledger: &AsyncLedger, transport: &T, id: RequestId, call: Call) -> Input {
    match ledger.check().await {
        Ok(()) => Input::Answered(id, transport.send(call).await),
        Err(error) => Input::Withheld(id, error.to_string()),
    }
}

fn notify(observer: &mut dyn Observer, notice: &Notice) {
    match notice {
        Notice::Begins { rows } => observer.begins(*rows),
        Notice::Outcomes(rows) => {
            for row in rows {
                observer.finished(&row.key, &row.result);
            }
            reach(Point::OutcomeReported);
        }
        Notice::Stops { requests, at_most } => observer.stops(*requests, *at_most),
        Notice::OtherRunWrites => observer.waits_for_other_run(),
    }
}

async fn sleep_until(began: Instant, at: Option<Duration>) {
    match at {
        Some(at) => tokio::time::sleep_until(began + at).await,
        None => std::future::pending().await,
    }
}
