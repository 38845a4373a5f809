//! Searches the git history of a state file for a state that the one in place does not know. Commands call it before
//! they trust the state.
//!
//! Git is only asked what it has: it runs no hook, file system monitor, filter, pager or transport, and a search that
//! takes too long is given up. Nothing in the repository is changed.

mod blobs;
mod committed;
mod committed_merge;
mod elsewhere;
mod facts;
mod find;
mod git;
mod log;
mod look_back;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{
    Document, How, InGit, Outline, Sighting, SightingSource, Snapshot, StateIdentity, parse_state, real_path,
};
use crate::repository::repository_root;
use blobs::Blobs;
pub use committed::committed;
pub use elsewhere::look_elsewhere;
pub use facts::git_facts;
pub use find::find;
use git::{Git, MERGE_HEAD};
use log::{Commit, CommitLog};
pub(super) use look_back::each_committed;

/// The ref of `git stash`, as people type it.
const STASH: &str = "stash";

/// The limits of a search.
#[derive(Clone, Copy, Debug)]
pub struct LookLimits {
    /// The maximum time in total.
    pub time: Duration,
    /// The maximum number of bytes read in total.
    pub bytes: u64,
}

impl Default for LookLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(2), bytes: 64 << 20 }
    }
}

/// The result of a search through git's history.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// States of the current branch and of others that may be newer than the one in place: the newest of each line.
    pub sightings: Vec<Sighting>,
    /// Why the search is incomplete, if it is.
    pub unchecked: Option<Unchecked>,
    /// Whether a commit is checked out instead of a branch: then no branch can be behind.
    pub is_detached: bool,
}

/// Why the history was not searched, or not completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unchecked {
    /// The state is not in a git repository.
    NoRepository,
    /// Git is not installed.
    NoGit,
    /// The clone has only the newest commits.
    Shallow,
    /// The search reached its time limit.
    TooLong,
    /// The search reached its byte limit.
    TooLarge,
    /// The project has more files than are examined for a state that was moved.
    TooManyFiles,
    /// The content of this commit cannot be read as a state. A filter may store it in another form; certctl runs no
    /// filters.
    Unreadable(String),
    /// Git failed with this message.
    Failed(String),
}

/// The state whose history is searched.
#[derive(Clone, Copy, Debug)]
pub struct HistoryRequest<'a> {
    /// The state file; it may be missing.
    pub path: &'a Path,
    /// The identity of the state: those of other instances are ignored.
    pub identity: &'a StateIdentity,
    /// The state in place, including its journal.
    pub in_place: Option<&'a Document>,
    /// The state file alone: other contents are compared with it if writes cannot decide.
    pub snapshot: &'a Snapshot,
    /// Whether to search other refs than the current branch.
    pub all_refs: bool,
}

/// Searches the history of a state. Never fails: the result says what could not be searched.
pub fn look(request: &HistoryRequest<'_>, limits: LookLimits) -> History {
    BegunLook::begin(request.path, request.all_refs, limits).finish(request)
}

/// A search that has begun: git lists the commits while other files are read. Dropping it ends git.
pub struct BegunLook(Result<Listing, Unchecked>);

/// The commits that git is listing.
struct Listing {
    git: Git,
    /// The time that is left when the listing has begun.
    left: Duration,
    clone: git::CloneOf,
    /// The file's path below the root of the repository.
    name: PathBuf,
    head: Option<git::Running>,
    merging: Option<git::Running>,
    others: Result<Others, Unchecked>,
}

impl BegunLook {
    /// Begins to search the history of the state at this path, which is not read. See [`HistoryRequest`].
    pub fn begin(path: &Path, all_refs: bool, limits: LookLimits) -> Self {
        Self(Listing::begin(path, all_refs, limits))
    }

    /// Compares what was found with the state in place. Time that passed since the search began does not count.
    pub fn finish(self, request: &HistoryRequest<'_>) -> History {
        let mut history = History::default();
        let finished = self.0.and_then(|listing| listing.finish(request, &mut history));
        if let Err(why) = finished {
            history.unchecked = Some(why);
        }
        history
    }
}

/// Reads the state in a commit that was found.
pub fn read_commit(place: &InGit, limits: LookLimits) -> Result<Document, Unchecked> {
    let mut git = Git::new(&place.root, limits);
    let bytes = git.content(&place.object())?;
    parse_state(&place.path, &bytes).map_err(|error| Unchecked::Failed(error.to_string()))
}

impl Listing {
    fn begin(path: &Path, all_refs: bool, limits: LookLimits) -> Result<Self, Unchecked> {
        let path = real_path(path);
        let root = root_of(&path).ok_or(Unchecked::NoRepository)?;
        let name = path.strip_prefix(root).map_err(|_| Unchecked::NoRepository)?.to_owned();
        let mut git = Git::new(root, limits);
        // The list of the branch's commits takes longest, so it is begun first, before it is known to have any.
        let head = git.start_log(&["HEAD"], &name)?;
        let clone = git.start_clone_of()?;
        let stashes = all_refs.then(|| git.start_stashes()).transpose();
        let clone = git.clone_of(clone)?;
        let head = clone.head.is_some().then_some(head);
        let is_merging = clone.head.is_some() && clone.is_merging;
        let merging = is_merging.then(|| git.start_log(&[MERGE_HEAD, "--not", "HEAD"], &name)).transpose()?;
        let others = stashes.and_then(|stashes| Others::start(&mut git, stashes, &clone, &name));
        let left = git.left();
        Ok(Self { git, left, clone, name, head, merging, others })
    }

    fn finish(self, request: &HistoryRequest<'_>, history: &mut History) -> Result<(), Unchecked> {
        let Self { mut git, left, clone, name, head, merging, others } = self;
        git.resume(left);
        history.is_detached = clone.is_detached;
        if clone.is_shallow {
            history.unchecked = Some(Unchecked::Shallow);
        }
        let own = [CommitLog::parse(&git.end(head)?), CommitLog::parse(&git.end(merging)?)];
        let mut reader = HistoryReader {
            request,
            blobs: git.blobs(),
            seen: HashMap::new(),
            place: (git.root().to_owned(), name),
            unreadable: None,
        };
        for log in &own {
            history.sightings.extend(log.walk(|commit| reader.see(commit, None))?);
        }
        history.unchecked = history.unchecked.take().or(reader.unreadable.take().map(Unchecked::Unreadable));
        // What was found on the current branch counts even if the search of others fails.
        let (stashes, others) = others?.end(&mut git)?;
        let elsewhere = others.walk(|commit| reader.see(commit, Some(&commit.source)))?;
        drop(reader);
        // Of two contents under one write, another branch does not show which is right.
        for mut sighting in elsewhere.into_iter().filter(|seen| seen.finds != Some(How::Altered)) {
            if let SightingSource::Ref { name, place } = &mut sighting.origin {
                choose_ref(&mut git, &others, &stashes, name, place);
            }
            history.sightings.push(sighting);
        }
        Ok(())
    }
}

/// The state on other refs than the current branch: stashes, and a log in progress.
struct Others {
    stashes: Vec<Vec<String>>,
    log: Option<git::Running>,
}

impl Others {
    /// Begins the list once the stashes are known. If they were not asked for, other refs are not searched.
    fn start(
        git: &mut Git,
        stashes: Option<git::Running>,
        clone: &git::CloneOf,
        name: &Path,
    ) -> Result<Self, Unchecked> {
        let Some(stashes) = stashes else { return Ok(Self { stashes: Vec::new(), log: None }) };
        let stashes = git.stashes(stashes)?;
        let mut revisions = vec!["--all"];
        revisions.extend(stashes.iter().filter_map(|stash| stash.first()).map(String::as_str));
        if clone.head.is_some() {
            revisions.extend(["--not", "HEAD"]);
            revisions.extend(clone.is_merging.then_some(MERGE_HEAD));
        }
        let log = git.start_log(&revisions, name)?;
        Ok(Self { stashes, log: Some(log) })
    }

    fn end(self, git: &mut Git) -> Result<(Vec<Vec<String>>, CommitLog), Unchecked> {
        Ok((self.stashes, CommitLog::parse(&git.end(self.log)?)))
    }
}

/// Names the best ref that has the state. A branch can be merged, also by a pipeline; a stash belongs to one clone
/// and disappears when it is popped, so it is named only if no other ref has the same content.
fn choose_ref(git: &mut Git, log: &CommitLog, stashes: &[Vec<String>], name: &mut String, place: &mut InGit) {
    let seen = place.commit.clone();
    for commit in std::iter::once(seen.as_str()).chain(log.same_content(&seen)) {
        match git.name_of(commit) {
            Ok(best) if best != STASH => {
                (*name, place.commit) = (best, commit.to_owned());
                return;
            }
            _ if commit == seen => {
                let has_it = |stash: &Vec<String>| stash.iter().any(|part| part == commit);
                let number = stashes.iter().position(has_it);
                *name = number.map_or_else(|| commit.get(..12).unwrap_or(commit).to_owned(), stash_name);
            }
            _ => {}
        }
    }
}

/// The name of a stash, as people type it.
fn stash_name(number: usize) -> String {
    format!("{STASH}@{{{number}}}")
}

/// Whether a state was committed with conflict markers.
fn has_conflict(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"<<<<<<<"))
}

/// The folder of the repository that this file belongs to, as git finds it.
fn root_of(path: &Path) -> Option<&Path> {
    repository_root(path.parent()?)
}

/// Reads states from commits, each content once.
struct HistoryReader<'a> {
    request: &'a HistoryRequest<'a>,
    blobs: Blobs,
    seen: HashMap<String, Option<Sighting>>,
    place: (PathBuf, PathBuf),
    /// The first commit whose content cannot be read as a state.
    unreadable: Option<String>,
}

impl HistoryReader<'_> {
    /// Reads the state in this commit; `None` if it does not belong to this instance.
    fn see(&mut self, commit: &Commit, source: Option<&str>) -> Result<Option<Sighting>, Unchecked> {
        let Some(blob) = &commit.blob else { return Ok(None) };
        if let Some(known) = self.seen.get(blob) {
            return Ok(known.clone());
        }
        let (root, path) = self.place.clone();
        let place = InGit { root, commit: commit.id.clone(), path };
        let origin = match source {
            None => SightingSource::Head(place),
            Some(name) => SightingSource::Ref { name: log::short_name(name).to_owned(), place },
        };
        let sighting = match self.in_place(blob) {
            Some(outline) => self.compare(&outline, &origin, || true),
            None => self.read(blob, &commit.id, &origin)?,
        };
        self.seen.insert(blob.clone(), sighting.clone());
        Ok(sighting)
    }

    /// The outline of the state file, if this is its content, byte for byte.
    fn in_place(&self, blob: &str) -> Option<Outline> {
        let Snapshot { document, blob: own, .. } = self.request.snapshot;
        let document = document.as_ref().filter(|_| own.as_ref().is_some_and(|own| own.as_str() == blob))?;
        let identity = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
        Some(Outline { identity, ancestry: document.ancestry() })
    }

    fn read(
        &mut self,
        blob: &str,
        commit: &str,
        origin: &SightingSource,
    ) -> Result<Option<Sighting>, Unchecked> {
        let bytes = self.blobs.read(blob)?;
        let outline = Outline::read(&bytes);
        if outline.is_none() && !has_conflict(&bytes) && self.unreadable.is_none() {
            self.unreadable = Some(commit.to_owned());
        }
        let HistoryRequest { path, snapshot, .. } = self.request;
        let same = || !snapshot.contradicts(path, &bytes);
        Ok(outline.and_then(|outline| self.compare(&outline, origin, same)))
    }

    /// Compares a state with the one in place; `None` if it does not belong to this instance.
    fn compare(
        &self,
        outline: &Outline,
        origin: &SightingSource,
        same: impl FnOnce() -> bool,
    ) -> Option<Sighting> {
        let HistoryRequest { identity, in_place, .. } = self.request;
        // The environment may have had another name.
        if outline.identity.url != identity.url {
            return None;
        }
        // A state that a sandbox forgot, or that only another branch began with, does not count.
        let may_be_another = self.request.all_refs && matches!(origin, SightingSource::Head(_));
        let another = || {
            let in_place = in_place.filter(|_| may_be_another)?;
            Sighting::unrelated(in_place, outline, origin.clone())
        };
        Sighting::new(*in_place, outline.clone(), origin.clone(), same).or_else(another)
    }
}

#[cfg(test)]
mod tests;
