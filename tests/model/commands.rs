//! The commands, each a copy of its recipe in `src/cli` over a simulated directory and network. The ledger, the plan, the
//! engine and the edits are the real ones.

use std::path::Path;
use std::time::Duration;

use certctl::apply::{Executed, RowOutcome, RunOutcome, Settings, idle};
use certctl::desired::Desired;
use certctl::model::{Addressing, Key};
use certctl::plan::{Action, Inputs, Plan, Scope, Submission, build, check_applicable};
use certctl::state::{
    Document, EditError, IdIndex, Ledger, Locked, Opening, Operation, Recency, Record, Resolution, Row,
    Snapshot, StateError, Store as _,
};

use crate::estate::{desired, holder, number, owner, time};
use crate::recency;
use crate::simulation::{NoopObserver, Run};
use crate::stage::{Promise, Shared, Stage};
use crate::store::Folder;
use crate::wire::Wire;
use crate::world::{Kind, SavedPlan, lineage_of};

const SETTINGS: Settings = Settings {
    batch_size: 100,
    concurrency: 1,
    requests_per_minute: 1_000_000,
    job_timeout: Duration::from_millis(600),
    requested_by_user: false,
    jitter_seed: 7,
};

fn folder(stage: &Shared) -> Folder {
    Folder { stage: stage.clone() }
}

/// `cli::ledger::open`.
fn open<'f>(stage: &Shared, folder: &'f Folder) -> Option<Ledger<&'f Folder>> {
    open_checked(stage, folder, |stage, snapshot| match recency::of_snapshot(stage.machine(), snapshot) {
        Recency::Lost(_) => Err("the state is not the newest"),
        Recency::Behind(_) => Err("this branch is behind"),
        Recency::Newest | Recency::First => Ok(lineage_of(stage.here)),
    })
}

/// `cli::ledger::open_checked`.
fn open_checked<'f>(
    stage: &Shared,
    folder: &'f Folder,
    check: impl FnOnce(&mut Stage, &Snapshot) -> Result<String, &'static str>,
) -> Option<Ledger<&'f Folder>> {
    let holder = holder(stage.with(|stage| stage.here));
    let locked = match Locked::take(folder, &holder, Duration::ZERO) {
        Ok(locked) => locked,
        Err(error) => {
            stage.refuses(reason(&error));
            return None;
        }
    };
    let lineage = match stage.with(|stage| check(stage, locked.snapshot())) {
        Ok(lineage) => lineage,
        Err(why) => {
            stage.refuses(why);
            return None;
        }
    };
    let write = stage.with(Stage::name_write);
    let opening = Opening { identity: owner(), holder: &holder, by: None, lineage, write };
    match locked.open(&opening) {
        Ok((ledger, _)) => Some(ledger),
        Err(error) => {
            stage.refuses(reason(&error));
            None
        }
    }
}

fn reason(error: &StateError) -> &'static str {
    match error {
        StateError::Replaced { .. } => "the journal belongs to another state",
        StateError::Lock(_) => "locked",
        _ => "the state cannot be written",
    }
}

pub(crate) fn configuration(stage: &Shared) -> &'static Desired {
    stage.with(|stage| desired(stage.machine().tree.yaml))
}

fn plan_for(stage: &Shared, state: Option<&Document>, trust_upsert: bool, scope: &Scope) -> Plan {
    let desired = configuration(stage);
    let addressing = match stage.with(|stage| stage.world.rules.kind) {
        Kind::Matches => Addressing::Resource,
        Kind::MatchesById | Kind::MakesAnother => Addressing::Id,
    };
    build(&Inputs { desired, state, identity: owner(), addressing, trust_upsert, scope }).unwrap()
}

fn written(document: &Document) -> Option<&Document> {
    Some(document).filter(|document| document.serial > 0)
}

/// The state as a plan reads it, unless it is refused.
#[expect(clippy::option_option, reason = "refused, none, or some")]
fn readable(stage: &Shared) -> Option<Option<Document>> {
    let snapshot = folder(stage).read().unwrap();
    match stage.with(|stage| recency::of_snapshot(stage.machine(), &snapshot)) {
        Recency::Newest | Recency::First => {}
        Recency::Lost(_) | Recency::Behind(_) => {
            stage.refuses("the state is not the newest");
            return None;
        }
    }
    let Ok(state) = snapshot.effective() else {
        stage.refuses("the journal belongs to another state");
        return None;
    };
    state.as_ref().is_none_or(|state| is_consistent(stage, state)).then_some(state)
}

fn is_consistent(stage: &Shared, document: &Document) -> bool {
    let consistent = document.check_consistency(Path::new("state.json")).is_ok();
    if !consistent {
        stage.refuses("the state contradicts itself");
    }
    consistent
}

/// `certctl plan --out`.
pub(crate) fn save_plan(stage: &Shared) {
    let Some(state) = readable(stage) else { return };
    let plan = plan_for(stage, state.as_ref(), false, &Scope::default());
    if plan.has_changes() {
        stage.with(|stage| stage.machine().plan = Some(SavedPlan::new(&plan)));
    }
}

/// `certctl apply`.
pub(crate) fn apply(stage: &Shared) {
    let folder = folder(stage);
    let Some(ledger) = open(stage, &folder) else { return };
    if !is_consistent(stage, ledger.document()) {
        return;
    }
    let plan = plan_for(stage, written(ledger.document()), false, &Scope::default());
    if idle::is_idle(&plan) {
        let _ = ledger.checkpoint();
        return;
    }
    let executed = drive(stage, &plan, ledger, false);
    check_plan_after(stage, &plan, &executed);
}

/// `certctl apply PLAN`.
pub(crate) fn apply_saved(stage: &Shared, saved: &SavedPlan) {
    let Some(state) = readable(stage) else { return };
    if check_applicable(&saved.plan, owner(), state.as_ref(), false).is_err() {
        return stage.refuses("the plan does not fit");
    }
    let folder = folder(stage);
    let Some(ledger) = open(stage, &folder) else { return };
    if check_applicable(&saved.plan, owner(), written(ledger.document()), false).is_err() {
        return stage.refuses("the plan does not fit");
    }
    if idle::is_idle(&saved.plan) {
        let _ = ledger.checkpoint();
        return;
    }
    drive(stage, &saved.plan, ledger, false);
}

/// `certctl recover KEY --resend`.
pub(crate) fn resend(stage: &Shared, key: &Key) {
    let folder = folder(stage);
    let Some(ledger) = open(stage, &folder) else { return };
    let mut trial = ledger.document().clone();
    let at = stage.with(|stage| time(stage.world.clock));
    if trial.resolve(&mut IdIndex::of(ledger.document()), key, &Resolution::Resend, at).is_err() {
        return stage.refuses("not in doubt");
    }
    if !configuration(stage).templates.contains_key(key) {
        return stage.refuses("not configured");
    }
    let scope = Scope::of_keys(std::slice::from_ref(key));
    let plan = plan_for(stage, Some(ledger.document()), true, &scope);
    let was = ledger.document().templates.get(key).and_then(Row::operation);
    let cannot = |submission: &Submission| {
        submission.held.is_some()
            || submission.operation == Operation::Create && was == Some(Operation::Update)
    };
    if plan.entries.iter().filter_map(|entry| entry.action.submission()).any(cannot) {
        return stage.refuses("held back");
    }
    stage.with(|stage| stage.ordered.push(number(key)));
    drive(stage, &plan, ledger, true);
}

fn drive(stage: &Shared, plan: &Plan, ledger: Ledger<&Folder>, requested_by_user: bool) -> Executed {
    let clock = stage.with(|stage| time(stage.world.clock));
    let settings = Settings { requested_by_user, ..SETTINGS };
    let run = Run { plan, settings, clock, interrupted_at: None };
    run.execute(ledger, &Wire { stage: stage.clone() }, &mut NoopObserver).executed
}

/// Promise 5: the plan after an apply is empty, or names what failed, is pending, in doubt or held back.
fn check_plan_after(stage: &Shared, plan: &Plan, executed: &Executed) {
    let Ok(document) = &executed.state else { return };
    let after = plan_for(stage, written(document), false, &Scope::default());
    for entry in &after.entries {
        let Some(submission) = entry.action.submission() else { continue };
        let result = executed.report.results.iter().find(|result| result.key == entry.key);
        let done =
            result.is_some_and(|result| matches!(result.outcome, RowOutcome::Created | RowOutcome::Updated));
        // A row that waited for a job and was edited meanwhile is sent in the next run.
        let waits =
            |action: &Action| matches!(action, Action::Pending { .. } | Action::InDoubt { job: Some(_), .. });
        let waited = plan.entries.iter().any(|before| before.key == entry.key && waits(&before.action));
        let named = result.is_some() && (!done || waited);
        let fine = stage.with(|stage| stage.all_fine) && executed.report.outcome == RunOutcome::Complete;
        if !named && submission.held.is_none() || fine && !waited {
            stage.with(|stage| {
                stage.breaks(Promise::PlanAfterApplyIsEmpty, || {
                    format!("{} is still to do after an apply that ended well", entry.key)
                });
            });
        }
    }
}

/// `certctl state accept`.
pub(crate) fn accept(stage: &Shared) {
    let ahead = stage.with(|stage| recency::ahead(stage.machine()));
    let Some(lineage) = ahead.first().map(|file| file.document.lineage.clone()) else { return };
    let folder = folder(stage);
    let Some(mut ledger) = open_checked(stage, &folder, |_, _| Ok(lineage)) else { return };
    let others: Vec<Document> = ahead.iter().map(|file| file.document.clone()).collect();
    let at = stage.with(|stage| time(stage.world.clock));
    let record = certctl::state::accept(ledger.document(), &others, at);
    if ledger.record(&record).is_ok() {
        let _ = ledger.checkpoint();
    }
}

/// `cli::ledger::edit`: tried on a copy, recorded, then checkpointed.
pub(crate) fn edit(stage: &Shared, edit: impl FnOnce(&mut Document) -> Result<Vec<Record>, EditError>) {
    let folder = folder(stage);
    let Some(mut ledger) = open(stage, &folder) else { return };
    let mut trial = ledger.document().clone();
    if !is_consistent(stage, &trial) {
        return;
    }
    let Ok(mut records) = edit(&mut trial) else { return stage.refuses("not possible") };
    let recorded = match records.len() {
        0 => Ok(()),
        1 => ledger.record(&records.remove(0)),
        _ => ledger.record(&Record::Transaction { records }),
    };
    if recorded.is_ok() {
        let _ = ledger.checkpoint();
    }
}
