//! The journal of an interrupted run that is gone, and that the user's copy still knows.

use super::context::{Context, shown_path};
use super::output::Output;
use super::way_back;
use crate::model::Advice;
use crate::state::{Document, LostJournal, Snapshot, Store as _, Writer};

/// What it recorded, if the state does not know it.
pub(super) fn find(
    context: &Context,
    snapshot: &Snapshot,
    in_place: Option<&Document>,
) -> Option<LostJournal> {
    // A run that goes on puts its journal back.
    let is_another = match context.store.writer() {
        Writer::Absent => false,
        Writer::Known(holder) => holder.pid != std::process::id(),
        Writer::Unknown => true,
    };
    if is_another {
        return None;
    }
    let lost = context.store.lost_journal(snapshot, in_place)?;
    // Where there is no state, another project may be in this place by now.
    if in_place.is_none() && !context.coverage().is_in(&lost.document) {
        return None;
    }
    // A run that began meanwhile has its journal.
    let now = context.store.read().ok()?;
    let in_place = now.clone().effective().ok().flatten();
    context.store.lost_journal(&now, in_place.as_ref())
}

/// Names the run whose journal is gone, for people.
pub(super) fn name(lost: &LostJournal) -> String {
    format!("what `certctl {}` recorded from {} on, before it was interrupted", lost.operation, lost.at)
}

/// What is wrong, and what to do.
pub(super) fn words(lost: &LostJournal, output: &Output) -> String {
    let journal = shown_path(&lost.journal);
    let bring_back = way_back::copy_to(&lost.copy, &journal);
    let accept = output.command(&Advice::StateAccept);
    format!(
        "the journal {journal} is gone (git clean and git stash remove it), and so is {}. What that run sent would be sent \
         a second time.\nBring the journal back from the copy that certctl keeps, and plan again:\n  {bring_back}\nTo continue without it, and mark what the run sent as in doubt: {accept}",
        name(lost)
    )
}
