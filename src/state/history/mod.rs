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
mod lists;
mod log;
mod look_back;
mod memory;
mod newer;
mod reader;
mod setup;
mod walk;
mod walking;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{
    Document, How, InGit, Sighting, SightingSource, Snapshot, StateIdentity, parse_state, real_path,
};
use crate::repository::repository_root;
pub use committed::committed;
pub use elsewhere::look_elsewhere;
pub use facts::git_facts;
pub use find::find;
use git::Git;
use log::CommitLog;
pub(super) use look_back::each_committed;
pub use memory::HistoryMemory;
use reader::HistoryReader;
pub use setup::{GitSetup, git_pattern, git_setup, git_version, merge_line};
use walk::HistoryWalk;
use walking::Walking;

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
    /// The store of a shared state failed with this message.
    Store(String),
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
pub fn look(request: &HistoryRequest<'_>, memory: HistoryMemory, limits: LookLimits) -> History {
    BegunLook::begin(request.path, request.all_refs, memory, limits).finish(request)
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
    memory: HistoryMemory,
    head: Option<Walking>,
    merging: Option<git::Running>,
    others: Result<Others, Unchecked>,
}

impl BegunLook {
    /// Begins to search the history of the state at this path, which is not read. See [`HistoryRequest`].
    pub fn begin(path: &Path, all_refs: bool, memory: HistoryMemory, limits: LookLimits) -> Self {
        Self(Listing::begin(path, all_refs, memory, limits))
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
    fn begin(
        path: &Path,
        all_refs: bool,
        memory: HistoryMemory,
        limits: LookLimits,
    ) -> Result<Self, Unchecked> {
        let path = real_path(path);
        let root = root_of(&path).ok_or(Unchecked::NoRepository)?;
        let name = path.strip_prefix(root).map_err(|_| Unchecked::NoRepository)?.to_owned();
        let mut git = Git::new(root, limits);
        let clone = git.start_clone_of()?;
        let tips = all_refs.then(|| git.start_tips()).transpose()?;
        let clone = git.clone_of(clone)?;
        let stashes = (all_refs && clone.has_stashes).then(|| git.start_stashes()).transpose()?;
        let head = clone.head.as_deref();
        let head = head.map(|head| Walking::of_head(&mut git, &memory, &clone, &name, head)).transpose()?;
        let merging = clone.merging.map(|merging| git.start_log(&[merging, "--not", "HEAD"], &name));
        let merging = merging.transpose()?;
        let others = Others::start(&mut git, tips, stashes, &memory, &clone, &name);
        let left = git.left();
        Ok(Self { git, left, clone, name, memory, head, merging, others })
    }

    fn finish(self, request: &HistoryRequest<'_>, history: &mut History) -> Result<(), Unchecked> {
        let Self { mut git, left, clone, name, memory, head, merging, others } = self;
        git.resume(left);
        history.is_detached = clone.is_detached;
        if clone.is_shallow {
            history.unchecked = Some(Unchecked::Shallow);
        }
        let head = head.map(|head| head.end(&mut git, &memory, &clone)).transpose()?.unwrap_or_default();
        let own = [head, CommitLog::of(log::parse(&git.end(merging)?))];
        let place = (git.root().to_owned(), name);
        let mut reader = HistoryReader::new(request, &memory, git.blobs(), place);
        for log in &own {
            history.sightings.extend(log.walk(|commit| reader.see(commit, SightingSource::Head))?);
        }
        history.unchecked = history.unchecked.take().or(reader.unreadable.take().map(Unchecked::Unreadable));
        // What was found on the current branch counts even if the search of others fails.
        let (stashes, others) = others?.end(&mut git, &memory, &clone)?;
        // Which ref is named is chosen for those that count.
        let on_a_ref = |place| SightingSource::Ref { name: String::new(), place };
        let elsewhere = others.walk(|commit| reader.see(commit, on_a_ref))?;
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

/// The state on other refs than the current branch: stashes, and a walk.
struct Others {
    stashes: Vec<Vec<String>>,
    walking: Walking,
}

impl Others {
    /// Begins to walk once the tips and the stashes are known. If they were not asked for, other refs are not searched.
    fn start(
        git: &mut Git,
        tips: Option<git::Running>,
        stashes: Option<git::Running>,
        memory: &HistoryMemory,
        clone: &git::CloneOf,
        name: &Path,
    ) -> Result<Self, Unchecked> {
        let Some(tips) = tips else {
            return Ok(Self { stashes: Vec::new(), walking: Walking::Known(CommitLog::default()) });
        };
        let mut revisions = git.tips(tips)?;
        let stashes = stashes.map(|stashes| git.stashes(stashes)).transpose()?.unwrap_or_default();
        revisions.extend(stashes.iter().filter_map(|stash| stash.first()).cloned());
        revisions.retain(|revision| Some(revision) != clone.head.as_ref());
        revisions.extend(clone.head.iter().map(|head| format!("^{head}")));
        revisions.extend(clone.merging.map(|merging| format!("^{merging}")));
        let walking = Walking::begin(git, memory, clone, HistoryWalk { name: name.to_owned(), revisions })?;
        Ok(Self { stashes, walking })
    }

    fn end(
        self,
        git: &mut Git,
        memory: &HistoryMemory,
        clone: &git::CloneOf,
    ) -> Result<(Vec<Vec<String>>, CommitLog), Unchecked> {
        Ok((self.stashes, self.walking.end(git, memory, clone)?))
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

#[cfg(test)]
mod tests;
