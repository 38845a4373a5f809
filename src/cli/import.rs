//! `certctl import`: adopts a template that exists already.

use super::args::{Global, ImportArgs};
use super::context::{Context, state_path};
use super::failure::Failure;
use super::ledger::{edit, now};
use super::output::Output;
use crate::apply::Exit;
use crate::model::TemplateId;
use crate::state::Record;

pub(super) fn run(global: &Global, args: &ImportArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global)?;
    let id = TemplateId::parse_uuid(&args.id).map_err(Failure::error)?;
    edit(&context, global, "import", output, |document| {
        document.import(&args.key, &id)?;
        Ok(vec![Record::Import { at: now(), id: id.clone(), key: args.key.clone() }])
    })?;
    output.text(&format!(
        "{} is the template {id} now, recorded in {}.\nWhat the server holds of it is not known, so the next apply \
         sends all its attributes once.\n",
        args.key,
        state_path(&context.store)
    ))?;
    Ok(Exit::Ok)
}
