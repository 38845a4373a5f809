//! The commands, each the recipe of its file in `src/cli` over a simulated folder and network: the ledger, the plan, the
//! driver and the edits are the real ones.

use std::sync::Arc;
use std::time::Duration;

use certctl::apply::{Executed, Exit, Nobody, RowOutcome, Settings, execute, idle};
use certctl::desired::Desired;
use certctl::model::{Addressing, Key};
use certctl::plan::{Action, Inputs, Plan, Scope, Submission, build, fits};
use certctl::state::{
    Deed, Document, EditError, JournalFit, Ledger, Opening, Owners, Record, Row, Settlement, StateError,
    Store as _,
};

use crate::estate::{desired, holder, number, owner, time};
use crate::stage::{Promise, Shared, Stage};
use crate::store::Folder;
use crate::wire::Wire;
use crate::world::{Kind, SavedPlan};

const SETTINGS: Settings = Settings {
    batch_size: 100,
    concurrency: 1,
    requests_per_minute: 1_000_000,
    job_timeout: Duration::from_millis(600),
    by_order: false,
    jitter_seed: 7,
};

fn folder(stage: &Shared) -> Folder {
    Folder { stage: stage.clone() }
}

/// `cli::ledger::open`.
fn open<'f>(stage: &Shared, folder: &'f Folder) -> Option<Ledger<'f, Folder>> {
    let machine = stage.with(|stage| stage.here);
    let lineage = format!("aaaaaaaa-0000-4000-8000-{machine:012}");
    let holder = holder(machine);
    let write = stage.with(Stage::name_write);
    let wait = Duration::ZERO;
    let opening = Opening { owner: owner(), holder: &holder, lineage, write, wait };
    match Ledger::open(folder, &opening) {
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

fn configuration(stage: &Shared) -> &'static Desired {
    stage.with(|stage| desired(stage.machine().tree.yaml))
}

fn plan_for(stage: &Shared, state: Option<&Document>, trust_upsert: bool, scope: &Scope) -> Plan {
    let desired = configuration(stage);
    let addressing = match stage.with(|stage| stage.world.rules.kind) {
        Kind::Matches => Addressing::Resource,
        Kind::MatchesById | Kind::MakesAnother => Addressing::Id,
    };
    build(&Inputs { desired, state, owner: owner(), addressing, trust_upsert, scope }).unwrap()
}

fn written(document: &Document) -> Option<&Document> {
    Some(document).filter(|document| document.serial > 0)
}

/// The state as a plan sees it, unless it is refused.
fn effective(stage: &Shared) -> Result<Option<Document>, JournalFit> {
    folder(stage).read().unwrap().effective()
}

/// `certctl plan --out`.
pub(crate) fn save_plan(stage: &Shared) {
    let Ok(state) = effective(stage) else {
        return stage.refuses("the journal belongs to another state");
    };
    let plan = plan_for(stage, state.as_ref(), false, &Scope::default());
    if plan.has_changes() {
        stage.with(|stage| stage.machine().plan = Some(SavedPlan::new(&plan)));
    }
}

/// `certctl apply`.
pub(crate) async fn apply(stage: &Shared) {
    let folder = folder(stage);
    let Some(ledger) = open(stage, &folder) else { return };
    let plan = plan_for(stage, written(ledger.document()), false, &Scope::default());
    if idle::is_idle(&plan) {
        let _ = ledger.fold();
        return;
    }
    let executed = drive(stage, &plan, ledger, false).await;
    check_plan_after(stage, &plan, &executed);
}

/// `certctl apply PLAN`.
pub(crate) async fn apply_saved(stage: &Shared, saved: Arc<SavedPlan>) {
    let Ok(state) = effective(stage) else {
        return stage.refuses("the journal belongs to another state");
    };
    if fits(&saved.plan, owner(), state.as_ref(), false).is_err() {
        return stage.refuses("the plan does not fit");
    }
    let folder = folder(stage);
    let Some(ledger) = open(stage, &folder) else { return };
    if fits(&saved.plan, owner(), written(ledger.document()), false).is_err() {
        return stage.refuses("the plan does not fit");
    }
    if idle::is_idle(&saved.plan) {
        let _ = ledger.fold();
        return;
    }
    drive(stage, &saved.plan, ledger, false).await;
}

/// `certctl recover KEY --resend`.
pub(crate) async fn resend(stage: &Shared, key: &Key) {
    let folder = folder(stage);
    let Some(ledger) = open(stage, &folder) else { return };
    let mut trial = ledger.document().clone();
    let at = stage.with(|stage| time(stage.world.clock));
    if trial.settle(&mut Owners::of(ledger.document()), key, &Settlement::Resend, at).is_err() {
        return stage.refuses("not in doubt");
    }
    if !configuration(stage).templates.contains_key(key) {
        return stage.refuses("not configured");
    }
    let scope = Scope::of_keys(std::slice::from_ref(key));
    let plan = plan_for(stage, Some(ledger.document()), true, &scope);
    let was = ledger.document().templates.get(key).and_then(Row::deed);
    let cannot = |submission: &Submission| {
        submission.held.is_some() || submission.deed == Deed::Create && was == Some(Deed::Update)
    };
    if plan.entries.iter().filter_map(|entry| entry.action.submission()).any(cannot) {
        return stage.refuses("held back");
    }
    stage.with(|stage| stage.ordered.push(number(key)));
    drive(stage, &plan, ledger, true).await;
}

async fn drive(stage: &Shared, plan: &Plan, ledger: Ledger<'_, Folder>, by_order: bool) -> Executed {
    let clock = stage.with(|stage| stage.world.clock);
    let now = move || time(clock);
    let (_running, interrupted) = tokio::sync::watch::channel(false);
    let world = certctl::apply::World { now: &now, interrupted };
    let wire = Wire { stage: stage.clone() };
    let settings = Settings { by_order, ..SETTINGS };
    execute(plan, ledger, &wire, settings, &world, &mut Nobody).await
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
        // What waited for a job and was edited meanwhile has its turn in the next run.
        let waits =
            |action: &Action| matches!(action, Action::Pending { .. } | Action::InDoubt { job: Some(_), .. });
        let waited = plan.entries.iter().any(|before| before.key == entry.key && waits(&before.action));
        let named = result.is_some() && (!done || waited);
        let fine = stage.with(|stage| stage.all_fine) && executed.report.outcome == Exit::Ok;
        if !named && submission.held.is_none() || fine && !waited {
            stage.with(|stage| {
                stage.breaks(Promise::PlanAfterApplyIsEmpty, || {
                    format!("{} is still to do after an apply that ended well", entry.key)
                });
            });
        }
    }
}

/// `cli::ledger::edit`: tried on a copy, recorded, folded.
pub(crate) fn edit(stage: &Shared, edit: impl FnOnce(&mut Document) -> Result<Vec<Record>, EditError>) {
    let folder = folder(stage);
    let Some(mut ledger) = open(stage, &folder) else { return };
    let mut trial = ledger.document().clone();
    let Ok(mut records) = edit(&mut trial) else { return stage.refuses("not possible") };
    let recorded = match records.len() {
        0 => Ok(()),
        1 => ledger.record(&records.remove(0)),
        _ => ledger.record(&Record::Together { records }),
    };
    if recorded.is_ok() {
        let _ = ledger.fold();
    }
}
