//! `certctl import`: adopts templates that already exist on the server. It records ids in the state and sends nothing.

use super::args::{Global, ImportArgs, ObservationArgs};
use super::context::{Context, state_path};
use super::failure::Failure;
use super::ledger::{edit, now};
use super::observation::observation;
use super::output::Output;
use crate::inventory::{Adoptions, adoptions};
use crate::model::{Exit, Help, Key, TemplateId, did_you_mean};
use crate::report;
use crate::state::{IdIndex, Record};

pub(super) fn run(global: &Global, args: &ImportArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global, output)?;
    match (&args.key, &args.id) {
        _ if args.observation.is_given() => from_csv(&context, global, &args.observation, output),
        (Some(key), Some(id)) => one(&context, global, key, id, output),
        // clap requires one or the other.
        _ => Err(Failure::error("KEY and ID are required, or --from-csv FILE")),
    }
}

fn one(context: &Context, global: &Global, key: &Key, id: &str, output: &Output) -> Result<Exit, Failure> {
    let id = TemplateId::parse_uuid(id).map_err(Failure::error)?;
    check_configured(context, key, output)?;
    edit(context, global, "import", output, |document| {
        document.import(&mut IdIndex::of(document), key, &id)?;
        Ok(vec![Record::Import { at: now(), id: id.clone(), key: key.clone() }])
    })?;
    output.text(&format!(
        "{key} is the template {id} now, recorded in {}.\nWhat the server holds of it is not known, so the next apply \
         sends all its attributes once.\n{}",
        state_path(&context.store),
        context.environment_line()
    ))?;
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

fn from_csv(
    context: &Context,
    global: &Global,
    args: &ObservationArgs,
    output: &Output,
) -> Result<Exit, Failure> {
    let observation = observation(context, args, output)?;
    let desired = context.desired(false, output)?;
    output.file_warnings(&desired);
    let at = now();
    let mut found = Adoptions::default();
    edit(context, global, "import --from-csv", output, |document| {
        found = adoptions(&observation, &desired, document);
        let mut ids = IdIndex::of(document);
        let mut records = Vec::new();
        for (key, id) in &found.adopted {
            document.import(&mut ids, key, id)?;
            records.push(Record::Import { at, id: id.clone(), key: key.clone() });
        }
        Ok(records)
    })?;
    output.left_out(&observation.findings);
    output.text(&report::observation_head(&observation))?;
    output.text(&report::adopted(&found, output.style(), output.commands()))?;
    if !found.adopted.is_empty() {
        output.text(&format!(
            "What the server holds of them is not known, so the next apply sends all their attributes once.\nThe state \
             is in {}. Commit it.\n",
            state_path(&context.store)
        ))?;
    }
    output.text(&context.environment_line())?;
    // A script that runs this must learn if part of it was not done.
    let is_whole = observation.findings.is_empty() && found.obstacles.is_empty();
    Ok(if is_whole { Exit::Ok } else { Exit::Partial })
}
