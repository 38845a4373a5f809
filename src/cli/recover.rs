//! `certctl recover`: lists rows in doubt, and settles them as a person or an export says. Only `--resend` sends
//! anything.

use std::collections::BTreeSet;

use super::args::{Global, RecoverArgs};
use super::chosen_rows::chosen_rows;
use super::context::{Context, state_path};
use super::failure::Failure;
use super::ledger::{edit, now};
use super::observation::{another_instance, observation};
use super::output::Output;
use super::resend;
use super::state::read;
use crate::inventory::{Observation, check_instance, record_settlements, settlements};
use crate::model::{Advice, Exit, Key, TemplateId, Timestamp};
use crate::report::{self, KeyResult, Results};
use crate::state::{Document, IdIndex, Operation, Record, Resolution, Row, RowStatus};

pub(super) fn run(global: &Global, args: &RecoverArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global, output)?;
    if args.observation.is_given() {
        return from_observation(&context, global, args, output);
    }
    let Some(settlement) = settlement(args)? else {
        return list(&context, args, output);
    };
    let keys = |document: &Document| chosen(document, &args.keys);
    match settlement {
        Resolution::Resend => resend::run(&context, global, keys, output),
        settlement => settle(&context, global, keys, &settlement, output),
    }
}

fn settlement(args: &RecoverArgs) -> Result<Option<Resolution>, Failure> {
    let settlement = match &args.created {
        Some(id) => Resolution::Created { id: TemplateId::parse_uuid(id).map_err(Failure::error)? },
        None if args.not_created => Resolution::NotCreated,
        None if args.applied => Resolution::Applied,
        None if args.resend => Resolution::Resend,
        None => return Ok(None),
    };
    if args.keys.is_empty() {
        return Err(Failure::error("KEY is required: name the templates to settle")
            .run("To see what is in doubt", Advice::Recover { keys: Vec::new() }));
    }
    Ok(Some(settlement))
}

/// Returns the rows that can be settled without naming each: those in doubt, except rows whose job may still be
/// running.
fn open_to_patterns(document: &Document) -> impl Iterator<Item = &Key> {
    document.in_doubt().filter(|(_, row)| row.job().is_none()).map(|(key, _)| key)
}

/// Returns the selected rows, sorted: by key in any status, or by pattern among those in doubt; all in doubt if there
/// are no names. A pattern never selects a row that waits for a job, because the job may still be running.
fn chosen(document: &Document, names: &[String]) -> Result<Vec<Key>, Failure> {
    if names.is_empty() {
        return Ok(open_to_patterns(document).cloned().collect());
    }
    let nothing = |name: &str| {
        Failure::error(format!("no template in doubt matches {name}"))
            .run("To see what is in doubt", Advice::Recover { keys: Vec::new() })
    };
    chosen_rows(document, names, || open_to_patterns(document), nothing)
}

fn list(context: &Context, args: &RecoverArgs, output: &Output) -> Result<Exit, Failure> {
    let Some(document) = read(context, output)? else {
        output.text("Nothing is in doubt: nothing was applied yet.\n")?;
        output.text(&context.environment_line())?;
        tell(context, Exit::Ok, None, Vec::new(), output)?;
        return Ok(Exit::Ok);
    };
    context.check_consistency(&document)?;
    let keys = chosen(&document, &args.keys)?;
    let is_listed = |key: &Key, row: &Row| match row.status() {
        RowStatus::InDoubt | RowStatus::Pending => args.keys.is_empty() || keys.binary_search(key).is_ok(),
        RowStatus::Applied | RowStatus::Failed => false,
    };
    let rows: Vec<_> = document.templates.iter().filter(|(key, row)| is_listed(key, row)).collect();
    output.text(&report::recover_list(&rows, output.style(), output.commands()))?;
    output.text(&context.environment_line())?;
    tell(context, Exit::Ok, None, report::listed_results(&rows), output)?;
    Ok(Exit::Ok)
}

fn settle(
    context: &Context,
    global: &Global,
    keys: impl Fn(&Document) -> Result<Vec<Key>, Failure>,
    settlement: &Resolution,
    output: &Output,
) -> Result<Exit, Failure> {
    let at = now();
    let (mut settled, mut jobs, mut creates) = (Vec::new(), Vec::new(), BTreeSet::new());
    let document = edit(context, global, "recover", output, |document| {
        settled = keys(document)?;
        if matches!(settlement, Resolution::Created { .. }) && settled.len() > 1 {
            return Err(Failure::error("--created ID settles one template: an id belongs to one"));
        }
        jobs = jobs_of(document, &settled);
        creates = creates_of(document, &settled);
        record(document, settled.iter().map(|key| (key.clone(), settlement.clone())), at)
    })?;
    let in_yaml = context.in_yaml();
    let mut results = Vec::new();
    for key in &settled {
        let (row, creates) = (document.templates.get(key), creates.contains(key));
        let recorded = report::Recorded { key, settlement, row, creates, in_yaml: in_yaml(key) };
        let words = recorded.text(None, output.commands());
        output.text(&format!("{key}: {words}\n"))?;
        results.push(report::recorded_result(key, settlement, row, Some(words)));
    }
    output.text(&context.environment_line())?;
    if *settlement == Resolution::NotCreated {
        for (key, job) in &jobs {
            warn_of_job(key, job, output);
        }
    }
    report_rest(&document, output);
    tell(context, Exit::Ok, None, results, output)?;
    Ok(Exit::Ok)
}

/// Returns the jobs that these rows wait for.
fn jobs_of(document: &Document, keys: &[Key]) -> Vec<(Key, String)> {
    let job = |key: &Key| Some((key.clone(), document.templates.get(key)?.job()?.to_owned()));
    keys.iter().filter_map(job).collect()
}

/// Returns those of these rows that have a create in doubt.
fn creates_of(document: &Document, keys: &[Key]) -> BTreeSet<Key> {
    let creates =
        |key: &&Key| document.templates.get(*key).and_then(Row::operation) == Some(Operation::Create);
    keys.iter().filter(creates).cloned().collect()
}

fn warn_of_job(key: &Key, job: &str, output: &Output) {
    output.say(&format!(
        "warning: the server's job {job} may still be at work on {key}. If it carries it out after all, the state will not \
         know, and where it was a create the next apply makes a second template that only the admin page can delete: \
         look there once more before you apply"
    ));
}

/// Settles rows of a document, and returns the records for the journal.
pub(super) fn record(
    document: &mut Document,
    settlements: impl IntoIterator<Item = (Key, Resolution)>,
    at: Timestamp,
) -> Result<Vec<Record>, Failure> {
    let mut ids = IdIndex::of(document);
    let mut records = Vec::new();
    for (key, settlement) in settlements {
        document.resolve(&mut ids, &key, &settlement, at)?;
        records.push(Record::Resolve { at, key, resolution: settlement });
    }
    Ok(records)
}

fn from_observation(
    context: &Context,
    global: &Global,
    args: &RecoverArgs,
    output: &Output,
) -> Result<Exit, Failure> {
    let observation = observation(context, &args.observation, output)?;
    let at = now();
    let mut found = Vec::new();
    let document = edit(context, global, "recover", output, |document| {
        check_instance(&observation, document, std::iter::empty())
            .map_err(|other| another_instance(context, other))?;
        let keys = chosen(document, &args.keys)?;
        let is_open = |key: &&Key| {
            let status = document.templates.get(*key).map(Row::status);
            matches!(status, Some(RowStatus::InDoubt | RowStatus::Pending))
        };
        found = settlements(&observation, document, &keys.iter().filter(is_open).collect::<Vec<_>>());
        Ok(record_settlements(document, &found, at)?)
    })?;
    let results = report::settlement_results(&found, &document, &context.in_yaml(), output.commands());
    let stays_pending = results.iter().any(|result| result.outcome == report::PENDING);
    let exit = match document.in_doubt().next() {
        Some(_) => Exit::InDoubt,
        None if stays_pending || !observation.findings.is_empty() => Exit::Partial,
        None => Exit::Ok,
    };
    output.left_out(&observation.findings);
    output.text(&report::observation_head(&observation))?;
    if results.is_empty() {
        output.text("Nothing is in doubt.\n")?;
        note_pending(&document, output);
    } else {
        output.text(&report::recovered(&results, output.style()))?;
    }
    output.text(&context.environment_line())?;
    if !args.keys.is_empty() {
        report_rest(&document, output);
    }
    tell(context, exit, Some(&observation), results, output)?;
    Ok(exit)
}

/// Prints the results as JSON, if that is wanted.
fn tell(
    context: &Context,
    exit: Exit,
    observation: Option<&Observation>,
    keys: Vec<KeyResult>,
    output: &Output,
) -> Result<(), Failure> {
    output.results(&Results {
        command: "recover",
        environment: &context.environment.name,
        exit,
        observation,
        keys,
        state: &state_path(&context.store),
        unmanaged: &[],
        written: &[],
    })
}

/// Notes the rows that an observation settles only where they are named.
fn note_pending(document: &Document, output: &Output) {
    let pending = document.templates.values().filter(|row| row.status() == RowStatus::Pending).count();
    if pending > 0 {
        let list = output.command(&Advice::Recover { keys: Vec::new() });
        output.note(&format!("{pending} pending, each settled only by its key: {list}"));
    }
}

fn report_rest(document: &Document, output: &Output) {
    let left = document.in_doubt().count();
    if left > 0 {
        let list = output.command(&Advice::Recover { keys: Vec::new() });
        output.note(&format!("{left} in doubt now: {list}"));
    }
}
