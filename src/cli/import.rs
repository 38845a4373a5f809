//! `certctl import`: adopts templates that already exist on the server. It records ids in the state and sends nothing.

mod files;
mod folder;
mod prepare;
mod write;

use super::args::{Global, ImportArgs, ObservationArgs};
use super::context::{Context, state_path};
use super::failure::Failure;
use super::ledger::{edit, now};
use super::observation::{another_instance, observation};
use super::output::Output;
use crate::inventory::{Adoptions, Observation, adoptions, check_instance};
use crate::model::{Exit, Help, Key, NaturalKey, TemplateId, did_you_mean};
use crate::report::{self, KeyResult, Results};
use crate::state::{IdIndex, Record};

/// What follows from an id alone.
const NOT_KNOWN: &str =
    "What the server holds of it is not known, so the next apply sends all its attributes once.\n";

pub(super) fn run(global: &Global, args: &ImportArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global, output)?;
    if let Some(dir) = &args.writing.write {
        return write::run(&context, global, args, dir, output);
    }
    match (&args.key, &args.id) {
        _ if args.observation.is_given() => observed(&context, global, &args.observation, output),
        (Some(key), Some(id)) => one(&context, global, key, id, output),
        // clap requires one or the other.
        _ => Err(Failure::error("KEY and ID are required, or --from-csv FILE")),
    }
}

fn one(context: &Context, global: &Global, key: &Key, id: &str, output: &Output) -> Result<Exit, Failure> {
    let id = TemplateId::parse_uuid(id).map_err(Failure::error)?;
    check_configured(context, key, output)?;
    let document = edit(context, global, "import", output, |document| {
        document.import(&mut IdIndex::of(document), key, &id)?;
        Ok(vec![Record::Import { at: now(), id: id.clone(), key: key.clone() }])
    })?;
    let state = state_path(&context.store);
    let is_known = document.templates.get(key).is_some_and(|row| row.confirmed.is_some());
    let next = if is_known { "" } else { NOT_KNOWN };
    output.text(&format!(
        "{key} is the template {id} now, recorded in {state}.\n{next}{}",
        context.environment_line()
    ))?;
    let reason = (!is_known).then(|| NOT_KNOWN.trim_end().to_owned());
    output.results(&Results {
        command: "import",
        environment: &context.environment.name,
        exit: Exit::Ok,
        observation: None,
        keys: vec![KeyResult { id: Some(id), key: key.clone(), outcome: "adopted", reason }],
        state: &state,
        unmanaged: &[],
        written: &[],
    })?;
    Ok(Exit::Ok)
}

/// Only templates of the YAML can be adopted: an id under any other key would be an orphan at once.
fn check_configured(context: &Context, key: &Key, output: &Output) -> Result<(), Failure> {
    let desired = context.desired(true, output)?;
    if desired.templates.contains_key(key) {
        return Ok(());
    }
    let hint = did_you_mean(key.as_str(), desired.templates.keys().map(Key::as_str));
    let environment = &context.environment.name;
    Err(Failure::error(format!("the YAML has no template {key} for the environment {environment}{hint}"))
        .helped(Help::none().say("Write it into the YAML first.")))
}

fn observed(
    context: &Context,
    global: &Global,
    args: &ObservationArgs,
    output: &Output,
) -> Result<Exit, Failure> {
    // Reading YAML takes the most memory, so nothing is kept beside it yet. What is wrong with it is told afterwards.
    let loaded = context.load_templates(false);
    let mut observation = observation(context, args, output)?;
    let desired = context.report_desired(loaded, output)?;
    output.file_warnings(&desired);
    let at = now();
    let mut found = Adoptions::default();
    edit(context, global, "import", output, |document| {
        let wanted = desired.templates.values().map(|template| NaturalKey::of(&template.attributes));
        check_instance(&observation, document, wanted).map_err(|other| another_instance(context, other))?;
        found = adoptions(&observation, &desired, document);
        // All that follows from them is known, and of a large academy they take more memory than the rest.
        drop(desired);
        observation.forget_contents();
        let records = found.records(at);
        document.edit_all(&records)?;
        Ok(records)
    })?;
    let exit = exit(&observation, &found);
    let state = state_path(&context.store);
    output.left_out(&observation.findings);
    output.text(&report::observation_head(&observation))?;
    output.text(&report::adopted(&found, output.style(), output.commands()))?;
    if !found.adopted.is_empty() {
        output.text(&format!("The state is in {state}. Commit it.\n"))?;
    }
    output.text(&context.environment_line())?;
    output.results(&Results {
        command: "import",
        environment: &context.environment.name,
        exit,
        observation: Some(&observation),
        keys: report::adoption_results(&found, output.commands()),
        state: &state,
        unmanaged: &found.unclaimed,
        written: &[],
    })?;
    Ok(exit)
}

/// A script that imports must learn if part of it was not done.
fn exit(observation: &Observation, found: &Adoptions) -> Exit {
    let is_whole = observation.findings.is_empty() && found.obstacles.is_empty();
    if is_whole { Exit::Ok } else { Exit::Partial }
}
