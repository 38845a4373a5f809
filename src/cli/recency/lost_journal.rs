//! Finds the journal of an interrupted run that was removed or damaged, using the user's copy, and says what to do.
//! Called by [`super::recency`]; it never restores the journal.

use super::elsewhere;
use crate::cli::context::{Context, shown_path, state_path};
use crate::cli::ledger;
use crate::cli::output::Output;
use crate::cli::way_back;
use crate::model::Advice;
use crate::state::{Document, Instead, LostJournal, Snapshot, Store as _, Writer};

/// Returns the first lost journal whose records the state does not have.
pub(super) fn find(
    context: &Context,
    snapshot: &Snapshot,
    in_place: Option<&Document>,
) -> Option<LostJournal> {
    // A shared store reports by itself what is missing.
    context.store.file()?;
    // A run in progress puts its journal back by itself.
    let is_another = match context.store.writer() {
        Writer::Absent => false,
        Writer::Known(holder) => !ledger::is_own(&holder),
        Writer::Unknown => true,
    };
    if is_another || first(context, snapshot, in_place).is_none() {
        return None;
    }
    // A run that began meanwhile has its own journal.
    let now = context.store.read().ok()?;
    let in_place = now.clone().effective().ok().flatten().or_else(|| now.document.clone());
    first(context, &now, in_place.as_ref())
}

fn first(context: &Context, snapshot: &Snapshot, in_place: Option<&Document>) -> Option<LostJournal> {
    let lost = context.store.lost_journals(snapshot, in_place);
    lost.into_iter().find(|lost| is_missed(context, lost, in_place))
}

/// Returns whether the state in place should contain the journal. Another project may have its own state of the
/// instance, and may even use this path by now.
fn is_missed(context: &Context, lost: &LostJournal, in_place: Option<&Document>) -> bool {
    if matches!(lost.instead, Instead::Shortened | Instead::Altered) {
        return true;
    }
    let is_of_this_state = in_place.is_some_and(|document| document.lineage == lost.lineage);
    let is_about_the_same = || context.coverage().is_in(&lost.recorded);
    if lost.is_of_this_path {
        return is_of_this_state || is_about_the_same();
    }
    elsewhere::shares_journals_across_paths(&context.environment.server)
        && (is_of_this_state
            || in_place.is_none()
                && !elsewhere::is_another(context, &lost.identity.environment)
                && is_about_the_same())
}

/// Names the run whose journal was lost, for people.
pub(super) fn name(lost: &LostJournal) -> String {
    format!("what `certctl {}` recorded from {} on, before it was interrupted", lost.operation, lost.at)
}

/// Explains the problem and what to do.
pub(super) fn words(context: &Context, lost: &LostJournal, output: &Output) -> String {
    format!(
        "{}. What that run sent would be sent a second time.\n{}",
        what_is_wrong(context, lost),
        what_to_do(context, lost, output)
    )
}

fn what_is_wrong(context: &Context, lost: &LostJournal) -> String {
    let (journal, it) = (shown_path(&lost.journal), name(lost));
    match lost.instead {
        Instead::Nothing if lost.is_of_this_path => {
            format!("the journal {journal} is gone (git clean and git stash remove it), and so is {it}")
        }
        Instead::Nothing if context.store.path().exists() => format!(
            "the state {} does not have {it}, for a state in another place: certctl keeps a copy of that run's journal",
            state_path(&context.store)
        ),
        Instead::Nothing => format!(
            "there is no state at {}, but there is {it}, for a state in another place: certctl keeps a copy of that run's \
             journal",
            state_path(&context.store)
        ),
        Instead::Shortened => format!(
            "the journal {journal} is incomplete: it lacks a part of {it}, which certctl has in its own copy of the journal"
        ),
        Instead::Altered => format!(
            "the journal {journal} lacks a part of {it}, which certctl has in its own copy of the journal ({}), and has \
             records that the copy lacks",
            lost.copy.display()
        ),
        Instead::Another => format!("the journal {journal} is that of another run, and lacks {it}"),
    }
}

fn what_to_do(context: &Context, lost: &LostJournal, output: &Output) -> String {
    let accept = output.command(&Advice::StateAccept);
    let bring = match lost.instead {
        Instead::Nothing if lost.is_of_this_path => "Bring the journal back from the copy that certctl keeps",
        Instead::Nothing => "Bring that journal here",
        Instead::Shortened => "Bring the whole journal back from the copy",
        // The two states cannot replace each other.
        Instead::Altered | Instead::Another => {
            return format!("To mark what that run sent as in doubt: {accept}");
        }
    };
    let copy = way_back::copy_to(&lost.copy, &shown_path(&lost.journal));
    let is_renamed =
        lost.identity.environment != context.identity.environment && !context.store.path().exists();
    let take_over = if is_renamed { format!("\n  {accept}") } else { String::new() };
    format!(
        "{bring}, and plan again:\n  {copy}{take_over}\nTo continue without it, and mark what the run sent as in doubt: \
         {accept}"
    )
}
