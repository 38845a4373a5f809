//! `certctl state history`: the known versions of a state, or of one template. It only reads.

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::look_back;
use super::super::output::Output;
use crate::model::{Exit, Key};
use crate::report;
use crate::view::{HistoryEntry, HistoryView};

pub(super) fn run(context: &Context, key: Option<&Key>, output: &Output) -> Result<Exit, Failure> {
    if let Some(why) = context.store.without_versions() {
        return Err(Failure::error(why));
    }
    let document = super::read(context, output)?;
    let (steps, incomplete) = match &document {
        Some(document) => look_back::versions(context, document, key),
        None => (Vec::new(), None),
    };
    if let (Some(key), Some(document), true) = (key, &document, steps.is_empty()) {
        document.row(key)?;
    }
    let entries = steps.iter().map(|step| HistoryEntry::new(step, &context.fields)).collect();
    let view = HistoryView { environment: &context.environment.name, key, entries, incomplete };
    if output.is_json() {
        output.data(&report::json::history(&view))?;
        return Ok(Exit::Ok);
    }
    if document.is_none() {
        output.text("The state is empty: nothing was applied yet.\n")?;
        return Ok(Exit::Ok);
    }
    output.text(&report::terminal::history(&view, output.style(), output.commands()))?;
    output.text(&context.environment_line())?;
    Ok(Exit::Ok)
}
