//! `certctl import`: adopts templates that already exist on the server. It records ids in the state and sends nothing.

mod by_id;
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
use crate::model::{Exit, NaturalKey, StateAddress};
use crate::report::{self, Results};

pub(super) fn run(global: &Global, args: &ImportArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global, output)?;
    if let Some(dir) = &args.writing.write {
        return write::run(&context, global, args, dir, output);
    }
    match (&args.key, &args.id) {
        _ if args.observation.is_given() => observed(&context, global, &args.observation, output),
        (Some(key), Some(id)) => by_id::run(&context, global, args, (key, id), output),
        // clap requires one or the other.
        _ => Err(Failure::error("KEY and ID are required, or --from-csv FILE")),
    }
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
        let commit = StateAddress::to_be_committed(&state);
        output.text(&format!("The state is in {state}.{commit}\n"))?;
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
