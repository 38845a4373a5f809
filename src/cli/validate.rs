//! `certctl validate`: every check that needs no network.

use super::args::{Global, ValidateArgs};
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use crate::apply::Exit;
use crate::report;
use crate::state::Store as _;

pub(super) fn run(global: &Global, args: &ValidateArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global)?;
    let desired = context.desired(args.allow_empty)?;
    // A state that cannot be read would stop the next plan.
    let snapshot = context.store.read()?;
    context.effective_state(snapshot)?;
    let count = desired.templates.len();
    if output.is_json() {
        output.data(&report::json::valid(&context.owner.environment, count))?;
    } else {
        let noun = if count == 1 { "template" } else { "templates" };
        output.text(&format!("{count} {noun} for {}: no problem found.\n", context.owner.environment))?;
    }
    Ok(Exit::Ok)
}
