//! `certctl state`: shows the state, and edits it under the lock. It never sends anything.

mod accept;
mod consent;
mod forget;
mod history;
mod merge;
mod migrate;
mod prune;
mod pull;
mod push;
mod put_back;
mod restore;
mod unlock;
mod verify;

use super::args::{Global, StateArgs, StateCommand};
use super::context::Context;
use super::failure::Failure;
use super::ledger::edit;
use super::look_back;
use super::output::Output;
use super::recency::KnownVersions;
use crate::model::{Exit, Key};
use crate::report;
use crate::state::{Document, Record};

pub(super) fn run(global: &Global, args: &StateArgs, output: &Output) -> Result<Exit, Failure> {
    let context = || Context::load(global, output);
    match &args.command {
        StateCommand::List { .. } => list(&context()?, output),
        StateCommand::Show { key, at, .. } => show(&context()?, key, *at, output),
        StateCommand::History { key, .. } => history::run(&context()?, key.as_ref(), output),
        StateCommand::Mv { old, new } => mv(&context()?, global, old, new, output),
        StateCommand::Rm { keys, auto_approve } => {
            forget::run(&context()?, global, keys, *auto_approve, output)
        }
        StateCommand::Accept { auto_approve } => {
            accept::run(&context()?.taking_over(), global, *auto_approve, output)
        }
        StateCommand::Pull => pull::run(&context()?, output),
        StateCommand::Push { file, auto_approve } => {
            push::run(&context()?, global, file, *auto_approve, output)
        }
        StateCommand::Restore { serial, auto_approve } => {
            restore::run(&context()?, global, *serial, *auto_approve, output)
        }
        StateCommand::Migrate { from, to, auto_approve } => {
            migrate::run(&context()?, global, [from, to], *auto_approve, output)
        }
        StateCommand::Prune { keep, auto_approve } => {
            prune::run(&context()?, global, *keep, *auto_approve, output)
        }
        StateCommand::Unlock { id, auto_approve } => unlock::run(&context()?, id, *auto_approve, output),
        StateCommand::Merge(args) => merge::run(args, output),
        StateCommand::Verify(args) => match &args.file {
            Some(file) => verify::of_file(file, output),
            None => verify::of_environment(&context()?, output),
        },
    }
}

fn mv(context: &Context, global: &Global, old: &Key, new: &Key, output: &Output) -> Result<Exit, Failure> {
    if old == new {
        let state = read(context, output)?;
        state.iter().try_for_each(|document| document.row(old).map(drop))?;
        output.text(&format!("Both keys are {old}: nothing to do.\n{}", context.environment_line()))?;
        return Ok(Exit::Ok);
    }
    edit(context, global, "state mv", output, |document| {
        document.move_row(old, new)?;
        Ok(vec![Record::Move { from: old.clone(), to: new.clone() }])
    })?;
    let environment = context.environment_line();
    output.text(&format!(
        "{old} is {new} now. If the YAML still has {old}, rename it there too.\n{environment}"
    ))?;
    Ok(Exit::Ok)
}

fn list(context: &Context, output: &Output) -> Result<Exit, Failure> {
    let document = read(context, output)?;
    if output.is_json() {
        output.data(&report::json::state_list(&context.environment.name, document.as_ref()))?;
        return Ok(Exit::Ok);
    }
    match document {
        Some(document) => output.text(&report::state_list(&document, output.style()))?,
        None => output.text("The state is empty: nothing was applied yet.\n")?,
    }
    Ok(Exit::Ok)
}

fn show(context: &Context, key: &Key, at: Option<u64>, output: &Output) -> Result<Exit, Failure> {
    let Some(document) = read(context, output)? else {
        return Err(Failure::error(format!("the state is empty: it has no template {key}")));
    };
    let document = match at {
        None => document,
        Some(serial) => look_back::version(context, document, serial)?,
    };
    let row = document.row(key)?;
    if output.is_json() {
        let name = &context.environment.name;
        output.data(&report::json::state_row(name, document.serial, key, row))?;
    } else {
        output.text(&report::state_row(key, row))?;
    }
    Ok(Exit::Ok)
}

/// Reads the state, with an unfinished journal included.
pub(super) fn read(context: &Context, output: &Output) -> Result<Option<Document>, Failure> {
    let (snapshot, writer) = context.read(output)?;
    KnownVersions::look(context, &snapshot, output).warn(output);
    context.state_so_far(snapshot, &writer)
}
