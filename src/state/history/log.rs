//! The commits that touched one file, as `git log` lists them, and which of them to read. Pure.

use std::collections::{HashMap, HashSet};

use super::super::{How, Sighting};
use crate::model::Timestamp;

/// A commit that changed the file, or that merged lines of history that did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: String,
    /// The ref that led to it.
    pub(super) source: String,
    /// When it was made, as it says itself.
    pub(super) at: Option<Timestamp>,
    parents: Vec<String>,
    /// The content of the file in this commit, if it differs from a parent's; `None` if the file was removed.
    pub(super) blob: Option<String>,
}

/// The format of the line that begins a commit.
pub(super) const FORMAT: &str = "--format=commit %H %S %ct %P";

/// Commits, each before its parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CommitLog {
    commits: Vec<Commit>,
}

impl CommitLog {
    /// Parses the output of `git log --raw` with [`FORMAT`].
    pub(super) fn parse(output: &[u8]) -> Self {
        let mut commits: Vec<Commit> = Vec::new();
        for line in output.split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            if let Some(rest) = line.strip_prefix("commit ") {
                let mut words = rest.split(' ').map(str::to_owned);
                let (Some(id), Some(source), Some(at)) = (words.next(), words.next(), words.next()) else {
                    continue;
                };
                // A merge is listed once for each parent that it differs from.
                if commits.last().is_none_or(|last| last.id != id) {
                    let parents = words.filter(|word| !word.is_empty()).collect();
                    let at = at.parse().ok().map(Timestamp::from_unix_seconds);
                    commits.push(Commit { id, source, at, parents, blob: None });
                }
            } else if let Some(rest) = line.strip_prefix(':') {
                let new = rest.split(' ').nth(3).unwrap_or_default();
                let is_there = !new.is_empty() && !new.bytes().all(|byte| byte == b'0');
                if let Some(commit) = commits.last_mut().filter(|_| is_there) {
                    commit.blob = Some(new.to_owned());
                }
            }
        }
        Self { commits }
    }

    pub(super) fn commits(&self) -> &[Commit] {
        &self.commits
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
