//! Checks whether the state in place is the newest known one.
//!
//! A state file can go back in time, with `git revert`, `reset`, `checkout` or `stash`, but the server does not go with
//! it: an old state would hide what the server holds, and templates would be created a second time. Every command that
//! reads a state asks [`KnownVersions`] before it trusts the state. It looks, refuses, and warns; it never changes or
//! restores a state.
//!
//! | file | holds |
//! |---|---|
//! | `search` | where newer states are looked for: git's history, the mark of this machine, and other places |
//! | `begun_search` | the search through git's history while files are read |
//! | `elsewhere` | the other places, for a state that is missing |
//! | `lost_journal` | the journal of an interrupted run that was removed or damaged |
//! | `questions` | what commands ask, and the answers |
//! | `ahead` | the newer states themselves, for a command that joins them |
//! | `problem`, `remedy` | what is wrong, and what to do, in words |
//! | `names`, `unchecked`, `remark` | names of places, and of places that could not be read |
//!
//! [`crate::state::recency`] decides from what is found which state is the newest. Pure, it has no words.

mod ahead;
mod begun_search;
mod elsewhere;
mod lost_journal;
mod names;
mod problem;
mod questions;
mod remark;
mod remedy;
mod search;
mod unchecked;

use super::context::{Context, state_path};
use super::failure::Failure;
use super::output::Output;
use super::sandbox::store_beside;
use crate::config::ServerAddress;
use crate::state::{
    Document, HistoryMemory, How, JournalFit, LostJournal, Recency, Setback, Sighting, Snapshot, StateError,
    recency,
};
pub(super) use begun_search::BegunSearch;
use begun_search::history_memory;
pub(super) use names::short;
pub(super) use remark::SearchRemark;
use search::SeenVersions;
pub(super) use unchecked::reason as unchecked_reason;

/// What is known of states that are newer than the one in place.
pub(super) struct KnownVersions<'a> {
    context: &'a Context,
    output: &'a Output,
    recency: Recency,
    /// Names of other environments of the project with templates for the same courses on this instance.
    environments: Vec<String>,
    /// Whether a commit is checked out instead of a branch.
    is_detached: bool,
    /// The records of an interrupted run whose journal was lost.
    lost_journal: Option<LostJournal>,
    /// The number of the newest version that is kept beside a shared state, if the state itself is missing.
    kept: Option<u64>,
    /// The state with everything recorded in a journal that does not fit it.
    foreign_journal: Option<Document>,
    /// The contradiction in the state in place, if another program changed it.
    inconsistent: Option<Failure>,
    /// The places that were not looked into.
    remarks: Vec<SearchRemark>,
}

impl<'a> KnownVersions<'a> {
    /// Looks for newer states, and reports places that could not be read.
    pub(super) fn look(context: &'a Context, snapshot: &Snapshot, output: &'a Output) -> Self {
        Self::look_on(context, snapshot, output, None)
    }

    /// Like [`Self::look`], with the search through git's history that has begun, if it has.
    pub(super) fn look_on(
        context: &'a Context,
        snapshot: &Snapshot,
        output: &'a Output,
        begun: Option<BegunSearch>,
    ) -> Self {
        if let Some(lost) = lost_objects(snapshot.lost_objects()) {
            output.note_once(&format!("warning: {lost}"));
        }
        let known = Self::find(context, snapshot, output, begun, history_memory());
        known.remarks.iter().for_each(|remark| remark.report(output));
        known
    }

    /// Looks for newer states without printing or remembering anything, for a command that changes no file.
    pub(super) fn look_only(context: &'a Context, snapshot: &Snapshot, output: &'a Output) -> Self {
        Self::find(context, snapshot, output, None, HistoryMemory::default())
    }

    /// The places that were not looked into.
    pub(super) fn remarks(&self) -> &[SearchRemark] {
        &self.remarks
    }

    fn find(
        context: &'a Context,
        snapshot: &Snapshot,
        output: &'a Output,
        begun: Option<BegunSearch>,
        memory: HistoryMemory,
    ) -> Self {
        let with_journal = with_journal(snapshot);
        let in_place = with_journal.as_ref().or(snapshot.document.as_ref());
        // A state need not remember what a sandbox has forgotten.
        let is_begun = !is_sandbox_without_data(context);
        let seen = if is_begun {
            SeenVersions::look(context, in_place, snapshot, begun, memory)
        } else {
            SeenVersions::default()
        };
        let recency = recency_of(context, snapshot, in_place, &seen);
        let is_alone = is_begun && recency == Recency::First && snapshot.journal.is_empty();
        Self {
            kept: if is_alone { context.store.newest_kept() } else { None },
            context,
            output,
            inconsistent: in_place.and_then(|document| inconsistency(context, document, &recency)),
            recency,
            environments: seen.environments,
            is_detached: seen.is_detached,
            lost_journal: is_begun.then(|| lost_journal::find(context, snapshot, in_place)).flatten(),
            foreign_journal: snapshot.foreign(),
            remarks: seen.remarks,
        }
    }

    /// Like [`Self::look`], for a command that holds the lock and is about to write: the state that it builds on must
    /// still be there.
    pub(super) fn look_locked(
        context: &'a Context,
        snapshot: &Snapshot,
        output: &'a Output,
    ) -> Result<Self, Failure> {
        let known = Self::look(context, snapshot, output);
        if is_in_place(context, snapshot)? {
            return Ok(known);
        }
        Err(Failure::refused(format!(
            "the state {} was changed by something else than certctl while this command looked at it. Nothing was sent, and \
             nothing was recorded. Run it again",
            state_path(&context.store)
        )))
    }

    /// Returns whether the state was written for an environment with another name.
    fn is_renamed(&self, seen: &Sighting) -> bool {
        seen.outline.identity.environment != self.context.identity.environment
    }

    fn is_behind(&self) -> bool {
        matches!(self.recency, Recency::Behind(_))
    }

    /// Returns whether only a stash has the newer state.
    fn is_stash(&self, setback: &Setback) -> bool {
        self.is_behind() && setback.newest.origin.is_stash()
    }
}

/// Says which objects of an interrupted run's journal are missing.
pub(super) fn lost_objects(objects: &[String]) -> Option<String> {
    let first = objects.first()?;
    let what = match objects.len() {
        1 => format!("{first} is missing: it is a record of an interrupted run"),
        count => format!("{count} records of an interrupted run are missing, {first} first"),
    };
    Some(format!(
        "{what}. Each template that the run was going to send, and whose outcome is not recorded elsewhere, is in doubt"
    ))
}

/// Returns the state with a journal that fits it: a recorded acceptance counts, whether it is checkpointed or not.
fn with_journal(snapshot: &Snapshot) -> Option<Document> {
    if snapshot.fit() == JournalFit::Open { snapshot.clone().effective().ok().flatten() } else { None }
}

fn recency_of(
    context: &Context,
    snapshot: &Snapshot,
    in_place: Option<&Document>,
    seen: &SeenVersions,
) -> Recency {
    match recency(in_place.is_some(), &seen.sightings) {
        // Another run replaced the state with a newer one since it was read; that one is not lost.
        Recency::Lost(_) if is_in_place(context, snapshot).is_ok_and(|it_is| !it_is) => Recency::Newest,
        recency => recency,
    }
}

/// Returns the contradiction in a state that another program changed.
fn inconsistency(context: &Context, in_place: &Document, recency: &Recency) -> Option<Failure> {
    let is_altered = matches!(recency, Recency::Lost(setback) if setback.how == How::Altered);
    if is_altered { context.check_consistency(in_place).err() } else { None }
}

/// Returns whether the state's path still holds the version that was read.
fn is_in_place(context: &Context, snapshot: &Snapshot) -> Result<bool, StateError> {
    Ok(context.store.version()? == snapshot.version)
}

/// Returns whether the environment is a sandbox without data.
fn is_sandbox_without_data(context: &Context) -> bool {
    matches!(context.environment.server, ServerAddress::Sandbox)
        && !store_beside(context.store.path()).exists()
}
