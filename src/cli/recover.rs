//! `certctl recover`: what was sent with unknown outcome, and how a person settles it.

use super::args::{Global, RecoverArgs};
use super::context::Context;
use super::failure::Failure;
use super::ledger::{edit, now};
use super::output::Output;
use super::state::read;
use crate::apply::Exit;
use crate::model::TemplateId;
use crate::report;
use crate::state::{Record, Settlement};

pub(super) fn run(global: &Global, args: &RecoverArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global)?;
    match settlement(args)? {
        None => list(&context, args, output),
        Some(settlement) => settle(&context, global, args, &settlement, output),
    }
}

fn settlement(args: &RecoverArgs) -> Result<Option<Settlement>, Failure> {
    let settlement = match &args.created {
        Some(id) => Settlement::Created { id: TemplateId::parse_uuid(id).map_err(Failure::error)? },
        None if args.not_created => Settlement::NotCreated,
        None if args.applied => Settlement::Applied,
        None if args.resend => Settlement::Resend,
        None => return Ok(None),
    };
    if args.keys.is_empty() {
        return Err(Failure::error(
            "say which templates: certctl recover KEY… and the flag. `certctl recover` lists them",
        ));
    }
    if matches!(settlement, Settlement::Created { .. }) && args.keys.len() > 1 {
        return Err(Failure::error("--created ID settles one template: an id belongs to one"));
    }
    Ok(Some(settlement))
}

fn list(context: &Context, args: &RecoverArgs, output: &Output) -> Result<Exit, Failure> {
    let Some(document) = read(context, output)? else {
        output.text("Nothing is in doubt: nothing was applied yet.\n")?;
        return Ok(Exit::Ok);
    };
    for key in &args.keys {
        document.row(key)?;
    }
    let rows: Vec<_> =
        document.in_doubt().filter(|(key, _)| args.keys.is_empty() || args.keys.contains(key)).collect();
    output.text(&report::recover_list(&rows))?;
    Ok(Exit::Ok)
}

fn settle(
    context: &Context,
    global: &Global,
    args: &RecoverArgs,
    settlement: &Settlement,
    output: &Output,
) -> Result<Exit, Failure> {
    let at = now();
    let document = edit(context, global, "recover", output, |document| {
        let mut records = Vec::new();
        for key in &args.keys {
            document.settle(key, settlement, at)?;
            records.push(Record::Settle { at, key: key.clone(), settlement: settlement.clone() });
        }
        Ok(records)
    })?;
    for key in &args.keys {
        output.text(&format!("{key}: {}\n", told(settlement)))?;
    }
    let left = document.in_doubt().count();
    if left > 0 {
        output.note(&format!("{left} more in doubt: certctl recover"));
    }
    Ok(Exit::Ok)
}

fn told(settlement: &Settlement) -> String {
    match settlement {
        Settlement::Created { id } => format!("recorded as created, with the id {id}"),
        Settlement::NotCreated => "recorded as not created; the next apply sends it".to_owned(),
        Settlement::Applied => "recorded as applied".to_owned(),
        Settlement::Resend => {
            "the next apply sends it again. If the server has it already, there may be two: look in the admin page \
             afterwards"
                .to_owned()
        }
    }
}
