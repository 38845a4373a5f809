//! `certctl drift`: compares what was seen of the server with the state. It sends nothing and records nothing.

use std::collections::BTreeSet;

use super::args::{DriftArgs, Global, ReportFormat, TargetArgs};
use super::context::{Context, report_state, state_path};
use super::failure::Failure;
use super::ledger::now;
use super::named_file;
use super::observation::{another_instance_words, doubt_old, observation};
use super::output::Output;
use super::recency::{BegunSearch, KnownVersions};
use crate::inventory::{Drift, FieldTable, IdleReason, check_instance, drift, read_fields};
use crate::model::{Exit, Finding, Key};
use crate::plan::{KnownKeys, Scope};
use crate::report;
use crate::state::Document;
use crate::view::{DriftContext, DriftView, Note, Words};

pub(super) fn run(global: &Global, args: &DriftArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global, output)?;
    output.protect_files(args.observation.files().map(|file| (file.to_owned(), "an export that is read")));
    output.can_write(args.reports.files())?;
    let (document, mut doubts) = state(&context, output)?;
    let keys: BTreeSet<Key> = document.templates.keys().cloned().collect();
    let scope = scope(&args.targets, &keys)?;
    let mut observation = observation(&context, &args.observation, output)?;
    doubt_old(&context, &mut observation, &document);
    if let Err(other) = check_instance(&observation, &document, std::iter::empty()) {
        let (message, help) = another_instance_words(&context, other);
        doubts.push(Note::of(Words::message(message)).say(Words::message(help)));
    }
    let named = named_fields(args)?;
    let fields = named.beside(&context.fields);
    let drift = chosen(drift(&observation, &document), &document, &scope);
    let selection = scope.selection();
    let mut explained = drift.explained_by(&context.config.ignored_drift, now().utc_date(), &keys);
    if selection.is_some() {
        // What was left out may differ in the way that an entry explains.
        explained.idle.retain(|idle| matches!(idle.reason, IdleReason::Expired(_)));
    }
    let view = DriftView::new(
        DriftContext {
            environment: &context.environment.name,
            url: &context.identity.url,
            observation: &observation,
            document: &document,
            explained: &explained,
            fields: &fields,
            findings: &observation.findings,
            selection: selection.as_ref(),
            is_taken: false,
        },
        doubts,
    );
    tell(&view, args, output)?;
    Ok(exit(&view, args.detailed_exitcode, &observation.findings))
}

/// Returns the state, with an unfinished journal included, and what makes it doubtful. A state that is known to be old
/// would show this project's own changes as those of others, so it is refused.
fn state(context: &Context, output: &Output) -> Result<(Document, Vec<Note>), Failure> {
    let search = BegunSearch::begin(context);
    let (snapshot, writer) = report_state(context.read_state(), output)?;
    let known = KnownVersions::look_on(context, &snapshot, output, search);
    known.refuse_lost()?;
    let state = context.state_so_far(snapshot, &writer)?;
    state.iter().try_for_each(|state| context.check_consistency(state))?;
    let mut doubts: Vec<Note> =
        known.behind().map(|text| Note::of(Words::message(text))).into_iter().collect();
    if state.is_none() {
        let words = Words::own("there is no state at ").name(state_path(&context.store));
        doubts.push(Note::of(words.and(" yet, so there is nothing to compare the server with")));
    }
    Ok((state.unwrap_or_else(|| Document::empty(&context.identity, String::new())), doubts))
}

/// Returns which templates of a state are chosen.
pub(super) fn scope(targets: &TargetArgs, keys: &BTreeSet<Key>) -> Result<Scope, Failure> {
    let scope = targets.scope()?;
    scope.check(KnownKeys { here: &keys.iter().collect(), elsewhere: &BTreeSet::new() })?;
    Ok(scope)
}

/// Keeps what is about the chosen templates.
pub(super) fn chosen(drift: Drift, document: &Document, scope: &Scope) -> Drift {
    match scope.selection() {
        Some(_) => drift.limited_to(document, |key| scope.contains(key)),
        None => drift,
    }
}

fn named_fields(args: &DriftArgs) -> Result<FieldTable, Failure> {
    let Some(file) = &args.observation.fields else { return Ok(FieldTable::default()) };
    read_fields(file, named_file::export(file)?).map_err(Failure::findings)
}

fn tell(view: &DriftView<'_>, args: &DriftArgs, output: &Output) -> Result<(), Failure> {
    let commands = output.commands();
    output.reports(&args.reports.targets, |format| match format {
        ReportFormat::Html => Ok(report::html::drift(view, commands)?),
        ReportFormat::Json => Ok(report::json::drift(view, commands)),
        ReportFormat::Markdown => Ok(report::markdown::drift(view, commands, args.reports.limit())),
    })?;
    if output.is_json() {
        return output.data(&report::json::drift(view, commands));
    }
    output.left_out(view.context.findings);
    let style = output.style().compact(args.reports.compact);
    output.text(&report::terminal::drift(view, style, commands))
}

/// Returns how the comparison ended (contract section 9): differences first, then what could not be read or compared.
fn exit(view: &DriftView<'_>, is_detailed: bool, findings: &[Finding]) -> Exit {
    let is_nothing_compared = view.context.explained.drift.compared == 0;
    match is_detailed {
        true if view.has_drift() => Exit::Changes,
        true if is_nothing_compared => Exit::Partial,
        _ if !findings.is_empty() => Exit::Partial,
        _ => Exit::Ok,
    }
}
