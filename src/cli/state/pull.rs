//! `certctl state pull`: prints the state, with the journal of an interrupted run folded in. It only reads.

use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::output::Output;
use super::super::recency::KnownVersions;
use crate::model::Exit;
use crate::state::{Writer, folded};

pub(super) fn run(context: &Context, output: &Output) -> Result<Exit, Failure> {
    let (snapshot, writer) = context.read(output)?;
    let known = KnownVersions::look(context, &snapshot, output);
    // A copy of an old state would be planned against elsewhere.
    known.refuse_lost()?;
    if let Some(behind) = known.behind() {
        output.note(&format!("note: {}", crate::report::safe_lines(&behind)));
    }
    let document = match writer {
        // What the next command that writes would make of it: the copy is the same version then.
        Writer::Absent if snapshot.foreign().is_none() => folded(snapshot),
        writer => context.state_so_far(snapshot, &writer)?,
    };
    let Some(document) = document else {
        return Err(Failure::error(format!(
            "there is no state at {} yet, so there is nothing to copy",
            state_path(&context.store)
        )));
    };
    let text =
        document.to_text().map_err(|error| Failure::error(format!("cannot write the state: {error}")))?;
    output.data(&text)?;
    Ok(Exit::Ok)
}
