//! Checks whether the state in place is the newest known one: asks the mark and git's history, refuses, and warns.
//! Called by every command that reads a state; it never changes one.

mod words;

use std::path::Path;
use std::thread;

use super::context::{Context, shown_path, state_path};
use super::elsewhere;
use super::failure::Failure;
use super::lost_journal;
use super::named_file;
use super::output::Output;
use super::sandbox::store_beside;
use super::store::StateStore;
use super::user_folders::{self, NO_STATE_HOME};
use crate::config::{Environment, ServerAddress};
use crate::model::io_words;
use crate::report;
pub(super) use words::short;
use words::{reason, unchecked, whereabouts};

use crate::state::{
    BegunLook, Document, History, HistoryRequest, How, JournalFit, LookLimits, LostJournal, Mark, Marks,
    Recency, Sighting, SightingSource, Snapshot, StateError, StateIdentity, Unchecked, journal_at, look,
    parse_state, read_commit, real_path, recency, state_at,
};

/// Returns the marks of an environment's state, or `None` if the user has no home directory.
pub(super) fn marks_of(
    environment: &Environment,
    identity: &StateIdentity,
    store: &StateStore,
) -> Option<Marks> {
    let home = user_folders::state_home()?;
    let server = match environment.server {
        ServerAddress::Remote(_) => identity.url.clone(),
        // Each sandbox is a server of its own.
        ServerAddress::Sandbox => format!("sandbox {}", real_path(&store_beside(store.path())).display()),
    };
    Some(Marks::new(&home, &environment.name, server, store.path()))
}

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
    /// The state with everything recorded in a journal that does not fit it.
    foreign_journal: Option<Document>,
    /// The contradiction in the state in place, if another program changed it.
    inconsistent: Option<Failure>,
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
        // A recorded acceptance counts, whether it is checkpointed or not.
        let with_journal = (snapshot.fit() == JournalFit::Open).then(|| snapshot.clone().effective());
        let in_place = match &with_journal {
            Some(Ok(document)) => document.as_ref(),
            _ => snapshot.document.as_ref(),
        };
        // A state need not remember what a sandbox has forgotten.
        let seen = if is_not_begun(context) {
            SeenVersions::default()
        } else {
            sightings(context, in_place, snapshot, output, begun)
        };
        let recency = match recency(in_place.is_some(), &seen.sightings) {
            // Another run replaced the state with a newer one since it was read; that one is not lost.
            Recency::Lost(_) if is_in_place(context, snapshot).is_ok_and(|it_is| !it_is) => Recency::Newest,
            recency => recency,
        };
        let is_altered = matches!(&recency, Recency::Lost(setback) if setback.how == How::Altered);
        let suspect = in_place.filter(|_| is_altered);
        let inconsistent = suspect.and_then(|document| context.check_consistency(document).err());
        let lost_journal =
            if is_not_begun(context) { None } else { lost_journal::find(context, snapshot, in_place) };
        let foreign_journal = snapshot.foreign();
        let SeenVersions { environments, is_detached, .. } = seen;
        Self {
            context,
            output,
            recency,
            environments,
            is_detached,
            lost_journal,
            foreign_journal,
            inconsistent,
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

    /// Returns how new the state is, for a command that does not merge it with others. A journal that does not fit is
    /// reported separately.
    fn recency(&self) -> &Recency {
        if self.foreign_journal.is_some() { &Recency::Newest } else { &self.recency }
    }

    /// Refuses a state that went back in time, forked or is missing.
    pub(super) fn refuse_lost(&self) -> Result<(), Failure> {
        match self.recency() {
            Recency::Lost(setback) => Err(match &self.inconsistent {
                // Both have the same cause and the same solution.
                Some(inconsistent) => {
                    Failure::error(format!("{}.\n{}", inconsistent.message, self.way_back(setback)))
                }
                None => Failure::refused(self.words(setback)),
            }),
            Recency::Newest | Recency::First | Recency::Behind(_) => match &self.lost_journal {
                Some(lost) => Err(Failure::refused(lost_journal::words(self.context, lost, self.output))),
                None => Ok(()),
            },
        }
    }

    /// Refuses a state that contradicts itself because another program changed it.
    pub(super) fn refuse_inconsistent(&self) -> Result<(), Failure> {
        if self.inconsistent.is_some() { self.refuse_lost() } else { Ok(()) }
    }

    /// Returns the newest states that the one in place does not include, each with its place.
    pub(super) fn ahead(&self) -> Result<Vec<(String, Document)>, Failure> {
        let mut ahead = Vec::new();
        if let Recency::Lost(setback) | Recency::Behind(setback) = &self.recency {
            for seen in std::iter::once(&setback.newest).chain(&setback.others) {
                ahead.push((whereabouts(&seen.origin), read(&seen.origin, &self.context.identity.url)?));
            }
        }
        let lost = self.lost_journal.as_ref();
        ahead.extend(lost.map(|lost| (lost_journal::name(lost), lost.document.clone())));
        let foreign = self.foreign_journal.clone();
        ahead.extend(foreign.map(|document| ("what the interrupted run recorded".to_owned(), document)));
        Ok(ahead)
    }

    /// Returns whether there is no state and none is known.
    pub(super) fn is_first(&self) -> bool {
        self.recency == Recency::First && self.lost_journal.is_none() && self.foreign_journal.is_none()
    }

    /// Refuses to write, also if only another branch has a newer state.
    pub(super) fn refuse_old(&self) -> Result<(), Failure> {
        self.refuse_lost()?;
        self.behind().map_or(Ok(()), |why| Err(Failure::refused(why)))
    }

    /// Explains that the output lacks what another branch knows; `None` if it does not.
    pub(super) fn behind(&self) -> Option<String> {
        match self.recency() {
            Recency::Behind(setback) => Some(self.words(setback)),
            Recency::Newest | Recency::First | Recency::Lost(_) => None,
        }
    }

    /// Returns what a reader of the plan must know first.
    pub(super) fn notice(&self, state: Option<&Document>) -> Option<String> {
        match self.recency() {
            Recency::First if state.is_none() => Some(self.first_state_note()),
            Recency::First | Recency::Newest | Recency::Lost(_) => None,
            Recency::Behind(_) => self.behind(),
        }
    }

    /// Warns that the state is not the newest, for a command that only reads.
    pub(super) fn warn(&self, output: &Output) {
        let words = match (self.recency(), &self.lost_journal) {
            (Recency::Lost(setback) | Recency::Behind(setback), _) => self.words(setback),
            (Recency::Newest | Recency::First, Some(lost)) => lost_journal::words(self.context, lost, output),
            (Recency::Newest | Recency::First, None) => return,
        };
        output.say(&format!("warning: {}", report::safe_lines(&words)));
    }
}

fn read(origin: &SightingSource, url: &str) -> Result<Document, Failure> {
    let from = |path: &Path| Ok(parse_state(path, &named_file::state(path)?)?);
    match origin {
        SightingSource::Mark(path) => from(path),
        SightingSource::File(path) => state_at(path, url).map_or_else(|| from(path), Ok),
        SightingSource::Journal(path) => journal_at(path, url)
            .ok_or_else(|| Failure::error(format!("cannot read the journal {}", shown_path(path)))),
        SightingSource::Head(place)
        | SightingSource::Elsewhere(place)
        | SightingSource::Ref { place, .. } => read_commit(place, LookLimits::default()).map_err(|why| {
            let commit = short(&place.commit);
            Failure::error(format!("cannot read the state in commit {commit}: {}", reason(&why)))
        }),
    }
}

/// Returns whether the state's path still holds the version that was read.
fn is_in_place(context: &Context, snapshot: &Snapshot) -> Result<bool, StateError> {
    Ok(context.store.version()? == snapshot.version)
}

/// Returns whether the environment is a sandbox without data.
fn is_not_begun(context: &Context) -> bool {
    matches!(context.environment.server, ServerAddress::Sandbox)
        && !store_beside(context.store.path()).exists()
}

/// The states seen elsewhere.
#[derive(Default)]
struct SeenVersions {
    sightings: Vec<Sighting>,
    /// Names of other environments of the project with templates for the same courses on this instance.
    environments: Vec<String>,
    /// Whether a commit is checked out instead of a branch.
    is_detached: bool,
}

/// A search through git's history that runs beside the reading of files: git needs a moment for thousands of commits.
pub(super) struct BegunSearch(Option<thread::JoinHandle<BegunLook>>);

impl BegunSearch {
    /// Begins the search, if there is anything to look for. Without a thread for it, it is made later.
    pub(super) fn begin(context: &Context) -> Option<Self> {
        if is_not_begun(context) {
            return None;
        }
        let (path, all_refs) = (context.store.path().to_owned(), looks_at_all_refs(context));
        let search = move || BegunLook::begin(&path, all_refs, LookLimits::default());
        thread::Builder::new().name("history".to_owned()).spawn(search).ok().map(|search| Self(Some(search)))
    }

    fn finish(mut self, request: &HistoryRequest<'_>) -> Option<History> {
        self.0.take()?.join().ok().map(|begun| begun.finish(request))
    }
}

impl Drop for BegunSearch {
    /// Ends git, if the command has failed meanwhile.
    fn drop(&mut self) {
        drop(self.0.take().map(thread::JoinHandle::join));
    }
}

/// The data of another branch's sandbox is on another machine.
fn looks_at_all_refs(context: &Context) -> bool {
    matches!(context.environment.server, ServerAddress::Remote(_))
}

fn sightings(
    context: &Context,
    in_place: Option<&Document>,
    snapshot: &Snapshot,
    output: &Output,
    begun: Option<BegunSearch>,
) -> SeenVersions {
    let request = HistoryRequest {
        path: context.store.path(),
        identity: &context.identity,
        in_place,
        snapshot,
        all_refs: looks_at_all_refs(context),
    };
    let found = begun.and_then(|begun| begun.finish(&request));
    let History { sightings, unchecked, is_detached } =
        found.unwrap_or_else(|| look(&request, LookLimits::default()));
    if let Some(why) = unchecked {
        report_unchecked(&why, output);
    }
    let is_own = |seen: &Sighting| matches!(seen.origin, SightingSource::Head(_));
    let (own, others): (Vec<_>, Vec<_>) = sightings.into_iter().partition(is_own);
    let mark = mark(context, in_place, snapshot, output);
    let known: Vec<Sighting> = own.into_iter().chain(mark).chain(others).collect();
    if in_place.is_some() || !known.is_empty() {
        return SeenVersions { sightings: known, environments: Vec::new(), is_detached };
    }
    let found = elsewhere::look(context);
    for why in &found.unchecked {
        report_unchecked(why, output);
    }
    SeenVersions { sightings: found.sightings, environments: found.environments, is_detached }
}

fn mark(
    context: &Context,
    in_place: Option<&Document>,
    snapshot: &Snapshot,
    output: &Output,
) -> Option<Sighting> {
    let Some(marks) = context.store.marks() else {
        output.detail(&format!("note: the newest state is not kept on this machine: {NO_STATE_HOME}"));
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
            output.detail(&format!(
                "note: the newest state that this machine keeps cannot be read: {}",
                io_words(&error)
            ));
            None
        }
    }
}

fn report_unchecked(why: &Unchecked, output: &Output) {
    let note = unchecked(why);
    match why {
        Unchecked::NoRepository => output.detail(&note),
        _ => output.note_once(&note),
    }
}
