//! `certctl apply`: makes or reads a plan, asks, submits, records, and reports. It never sends anything before the
//! state is locked and the user has agreed.

use std::path::PathBuf;

use super::args::{ApplyArgs, Global, ReportFormat, Reports};
use super::context::{Context, state_path};
use super::failure::Failure;
use super::invocation::SAVED_PLAN;
use super::ledger::{now, open};
use super::network::NoServer;
use super::output::Output;
use super::plan::{compute, state_size};
use super::progress::Progress;
use super::recency::KnownVersions;
use super::sandbox::Embedded;
use super::store::StateStore;
use super::{network, resources, show, signals};
use crate::api::Client;
use crate::apply::{
    Engine, Executed, RunContext, RunOutcome, RunReport, Settings, execute, idle, planned_rows,
};
use crate::config::{ServerAddress, api_key};
use crate::desired::Desired;
use crate::model::{Advice, ApiKey, Exit, Help};
use crate::plan::{Plan, StalePlan, check, check_applicable, check_orphans, check_recordable};
use crate::report;
use crate::state::{AsyncLedger, Document, Ledger, Store as _};
use crate::view::{PlanView, RunView};

/// The origin of a plan: a saved file, or the current configuration.
enum PlanSource {
    Saved(Box<Plan>),
    Desired(Desired),
}

pub(super) fn run(global: &Global, args: &ApplyArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load_with_templates(global, output)?;
    output.protect_files(args.plan.iter().map(|file| show::saved_plan(file)));
    let source = source(&context, global, args, output)?;
    if let PlanSource::Desired(desired) = &source {
        output.protect_files(context.template_files(desired));
    }
    output.can_write(args.common.reports.files())?;
    let snapshot = context.store.read()?;
    let interrupted = !snapshot.journal.is_empty();
    let known = KnownVersions::look(&context, &snapshot, output);
    known.refuse_old()?;
    let state = context.effective_state(snapshot)?;
    state.iter().try_for_each(|state| context.check_consistency(state))?;
    let plan = checked_plan(&context, &source, state.as_ref(), args)?;
    if args.plan.is_some() && plan.not_configured().next().is_some() {
        // Templates are read as far as possible: applying a saved plan does not need them.
        let in_yaml = context.in_yaml();
        check_orphans(&plan, |key| in_yaml(key) == report::InYaml::Yes)
            .map_err(|misfit| unfit(&misfit, &plan, args))?;
    }
    if idle::is_idle(&plan) && !interrupted {
        show_plan(&plan, args, output)?;
        return Ok(finish(&context, &idle::report(&plan, state.as_ref(), false), args, output));
    }
    approvable(args)?;
    let early = destination(&context, &plan)?;

    // From here on this process is the only writer. The plan shown is made from the locked state.
    let ledger = open(&context, global, "apply", output)?;
    context.check_consistency(ledger.document())?;
    let plan =
        checked_plan(&context, &source, Some(ledger.document()).filter(|state| state.serial > 0), args)?;
    show_plan(&plan, args, output)?;
    if idle::is_idle(&plan) {
        let state = ledger.checkpoint()?;
        return Ok(finish(&context, &idle::report(&plan, Some(&state), interrupted), args, output));
    }
    let needs_asking = args.plan.is_none() && !args.auto_approve;
    // The locked state may need a server even if the earlier version did not.
    let destination = match early {
        Destination::Nowhere => destination(&context, &plan)?,
        known => known,
    };
    if needs_asking && !output.confirms(&format!("Submit this to {}?", name_and_url(&plan))) {
        return Err(Failure::error("not approved: nothing was sent"));
    }
    // A signal needs an orderly end only from here on; at the prompt it means no.
    let _hold = signals::hold_sending(&context.store);
    let mut executed = drive(&context, &plan, ledger, destination, false, output)?;
    executed.report.state_has_changed |= interrupted;
    if let Err(error) = &executed.state
        && executed.report.requests == 0
    {
        output.say(&format!("error: {error}"));
    }
    Ok(finish(&context, &executed.report, args, output))
}

fn source(
    context: &Context,
    global: &Global,
    args: &ApplyArgs,
    output: &Output,
) -> Result<PlanSource, Failure> {
    if let Some(file) = &args.plan {
        if args.common.targets.is_given() {
            return Err(Failure::error(
                "a saved plan is applied as it is: --target and --exclude are for the command that saves it",
            ));
        }
        if !global.vars.is_empty() {
            return Err(Failure::error(
                "a saved plan is applied as it is, with the values that it was made with: --var is for the command that saves it",
            ));
        }
        let plan = show::read(file)?;
        output.is_about_plan(&plan);
        let submissions =
            plan.entries.iter().filter_map(|entry| Some((&entry.key, entry.action.submission()?)));
        let attributes = submissions.map(|(key, submission)| (key.clone(), submission.after.clone()));
        context.is_about(attributes.collect());
        return Ok(PlanSource::Saved(Box::new(plan)));
    }
    if context.environment.safety.require_saved_plan {
        return Err(Failure::refused("this environment applies saved plans only (require_saved_plan)")
            .helped(through_a_saved_plan("have it reviewed, then")));
    }
    Ok(PlanSource::Desired(context.desired(args.common.allow_empty, output)?))
}

/// Returns the environment's name, with its URL if the name alone does not identify it.
fn name_and_url(plan: &Plan) -> String {
    if plan.environment == plan.url {
        plan.url.clone()
    } else {
        format!("{} ({})", plan.environment, plan.url)
    }
}

/// Returns the plan if it fits the state and keeps within the limits.
fn checked_plan(
    context: &Context,
    source: &PlanSource,
    state: Option<&Document>,
    args: &ApplyArgs,
) -> Result<Plan, Failure> {
    let plan = match source {
        PlanSource::Saved(plan) => {
            check_applicable(plan, &context.identity, state, context.environment.api.trust_upsert)
                .map_err(|misfit| unfit(&misfit, plan, args))?;
            if plan.addressing != context.environment.api.addressing {
                return Err(Failure::refused(
                    "this plan was made with another `addressing` than certctl.toml has now",
                )
                .helped(again(plan, args)));
            }
            plan.as_ref().clone()
        }
        PlanSource::Desired(desired) => compute(context, desired, state, &args.common)?,
    };
    // A limit that was allowed when the plan was made and reviewed is still allowed.
    let allowed = args.common.max_changes.or(plan.max_changes);
    let refusals = check(&plan, state_size(state), context.limits(allowed));
    if !refusals.is_empty() {
        return Err(Failure::refusals(&refusals));
    }
    check_recordable(&plan, state).map_err(Failure::error)?;
    Ok(plan)
}

fn unfit(misfit: &StalePlan, plan: &Plan, args: &ApplyArgs) -> Failure {
    let help = args.plan.as_deref().map(|file| misfit.help(plan, file)).unwrap_or_default();
    Failure::refused(misfit.to_string()).helped(help)
}

fn again(plan: &Plan, args: &ApplyArgs) -> Help {
    args.plan.as_deref().map(|file| plan.make_again(file)).unwrap_or_default()
}

/// Advises to save a plan first and to apply that.
pub(super) fn through_a_saved_plan(between: &str) -> Help {
    let file = || PathBuf::from(SAVED_PLAN);
    Help::none()
        .run("Save a plan", Advice::PlanOut { file: file(), like: None })
        .run(between, Advice::ApplyPlan { file: file(), environment: None })
}

fn approvable(args: &ApplyArgs) -> Result<(), Failure> {
    if args.plan.is_some() || args.auto_approve || Output::can_ask() {
        return Ok(());
    }
    Err(Failure::error("apply asks for confirmation and needs a terminal for that. Nothing was sent")
        .run("To submit it without a question", Advice::Again { auto_approve: true, max_changes: None })
        .helped(through_a_saved_plan("and once it has been reviewed")))
}

/// Where a run sends its requests.
pub(super) enum Destination {
    /// The embedded server, which ends with the run.
    Embedded,
    /// The environment's server, with this API key.
    Remote(ApiKey),
    /// Nowhere: only the state changes.
    Nowhere,
}

impl Destination {
    /// Chooses the server of the environment, and reads its API key if it needs one.
    pub(super) fn of(context: &Context) -> Result<Self, Failure> {
        match context.environment.server {
            ServerAddress::Sandbox => Ok(Self::Embedded),
            ServerAddress::Remote(_) => {
                let lookup = |name: &str| std::env::var_os(name);
                Ok(Self::Remote(api_key(&context.environment, &context.config.root, &lookup)?))
            }
        }
    }
}

fn destination(context: &Context, plan: &Plan) -> Result<Destination, Failure> {
    if idle::asks_server(plan) { Destination::of(context) } else { Ok(Destination::Nowhere) }
}

fn show_plan(plan: &Plan, args: &ApplyArgs, output: &Output) -> Result<(), Failure> {
    let style = output.style().compact(args.common.reports.compact);
    let view = PlanView::new(plan, Vec::new());
    output.text(&report::terminal::plan(&view, style, output.commands()))
}

/// Carries out a plan, and starts the embedded server if the environment uses it. `requested_by_user` is true if a
/// person asked to resend rows in doubt.
pub(super) fn drive(
    context: &Context,
    plan: &Plan,
    mut ledger: Ledger<StateStore>,
    destination: Destination,
    requested_by_user: bool,
    output: &Output,
) -> Result<Executed, Failure> {
    let api = &context.environment.api;
    let settings = Settings {
        batch_size: api.batch_size,
        concurrency: api.concurrency,
        requests_per_minute: api.requests_per_minute,
        job_timeout: api.job_timeout,
        requested_by_user,
        jitter_seed: u64::from(std::process::id()),
    };
    resources::spare_files(resources::files_for_requests(api.concurrency))?;
    ledger.plans(&|| planned_rows(plan))?;
    network::run(async {
        let client = |root: &str, key: &ApiKey| {
            Client::new(root, key, api.timeout).map_err(|error| Failure::error(error.to_string()))
        };
        let context_of_run = RunContext { now: &now, interrupted: signals::asked() };
        let engine = Engine::new(plan, ledger.document(), settings);
        let mut progress = Progress::new(output);
        let executed = match destination {
            Destination::Embedded => {
                let server = Embedded::start(context.store.path(), ledger.document(), output).await?;
                let client = client(&server.url(), server.key())?;
                let ledger = on_its_own_thread(ledger)?;
                let executed = execute(engine, ledger, &client, &context_of_run, &mut progress).await;
                server.stop().await;
                executed
            }
            Destination::Remote(key) => {
                let client = client(&plan.url, &key)?;
                let ledger = on_its_own_thread(ledger)?;
                execute(engine, ledger, &client, &context_of_run, &mut progress).await
            }
            Destination::Nowhere => {
                let ledger = on_its_own_thread(ledger)?;
                execute(engine, ledger, &NoServer, &context_of_run, &mut progress).await
            }
        };
        progress.end();
        Ok(executed)
    })?
}

fn on_its_own_thread(ledger: Ledger<StateStore>) -> Result<AsyncLedger, Failure> {
    AsyncLedger::start(ledger).map_err(|error| resources::no_thread(&error))
}

fn finish(context: &Context, report: &RunReport, args: &ApplyArgs, output: &Output) -> Exit {
    report_run(context, report, Some(&args.common.reports), output)
}

/// Prints the result of a run and writes the requested reports.
pub(super) fn report_run(
    context: &Context,
    report: &RunReport,
    reports: Option<&Reports>,
    output: &Output,
) -> Exit {
    let rest = report.rest.within(context.limits(None));
    let report = &RunReport { rest, ..report.clone() };
    let state = state_path(&context.store);
    let view = RunView::new(report, &state);
    let json = || {
        let text = report.advised(output.commands()).to_text();
        text.map_err(|error| Failure::error(format!("cannot write the result as JSON: {error}")))
    };
    // The run is done and recorded. If its result cannot be printed, say so, and do not report success.
    if report.state_is_whole {
        output.has_recorded();
    }
    let printed = if output.is_json() {
        json().and_then(|text| output.data(&text))
    } else if !report.results.is_empty() || report.requests > 0 || report.stopped.is_some() {
        output.text(&report::terminal::run(&view, output.style(), output.commands()))
    } else {
        Ok(())
    };
    let written = reports.map_or(Ok(()), |reports| {
        output.reports(&reports.targets, |format| match format {
            ReportFormat::Html => Ok(report::html::run(&view, output.commands())?),
            ReportFormat::Json => json(),
            ReportFormat::Markdown => Ok(report::markdown::run(&view, output.commands(), reports.limit())),
        })
    });
    let failures: Vec<Failure> = [printed, written].into_iter().filter_map(Result::err).collect();
    for failure in &failures {
        output.say(&format!("error: {}", failure.message));
    }
    match report.outcome {
        RunOutcome::Complete if !failures.is_empty() => Exit::Error,
        outcome => exit_of(outcome),
    }
}

/// Maps how a run ended to the exit code of the process.
fn exit_of(outcome: RunOutcome) -> Exit {
    match outcome {
        RunOutcome::Complete => Exit::Ok,
        RunOutcome::NothingSent => Exit::Error,
        RunOutcome::Partial => Exit::Partial,
        RunOutcome::InDoubt => Exit::InDoubt,
        RunOutcome::Interrupted => Exit::Interrupted,
    }
}
