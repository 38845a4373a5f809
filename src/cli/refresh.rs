//! `certctl refresh`: takes what was seen of the server as what it holds. It sends nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::args::{Global, RefreshArgs};
use super::context::{Context, state_path};
use super::drift::{chosen, scope};
use super::failure::Failure;
use super::ledger::{now, open, record};
use super::observation::{another_instance, doubt_old, no_source, observation};
use super::output::Output;
use super::signals;
use super::yaml_edits::{YamlEdits, as_seen};
use crate::inventory::{Drift, ExplainedDrift, Observation, check_instance, drift};
use crate::model::{Advice, Exit, Key};
use crate::report::{self, Results};
use crate::state::{Document, Store as _};
use crate::view::{DriftContext, DriftView};

pub(super) fn run(global: &Global, args: &RefreshArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global, output)?;
    if !args.observation.is_given() {
        return Err(no_source());
    }
    if context.effective_state(context.store.read()?)?.is_none() {
        let state = state_path(&context.store);
        return Err(Failure::error(format!(
            "there is no state at {state} yet, so there is nothing to refresh"
        )));
    }
    let mut observation = observation(&context, &args.observation, output)?;
    // From here on this process is the only writer. What is shown is made from the locked state.
    let ledger = open(&context, global, "refresh", output)?;
    let document = ledger.document().clone();
    context.check_consistency(&document)?;
    doubt_old(&context, &mut observation, &document);
    check_instance(&observation, &document, std::iter::empty())
        .map_err(|other| another_instance(&context, other))?;
    let keys: BTreeSet<Key> = document.templates.keys().cloned().collect();
    let scope = scope(&args.targets, &keys)?;
    let drift = chosen(drift(&observation, &document), &document, &scope);
    // What is meant is not taken: the state keeps what it has, and `drift` goes on to tell of it.
    let mut explained = drift.explained_by(&context.config.ignored_drift, now().utc_date(), &keys);
    explained.idle.clear();
    show(&context, &observation, &document, &explained, args, output)?;
    let ExplainedDrift { drift, .. } = &explained;
    let edits = edits(&context, drift, args, output)?;
    let records = drift.records(now());
    if !records.is_empty() {
        approve(&context, args, output)?;
    }
    document.clone().edit_all(&records)?;
    // A signal at the prompt means no; from here on it waits for the write.
    let _hold = signals::hold();
    // The YAML comes first: once the state has what was seen, nothing differs, and another run would write no YAML.
    let written = edits.map_or(Ok(Vec::new()), |edits| edits.write(&context))?;
    record(ledger, records, output)?;
    let exit = if observation.findings.is_empty() { Exit::Ok } else { Exit::Partial };
    tell(&context, exit, &observation, &document, &explained, &written, output)?;
    Ok(exit)
}

/// Shows what is taken, and what is not.
fn show(
    context: &Context,
    observation: &Observation,
    document: &Document,
    explained: &ExplainedDrift<'_>,
    args: &RefreshArgs,
    output: &Output,
) -> Result<(), Failure> {
    let selection = args.targets.scope()?.selection();
    let view = DriftView::new(
        DriftContext {
            environment: &context.environment.name,
            url: &context.identity.url,
            observation,
            document,
            explained,
            fields: &context.fields,
            findings: &observation.findings,
            selection: selection.as_ref(),
            is_taken: true,
        },
        Vec::new(),
    );
    output.left_out(&observation.findings);
    output.text(&report::terminal::drift(&view, output.style(), output.commands()))?;
    output.text(&report::learned(&explained.drift, document, output.style(), output.commands()))
}

/// Decides what is taken into the YAML, if that is wanted, and shows it.
fn edits(
    context: &Context,
    drift: &Drift,
    args: &RefreshArgs,
    output: &Output,
) -> Result<Option<YamlEdits>, Failure> {
    if !args.write {
        return Ok(None);
    }
    let desired = context.desired(true, output)?;
    let edits = YamlEdits::of(context, &desired, &as_seen(&desired, drift));
    output.text(&report::yaml_lines(&edits.edited, &edits.by_hand, output.style()))?;
    Ok(Some(edits))
}

/// Asks, unless that was answered on the command line.
fn approve(context: &Context, args: &RefreshArgs, output: &Output) -> Result<(), Failure> {
    if args.auto_approve {
        return Ok(());
    }
    if !Output::can_ask() {
        let why = "refresh asks for confirmation and needs a terminal for that. Nothing was recorded";
        let again = Advice::Again { auto_approve: true, max_changes: None };
        return Err(Failure::error(why).run("To record it without a question", again));
    }
    let question = format!("Record this as what {} holds?", context.environment.name);
    if output.confirms(&question) {
        return Ok(());
    }
    Err(Failure::error("not approved: nothing was recorded"))
}

/// Says what was recorded.
fn tell(
    context: &Context,
    exit: Exit,
    observation: &Observation,
    document: &Document,
    explained: &ExplainedDrift<'_>,
    written: &[PathBuf],
    output: &Output,
) -> Result<(), Failure> {
    let state = state_path(&context.store);
    let drift = &explained.drift;
    output.text(&report::refreshed(drift, &state, output.commands()))?;
    output.text(&context.environment_line())?;
    output.results(&Results {
        command: "refresh",
        environment: &context.environment.name,
        exit,
        observation: Some(observation),
        keys: report::refresh_results(explained, document, output.commands()),
        state: &state,
        unmanaged: &drift.unmanaged,
        written,
    })
}
