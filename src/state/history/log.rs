//! The commits that touched one file, as `git log` lists them, and which of them to read. Pure.

use std::collections::{HashMap, HashSet};

use super::super::{How, Sighting};
use super::walk::is_id;
use crate::model::Timestamp;

/// A commit that changed the file, or that merged lines of history that did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: String,
    pub(super) parents: Vec<String>,
    /// The content of the file in this commit, if it differs from a parent's; `None` if the file was removed.
    pub(super) blob: Option<String>,
}

/// In a line, instead of the content of a commit that has none of its own.
const WITHOUT: &str = "-";

/// The format of the line that begins a commit.
pub(super) const FORMAT: &str = "--format=commit %H %ct %P";

/// Parses the output of `git log --raw` with [`FORMAT`].
pub(super) fn parse(output: &[u8]) -> Vec<Commit> {
    parse_dated(output).into_iter().map(|(commit, _)| commit).collect()
}

/// Like [`parse`], with the time when each commit was made, as it says itself.
pub(super) fn parse_dated(output: &[u8]) -> Vec<(Commit, Option<Timestamp>)> {
    let mut commits: Vec<(Commit, Option<Timestamp>)> = Vec::new();
    for line in output.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        if let Some(rest) = line.strip_prefix("commit ") {
            let mut words = rest.split(' ').map(str::to_owned);
            let (Some(id), Some(at)) = (words.next(), words.next()) else { continue };
            // A merge is listed once for each parent that it differs from.
            if commits.last().is_none_or(|(last, _)| last.id != id) {
                let parents = words.filter(|word| !word.is_empty()).collect();
                let at = at.parse().ok().map(Timestamp::from_unix_seconds);
                commits.push((Commit { id, parents, blob: None }, at));
            }
        } else if let Some(rest) = line.strip_prefix(':') {
            let new = rest.split(' ').nth(3).unwrap_or_default();
            let is_there = !new.is_empty() && !new.bytes().all(|byte| byte == b'0');
            if let Some((commit, _)) = commits.last_mut().filter(|_| is_there) {
                commit.blob = Some(new.to_owned());
            }
        }
    }
    commits
}

/// Commits, each before its parents. Those that neither have a content of their own nor join lines of history are left
/// out: of each other commit, the list depends on that commit and its ancestors alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CommitLog {
    commits: Vec<Commit>,
}

impl CommitLog {
    /// The log of these commits, each of which comes before its parents. Parents that are left out are replaced by
    /// their own.
    pub(super) fn of(listed: Vec<Commit>) -> Self {
        // The commit that takes the place of one that is left out, if there is any.
        let mut instead: HashMap<String, Option<String>> = HashMap::new();
        let mut commits = Vec::with_capacity(listed.len());
        for mut commit in listed.into_iter().rev() {
            let mut parents: Vec<String> = Vec::with_capacity(commit.parents.len());
            for parent in commit.parents {
                let parent = instead.get(&parent).cloned().unwrap_or(Some(parent));
                parents.extend(parent.filter(|parent| !parents.contains(parent)));
            }
            if commit.blob.is_none() && parents.len() < 2 {
                instead.insert(commit.id, parents.pop());
                continue;
            }
            commit.parents = parents;
            commits.push(commit);
        }
        commits.reverse();
        Self { commits }
    }

    /// A line for each commit: its id, its content, and its parents.
    pub(super) fn to_lines(&self) -> String {
        let mut lines = String::new();
        for Commit { id, parents, blob } in &self.commits {
            lines.push_str(id);
            lines.push(' ');
            lines.push_str(blob.as_deref().unwrap_or(WITHOUT));
            for parent in parents {
                lines.push(' ');
                lines.push_str(parent);
            }
            lines.push('\n');
        }
        lines
    }

    /// The log with these lines; `None` if [`Self::to_lines`] does not write such ones.
    pub(super) fn from_lines(lines: &str) -> Option<Self> {
        let id = |word: &str| is_id(word).then(|| word.to_owned());
        let commit = |line: &str| {
            let mut words = line.split(' ');
            let commit = id(words.next()?)?;
            let blob = match words.next()? {
                WITHOUT => None,
                blob => Some(id(blob)?),
            };
            Some(Commit { id: commit, blob, parents: words.map(id).collect::<Option<_>>()? })
        };
        Some(Self { commits: lines.split_terminator('\n').map(commit).collect::<Option<_>>()? })
    }

    pub(super) fn into_commits(self) -> Vec<Commit> {
        self.commits
    }

    /// The other commits in which the file has the same content.
    pub(super) fn same_content<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        let blob =
            self.commits.iter().find(|commit| commit.id == id).and_then(|commit| commit.blob.as_deref());
        let has_it =
            move |commit: &&Commit| blob.is_some() && commit.blob.as_deref() == blob && commit.id != id;
        self.commits.iter().filter(has_it).map(|commit| commit.id.as_str())
    }

    /// The states that the one in place does not know, the newest of each line of history. Ancestors of a known state
    /// are known too, and ancestors of an unknown state are older than it, so neither are read. A state was written
    /// in the oldest commit that has it; younger commits with the same content restored it.
    pub(super) fn walk<E>(
        &self,
        mut see: impl FnMut(&Commit) -> Result<Option<Sighting>, E>,
    ) -> Result<Vec<Sighting>, E> {
        let places: HashMap<&str, usize> =
            self.commits.iter().enumerate().map(|(place, commit)| (commit.id.as_str(), place)).collect();
        // Of equal contents the last in the list is kept: the oldest.
        let births: HashMap<&str, usize> = self
            .commits
            .iter()
            .enumerate()
            .filter_map(|(place, commit)| Some((commit.blob.as_deref()?, place)))
            .collect();
        let add_history = |blob: &str, to: &mut HashSet<usize>| {
            let mut before = births.get(blob).copied().into_iter().collect::<Vec<_>>();
            while let Some(place) = before.pop() {
                if to.insert(place) {
                    let parents = self.commits.get(place).into_iter().flat_map(|commit| &commit.parents);
                    before.extend(parents.filter_map(|id| places.get(id.as_str())));
                }
            }
        };
        let (mut passed, mut known) = (HashSet::new(), HashSet::new());
        let mut found = Vec::new();
        let mut of_one_write: Option<Sighting> = None;
        for (place, commit) in self.commits.iter().enumerate() {
            let Some(blob) = commit.blob.as_deref().filter(|_| !passed.contains(&place)) else { continue };
            let Some(sighting) = see(commit)? else { continue };
            if sighting.is_of_one_write {
                // Of several contents under one write, the oldest is the one that the write made, so the search goes
                // on to it. Everything before the state in place is known anyway, however many writes ago.
                if sighting.finds.is_none() {
                    add_history(blob, &mut known);
                }
                of_one_write = Some(sighting);
                continue;
            }
            let is_another = sighting.finds == Some(How::Unrelated);
            if sighting.finds.is_some() && (is_another || !known.contains(&place)) {
                found.push(sighting);
            }
            add_history(blob, &mut passed);
        }
        found.extend(of_one_write.filter(|oldest| oldest.finds.is_some()));
        Ok(found)
    }
}

/// The name of a ref as people type it.
pub(super) fn short_name(name: &str) -> &str {
    ["refs/heads/", "refs/remotes/", "refs/tags/", "refs/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests;
