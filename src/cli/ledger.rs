//! Opens a state for writing and records what people decide. Called by every command that changes the state; it never
//! sends anything.

use std::time::Duration;

use super::args::Global;
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use super::provenance::{provenance, user};
use super::recency::KnownVersions;
use super::signals;
use super::store::StateStore;
use crate::model::{GivenKeys, Timestamp, io_words};
use crate::state::{Document, Holder, Ledger, Locked, Marks, Opening, Record, StateError, WriteId};

/// How long to wait for another run before saying so.
const SILENT_WAIT: Duration = Duration::from_secs(1);

/// Returns the current time.
pub(super) fn now() -> Timestamp {
    Timestamp::from_unix_seconds(jiff::Timestamp::now().as_second())
}

/// Locks the state and checkpoints the journal of an interrupted run. Refuses a state that is not the newest.
pub(super) fn open(
    context: &Context,
    global: &Global,
    operation: &str,
    output: &Output,
) -> Result<Ledger<StateStore>, Failure> {
    let holder = holder(context.given_keys(), operation);
    let locked = lock(context, global, &holder, output)?;
    KnownVersions::look_locked(context, locked.snapshot(), output)?.refuse_old()?;
    open_locked(context, locked, &opening(context, &holder, None), output)
}

/// Like [`open`], for a state that is locked and was checked.
pub(super) fn open_locked(
    context: &Context,
    locked: Locked<StateStore>,
    opening: &Opening<'_>,
    output: &Output,
) -> Result<Ledger<StateStore>, Failure> {
    if let Some(Err(error)) = context.store.marks().map(Marks::prepare) {
        output.detail(&format!("note: the newest state is not kept on this machine: {}", io_words(&error)));
    }
    let (ledger, recovered) = locked.open(opening)?;
    if let Some(remark) = ledger.remark().filter(|_| output.is_verbose()) {
        output.note(&format!("note: {remark}"));
    }
    if recovered {
        output
            .note("note: an earlier run has not finished; what it recorded so far is part of the state now");
    }
    Ok(ledger)
}

/// Describes this process for the lock.
pub(super) fn holder(keys: &GivenKeys, operation: &str) -> Holder {
    let run_url = provenance(keys).and_then(|run| run.run_url().map(str::to_owned));
    Holder {
        who: user().unwrap_or_else(|| "unknown".to_owned()),
        host: host(),
        pid: std::process::id(),
        operation: operation.to_owned(),
        run_url,
        since: now(),
    }
}

/// Returns whether the lock names this process. Processes of two containers may have the same number.
pub(super) fn is_own(holder: &Holder) -> bool {
    holder.pid == std::process::id() && holder.host == host()
}

fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// Collects what the library needs to open a ledger.
pub(super) fn opening<'a>(context: &'a Context, holder: &'a Holder, lineage: Option<String>) -> Opening<'a> {
    Opening {
        identity: &context.identity,
        holder,
        by: provenance(context.given_keys()),
        lineage: lineage.unwrap_or_else(|| uuid::Uuid::new_v4().hyphenated().to_string()),
        write: WriteId::new(uuid::Uuid::new_v4()),
    }
}

/// Locks the state, and says which run it waits for.
pub(super) fn lock(
    context: &Context,
    global: &Global,
    holder: &Holder,
    output: &Output,
) -> Result<Locked<StateStore>, Failure> {
    lock_store(&context.store, global, holder, output)
}

/// Like [`lock`], for a store that takes what is in place for lost.
pub(super) fn lock_store(
    store: &StateStore,
    global: &Global,
    holder: &Holder,
    output: &Output,
) -> Result<Locked<StateStore>, Failure> {
    let first = global.lock_timeout.min(SILENT_WAIT);
    let locked = match Locked::take(store.clone(), holder, first) {
        Err(StateError::Lock(error)) if global.lock_timeout > first && error.is_held() => {
            let rest = global.lock_timeout.saturating_sub(first);
            output.note(&waiting_for(error.holder(), rest));
            Locked::take(store.clone(), holder, rest)
        }
        locked => locked,
    };
    Ok(locked?)
}

fn waiting_for(holder: Option<String>, wait: Duration) -> String {
    let holder = holder.unwrap_or_else(|| "another run".to_owned());
    let wait = humantime::format_duration(wait);
    format!("waiting for {holder}, which holds the state; for up to {wait} (--lock-timeout)")
}

/// Applies one edit of the state. The edit is tried on a copy first, so that only valid edits are recorded, and it
/// needs a state that is consistent.
pub(super) fn edit(
    context: &Context,
    global: &Global,
    operation: &str,
    output: &Output,
    records: impl FnOnce(&mut Document) -> Result<Vec<Record>, Failure>,
) -> Result<Document, Failure> {
    let ledger = open(context, global, operation, output)?;
    // The checkpoint takes only a moment, so a signal waits for it.
    let _hold = signals::hold();
    let records = {
        let mut trial = ledger.document().clone();
        context.check_consistency(&trial)?;
        records(&mut trial)?
    };
    record(ledger, records, output)
}

/// Records these together and checkpoints them.
pub(super) fn record(
    ledger: Ledger<StateStore>,
    records: Vec<Record>,
    output: &Output,
) -> Result<Document, Failure> {
    record_and(ledger, records, output, || Ok(()))
}

/// Records these together, does something else once they are durable, and checkpoints them whatever came of it. No other
/// run begins meanwhile.
pub(super) fn record_and(
    mut ledger: Ledger<StateStore>,
    mut records: Vec<Record>,
    output: &Output,
    then: impl FnOnce() -> Result<(), Failure>,
) -> Result<Document, Failure> {
    match records.len() {
        0 => {}
        1 => ledger.record(&records.remove(0))?,
        _ => ledger.record(&Record::Transaction { records })?,
    }
    let done = then();
    let document = ledger.checkpoint()?;
    output.has_recorded();
    done.map(|()| document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_number_on_another_host_is_another_process() {
        let own = holder(&GivenKeys::default(), "apply");
        assert!(is_own(&own));
        assert!(!is_own(&Holder { host: format!("{}-2", own.host), ..own.clone() }));
        assert!(!is_own(&Holder { pid: own.pid + 1, ..own }));
    }
}
