//! Continues the log of a commit with the commits made since. Pure.
//!
//! Of each commit, a log holds what depends on that commit and its ancestors alone (see [`CommitLog`]). So the log of a
//! commit is that of its ancestor, preceded by what is new, provided that all new commits are descendants of the
//! ancestor: then they come first, whatever order git chooses among commits that are unrelated.

use std::collections::HashSet;

use super::log::{Commit, CommitLog, parse};

/// The commits that a tip has and some other tips have not, with their true parents.
pub(super) struct NewerCommits(Vec<Commit>);

impl NewerCommits {
    /// Parses git's list, which has every commit, whether it touched the file or not.
    pub(super) fn parse(output: &[u8]) -> Self {
        Self(parse(output))
    }

    /// The ancestor of this tip that all these commits descend from, so that nothing but its own log is missing; `None`
    /// if there is no such ancestor, or if the list is incomplete. That is concluded from the list alone: its commits
    /// have all their parents in it, except for a single other commit.
    pub(super) fn base(&self, tip: &str) -> Option<&str> {
        let Self(commits) = self;
        let ids: HashSet<&str> = commits.iter().map(|commit| commit.id.as_str()).collect();
        let is_whole = ids.contains(tip) && commits.iter().all(|commit| !commit.parents.is_empty());
        let mut outside = commits
            .iter()
            .flat_map(|commit| &commit.parents)
            .map(String::as_str)
            .filter(|parent| !ids.contains(parent));
        let base = outside.next().filter(|_| is_whole)?;
        outside.all(|parent| parent == base).then_some(base)
    }

    /// The log of the tip, with the one of its base.
    pub(super) fn after(self, base: &str, log: CommitLog) -> CommitLog {
        let Self(mut commits) = self;
        let older = log.into_commits();
        // Everything in the base's log is the base or an ancestor, so the first in it takes the base's place.
        let parents = older.first().map(|first| first.id.clone()).filter(|first| first != base);
        if older.first().is_none_or(|first| first.id != base) {
            commits.push(Commit { id: base.to_owned(), parents: parents.into_iter().collect(), blob: None });
        }
        commits.extend(older);
        CommitLog::of(commits)
    }
}
