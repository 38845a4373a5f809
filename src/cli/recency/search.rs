//! Looks for versions of the state outside of its place: in the history of the branch, in the mark of this machine, in
//! other branches, and, if there is no state at all, in other places of the project.

use super::begun_search::{BegunSearch, looks_at_all_refs};
use super::elsewhere;
use super::remark::SearchRemark;
use super::unchecked::unchecked;
use crate::cli::context::Context;
use crate::cli::user_folders::NO_STATE_HOME;
use crate::config::ServerAddress;
use crate::model::io_words;
use crate::state::{
    Document, History, HistoryMemory, HistoryRequest, LookLimits, Mark, Sighting, SightingSource, Snapshot,
    Unchecked, look,
};

/// The states seen elsewhere.
#[derive(Default)]
pub(super) struct SeenVersions {
    pub(super) sightings: Vec<Sighting>,
    /// Names of other environments of the project with templates for the same courses on this instance.
    pub(super) environments: Vec<String>,
    /// Whether a commit is checked out instead of a branch.
    pub(super) is_detached: bool,
    /// The places that were not looked into.
    pub(super) remarks: Vec<SearchRemark>,
}

impl SeenVersions {
    /// Looks for versions. Of equally new ones, the first is named: the one
    /// of this branch, then the mark, then those of other branches.
    pub(super) fn look(
        context: &Context,
        in_place: Option<&Document>,
        snapshot: &Snapshot,
        begun: Option<BegunSearch>,
        memory: HistoryMemory,
    ) -> Self {
        let request = HistoryRequest {
            path: context.store.path(),
            identity: &context.identity,
            in_place,
            snapshot,
            all_refs: looks_at_all_refs(context),
        };
        let found = begun.and_then(|begun| begun.finish(&request));
        let look_now = || match context.store.file() {
            Some(_) => look(&request, memory, LookLimits::default()),
            // A shared state is in no repository.
            None => History::default(),
        };
        let History { sightings, unchecked, is_detached } = found.unwrap_or_else(look_now);
        let mut remarks: Vec<SearchRemark> = unchecked.iter().map(unchecked_remark).collect();
        let is_own = |seen: &Sighting| matches!(seen.origin, SightingSource::Head(_));
        let (own, others): (Vec<_>, Vec<_>) = sightings.into_iter().partition(is_own);
        let mark = mark(context, in_place, snapshot, &mut remarks);
        let known: Vec<Sighting> = own.into_iter().chain(mark).chain(others).collect();
        if in_place.is_some() || !known.is_empty() {
            return Self { sightings: known, environments: Vec::new(), is_detached, remarks };
        }
        let found = elsewhere::look(context);
        remarks.extend(found.unchecked.iter().map(unchecked_remark));
        Self { sightings: found.sightings, environments: found.environments, is_detached, remarks }
    }
}

/// Reads the mark: the newest state that this machine wrote at this path.
fn mark(
    context: &Context,
    in_place: Option<&Document>,
    snapshot: &Snapshot,
    remarks: &mut Vec<SearchRemark>,
) -> Option<Sighting> {
    let Some(marks) = context.store.marks() else {
        remarks.push(SearchRemark::detail(format!(
            "the newest state is not kept on this machine: {NO_STATE_HOME}"
        )));
        return None;
    };
    let origin = |mark: &Mark| SightingSource::Mark(mark.path.clone());
    match marks.find(in_place.map(|document| document.lineage.as_str())) {
        Ok(Some(mark)) => {
            Sighting::new(in_place, mark.outline.clone(), origin(&mark), || mark.agrees_with(snapshot))
        }
        Ok(None) => {
            let in_place =
                in_place.filter(|_| matches!(context.environment.server, ServerAddress::Remote(_)))?;
            // The last state that this machine wrote at this path, if the state in place was begun without it.
            let mark = marks.find(None).ok().flatten()?;
            Sighting::unrelated(in_place, &mark.outline, origin(&mark))
        }
        Err(error) => {
            remarks.push(SearchRemark::detail(format!(
                "the newest state that this machine keeps cannot be read: {}",
                io_words(&error)
            )));
            None
        }
    }
}

fn unchecked_remark(why: &Unchecked) -> SearchRemark {
    match why {
        Unchecked::NoRepository => SearchRemark::detail(unchecked(why)),
        _ => SearchRemark::note(unchecked(why)),
    }
}
