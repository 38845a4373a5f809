//! `certctl plan`: compares the configuration with the state. It reads no credentials, opens no connection and writes
//! no state.

use std::mem::ManuallyDrop;
use std::path::Path;

use super::args::{Common, Global, PlanArgs, ReportFormat, ReportTarget, Reports};
use super::context::{Context, ReadState, report_state};
use super::copied_state;
use super::failure::Failure;
use super::output::Output;
use super::recency::{BegunSearch, KnownVersions};
use crate::desired::Desired;
use crate::model::{Advice, Exit};
use crate::plan::{Inputs, Plan, Refusal, ScopeError, Warned, build, build_to_show, check};
use crate::report;
use crate::state::Document;
use crate::view::{Note, PlanView, Words};

pub(super) fn run(global: &Global, args: &PlanArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load_with_templates(global, output)?;
    let allow_empty = args.common.allow_empty;
    let search = if args.state.is_none() { BegunSearch::begin(&context) } else { None };
    let read_state = || args.state.is_none().then(|| context.read_state());
    let (desired, read) = context.desired_beside(read_state, allow_empty, output)?;
    // The process ends with this command, and the system takes its memory back at once; dropping every value would take
    // a tenth of the run.
    let desired = ManuallyDrop::new(desired);
    output.protect_files(context.template_files(&desired));
    output.can_write(args.common.reports.files().chain(args.out.as_deref()))?;
    output.protect_files(args.state.iter().map(|file| (file.clone(), "a copy of the state")));
    let (state, known) = match (read, &args.state) {
        (Some(read), _) => own_state(&context, read, search, output)?,
        (None, Some(file)) => (Some(copied_state(&context, file, output)?), None),
        (None, None) => (None, None),
    };
    let state = ManuallyDrop::new(state);
    state.iter().try_for_each(|state| context.check_consistency(state))?;
    let build = if is_document(args, output) { build } else { build_to_show };
    let mut plan = ManuallyDrop::new(compute_by(build, &context, &desired, state.as_ref(), &args.common)?);
    let limits = context.limits(args.common.max_changes);
    let mut refusals: Vec<Note> =
        check(&plan, state_size(state.as_ref()), limits).iter().map(refusal_note).collect();
    match known.as_ref().and_then(KnownVersions::behind) {
        // A plan saved now could not be applied.
        Some(behind) if args.out.is_some() => refusals.insert(0, Note::of(Words::message(behind))),
        _ => plan
            .warnings
            .splice(..0, known.and_then(|known| known.notice(state.as_ref())).into_iter().map(Warned::from))
            .for_each(drop),
    }
    let view = PlanView::new(&plan, refusals);
    report_plan(&plan, &view, &args.common.reports, output)?;
    print_plan(&plan, &view, &args.common.reports, output)?;
    if !view.refusals.is_empty() {
        // The document on stdout has the plan; the refusals are printed beside it.
        for refusal in &view.refusals {
            output.say(&format!("refused: {}", report::note_text(&refusal.note, output.commands())));
        }
        return Ok(Exit::Refused);
    }
    if let Some(file) = &args.out {
        output.file(file, &json(&plan)?)?;
        let apply = output.command(&Advice::ApplyPlan { file: file.clone(), environment: None });
        output.note(&format!("Saved the plan. To apply exactly this: {apply}"));
    }
    Ok(if args.detailed_exitcode && plan.has_changes() { Exit::Changes } else { Exit::Ok })
}

/// Returns the environment's own state, and what is known of newer ones.
fn own_state<'a>(
    context: &'a Context,
    read: ReadState,
    search: Option<BegunSearch>,
    output: &'a Output,
) -> Result<(Option<Document>, Option<KnownVersions<'a>>), Failure> {
    let (snapshot, writer) = report_state(read, output)?;
    let known = KnownVersions::look_on(context, &snapshot, output, search);
    known.refuse_lost()?;
    Ok((context.state_so_far(snapshot, &writer)?, Some(known)))
}

/// Returns a copy of the state, which must not be older than what this machine wrote.
fn copied_state(context: &Context, file: &Path, output: &Output) -> Result<Document, Failure> {
    let document = copied_state::read(context, file)?;
    copied_state::refuse_old(context, file, &document, output)?;
    Ok(document)
}

fn refusal_note(refusal: &Refusal) -> Note {
    Note::of(Words::text(refusal.to_string())).below(&refusal.help())
}

/// Writes the requested reports of a plan.
pub(super) fn report_plan(
    plan: &Plan,
    view: &PlanView<'_>,
    reports: &Reports,
    output: &Output,
) -> Result<(), Failure> {
    output.reports(&reports.targets, |format| match format {
        ReportFormat::Html => Ok(report::html::plan(view, output.commands())?),
        ReportFormat::Json => json(plan),
        ReportFormat::Markdown => Ok(report::markdown::plan(view, output.commands(), reports.limit())),
    })
}

/// Prints a plan for people or for programs.
pub(super) fn print_plan(
    plan: &Plan,
    view: &PlanView<'_>,
    reports: &Reports,
    output: &Output,
) -> Result<(), Failure> {
    if output.is_json() {
        return output.data(&json(plan)?);
    }
    let style = output.style().compact(reports.compact);
    output.text(&report::terminal::plan(view, style, output.commands()))
}

/// Returns whether the plan is written as a document.
fn is_document(args: &PlanArgs, output: &Output) -> bool {
    let is_json = |target: &ReportTarget| target.format == ReportFormat::Json;
    args.out.is_some() || output.is_json() || args.common.reports.targets.iter().any(is_json)
}

/// Computes the plan for this environment.
pub(super) fn compute(
    context: &Context,
    desired: &Desired,
    state: Option<&Document>,
    common: &Common,
) -> Result<Plan, Failure> {
    compute_by(build, context, desired, state, common)
}

fn compute_by(
    build: impl Fn(&Inputs<'_>) -> Result<Plan, ScopeError>,
    context: &Context,
    desired: &Desired,
    state: Option<&Document>,
    common: &Common,
) -> Result<Plan, Failure> {
    let scope = common.targets.scope()?;
    let plan = build(&Inputs {
        desired,
        state,
        identity: &context.identity,
        addressing: context.environment.api.addressing,
        trust_upsert: context.environment.api.trust_upsert,
        scope: &scope,
    })?;
    let mut plan = Plan { max_changes: common.max_changes, ..plan.with_fields(&context.fields) };
    plan.warnings.splice(..0, context.store.notice().map(Warned::from));
    Ok(plan)
}

/// Returns the number of templates in the state.
pub(super) fn state_size(state: Option<&Document>) -> usize {
    state.map_or(0, |state| state.templates.len())
}

/// Returns the plan as a JSON document.
pub(super) fn json(plan: &Plan) -> Result<String, Failure> {
    plan.to_text().map_err(|error| Failure::error(format!("cannot write the plan as JSON: {error}")))
}
