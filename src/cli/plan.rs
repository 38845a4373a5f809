//! `certctl plan`: compares the configuration with the state. It reads no credentials, opens no connection and writes
//! no state.

use std::mem::ManuallyDrop;

use super::args::{Common, Global, PlanArgs, ReportFormat, ReportTarget, Reports};
use super::context::{Context, report_state};
use super::failure::Failure;
use super::output::Output;
use super::recency::{BegunSearch, KnownVersions};
use crate::desired::Desired;
use crate::model::{Advice, Exit};
use crate::plan::{Inputs, Plan, Refusal, Scope, ScopeError, Warned, build, build_to_show, check};
use crate::report;
use crate::state::Document;

pub(super) fn run(global: &Global, args: &PlanArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load_with_templates(global, output)?;
    let allow_empty = args.common.allow_empty;
    let search = BegunSearch::begin(&context);
    let (desired, read) = context.desired_beside(|| context.read_state_and_mark(), allow_empty, output)?;
    // The process ends with this command, and the system takes its memory back at once; dropping every value would take
    // a tenth of the run.
    let desired = ManuallyDrop::new(desired);
    output.protect_files(context.template_files(&desired));
    output.can_write(args.common.reports.files().chain(args.out.as_deref()))?;
    let (snapshot, writer) = report_state(read, output)?;
    let known = KnownVersions::look_on(&context, &snapshot, output, search);
    known.refuse_lost()?;
    let state = ManuallyDrop::new(context.state_so_far(snapshot, &writer)?);
    state.iter().try_for_each(|state| context.check_consistency(state))?;
    let build = if is_document(args, output) { build } else { build_to_show };
    let mut plan = ManuallyDrop::new(compute_by(build, &context, &desired, state.as_ref(), &args.common)?);
    let mut refusals =
        refusals(&check(&plan, state_size(state.as_ref()), context.limits(args.common.max_changes)), output);
    match known.behind() {
        // A plan saved now could not be applied.
        Some(behind) if args.out.is_some() => refusals.insert(0, behind),
        _ => plan
            .warnings
            .splice(..0, known.notice(state.as_ref()).into_iter().map(Warned::from))
            .for_each(drop),
    }
    report_plan(&plan, &refusals, &args.common.reports, output)?;
    if output.is_json() {
        output.data(&json(&plan)?)?;
    } else {
        let style = output.style().compact(args.common.reports.compact);
        output.text(&report::plan_text(&plan, style, output.commands()))?;
    }
    if !refusals.is_empty() {
        // The document on stdout has the plan; the refusals are printed beside it.
        for refusal in &refusals {
            output.say(&format!("refused: {refusal}"));
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

fn refusals(refusals: &[Refusal], output: &Output) -> Vec<String> {
    let words = |refusal: &Refusal| refusal.help().below(&refusal.to_string(), output.commands());
    refusals.iter().map(words).collect()
}

/// Writes the requested reports of a plan.
pub(super) fn report_plan(
    plan: &Plan,
    refusals: &[String],
    reports: &Reports,
    output: &Output,
) -> Result<(), Failure> {
    output.reports(&reports.targets, |format| match format {
        ReportFormat::Html => Ok(report::html::plan(plan, refusals, output.commands())?),
        ReportFormat::Json => json(plan),
        ReportFormat::Markdown => {
            Ok(report::markdown::plan(plan, refusals, output.commands(), reports.limit()))
        }
    })
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
    let scope = Scope::parse(&common.target, &common.exclude)?;
    let plan = build(&Inputs {
        desired,
        state,
        identity: &context.identity,
        addressing: context.environment.api.addressing,
        trust_upsert: context.environment.api.trust_upsert,
        scope: &scope,
    })?;
    Ok(Plan { max_changes: common.max_changes, ..plan.with_fields(&context.fields) })
}

/// Returns the number of templates in the state.
pub(super) fn state_size(state: Option<&Document>) -> usize {
    state.map_or(0, |state| state.templates.len())
}

/// Returns the plan as a JSON document.
pub(super) fn json(plan: &Plan) -> Result<String, Failure> {
    report::json::plan(plan)
        .map_err(|error| Failure::error(format!("cannot write the plan as JSON: {error}")))
}
