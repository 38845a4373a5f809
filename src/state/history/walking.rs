//! Walks through the history of a file: remembered ones, those continued from remembered ones, and those that git
//! makes.

use std::path::Path;

use super::Unchecked;
use super::git::{CloneOf, Git, Running};
use super::log::{CommitLog, parse};
use super::memory::HistoryMemory;
use super::newer::NewerCommits;
use super::walk::HistoryWalk;

/// The maximum number of new commits that are worth asking for.
const MAX_NEWER: usize = 1000;

/// A walk whose log is known, or that git is making.
pub(super) enum Walking {
    Known(CommitLog),
    Running(HistoryWalk, Running),
}

impl Walking {
    /// Begins to walk from the commit that is checked out to the first.
    pub(super) fn of_head(
        git: &mut Git,
        memory: &HistoryMemory,
        clone: &CloneOf,
        name: &Path,
        head: &str,
    ) -> Result<Self, Unchecked> {
        let walk = HistoryWalk::of_tip(name, head);
        if let Some(log) = recall(git, memory, clone, &walk)? {
            return Ok(Self::Known(log));
        }
        match continued(git, memory, clone, &walk) {
            Ok(Some(log)) => {
                remember(memory, clone, &walk, &log);
                Ok(Self::Known(log))
            }
            Ok(None) | Err(Unchecked::Failed(_)) => Self::start(git, walk),
            Err(limit) => Err(limit),
        }
    }

    /// Begins a walk, if it is not remembered.
    pub(super) fn begin(
        git: &mut Git,
        memory: &HistoryMemory,
        clone: &CloneOf,
        walk: HistoryWalk,
    ) -> Result<Self, Unchecked> {
        match recall(git, memory, clone, &walk)? {
            Some(log) => Ok(Self::Known(log)),
            None => Self::start(git, walk),
        }
    }

    fn start(git: &Git, walk: HistoryWalk) -> Result<Self, Unchecked> {
        // Without a commit to begin with, git would begin with another one.
        if walk.revisions.iter().all(|revision| revision.starts_with('^')) {
            return Ok(Self::Known(CommitLog::default()));
        }
        let running = git.start_walk(&walk)?;
        Ok(Self::Running(walk, running))
    }

    /// Waits for the log.
    pub(super) fn end(
        self,
        git: &mut Git,
        memory: &HistoryMemory,
        clone: &CloneOf,
    ) -> Result<CommitLog, Unchecked> {
        match self {
            Self::Known(log) => Ok(log),
            Self::Running(walk, running) => {
                let log = CommitLog::of(parse(&git.end(Some(running))?));
                remember(memory, clone, &walk, &log);
                Ok(log)
            }
        }
    }
}

/// The remembered log of a walk.
fn recall(
    git: &mut Git,
    memory: &HistoryMemory,
    clone: &CloneOf,
    walk: &HistoryWalk,
) -> Result<Option<CommitLog>, Unchecked> {
    let may_be_known = walk.is_fixed() && clone.has_whole_past();
    let Some((log, bytes)) = may_be_known.then(|| memory.log(walk)).flatten() else { return Ok(None) };
    git.spend(bytes)?;
    Ok(Some(log))
}

/// Remembers the log of a walk that has ended: none that ended too early because the clone was cut meanwhile.
fn remember(memory: &HistoryMemory, clone: &CloneOf, walk: &HistoryWalk, log: &CommitLog) {
    if walk.is_fixed() && clone.has_whole_past() {
        memory.keep_log(walk, log);
    }
}

/// The log of a tip, if only new commits separate it from one whose log is remembered.
fn continued(
    git: &mut Git,
    memory: &HistoryMemory,
    clone: &CloneOf,
    walk: &HistoryWalk,
) -> Result<Option<CommitLog>, Unchecked> {
    let ([tip], true) = (&walk.revisions[..], clone.has_whole_past()) else { return Ok(None) };
    let known = memory.tips(&walk.name);
    if known.is_empty() {
        return Ok(None);
    }
    let since = std::iter::once(tip.clone()).chain(known.iter().map(|known| format!("^{known}"))).collect();
    let since = HistoryWalk { name: walk.name.clone(), revisions: since };
    let running = git.start_newer(&since, MAX_NEWER)?;
    let newer = NewerCommits::parse(&git.end(Some(running))?);
    let Some(base) = newer.base(tip).filter(|base| known.iter().any(|known| known == base)) else {
        return Ok(None);
    };
    let base = base.to_owned();
    let log = recall(git, memory, clone, &HistoryWalk::of_tip(&walk.name, &base))?;
    Ok(log.map(|log| newer.after(&base, log)))
}
