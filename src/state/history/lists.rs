//! Lists commits: those that touched a file, the tips of refs, and stashes.

use std::path::Path;

use super::Unchecked;
use super::git::{Git, Running};
use super::log::FORMAT;
use super::walk::HistoryWalk;

/// How `git log` lists the commits that touched a file. Settings that would change the list are overruled here and
/// where git is started.
const LOG: [&str; 16] = [
    "log",
    "--full-history",
    "--parents",
    "--topo-order",
    FORMAT,
    "--raw",
    "-m",
    "--no-abbrev",
    "--no-renames",
    "--no-color",
    "--no-decorate",
    "--no-ext-diff",
    "--no-mailmap",
    "--no-notes",
    "--no-show-signature",
    "--no-textconv",
];

impl Git {
    /// Starts listing the commits of these revisions that touched a file.
    pub(super) fn start_log(&self, revisions: &[&str], name: &Path) -> Result<Running, Unchecked> {
        let mut arguments = LOG.to_vec();
        arguments.extend(revisions);
        arguments.push("--");
        self.start(&arguments, Some(name))
    }

    /// Starts listing the commits of a walk that touched its file.
    pub(super) fn start_walk(&self, walk: &HistoryWalk) -> Result<Running, Unchecked> {
        self.start_asking(&[&LOG[..], &["--stdin", "--"]].concat(), walk)
    }

    /// Starts listing all commits of a walk, at most so many, with their true parents and what they did to the file.
    /// Ends of the walk may be unknown in this clone.
    pub(super) fn start_newer(&self, walk: &HistoryWalk, most: usize) -> Result<Running, Unchecked> {
        let most = format!("--max-count={most}");
        let own = ["--sparse", &most, "--ignore-missing", "--stdin", "--"];
        self.start_asking(&[&LOG[..], &own].concat(), walk)
    }

    /// Starts listing the commits of all refs, and those that are checked out elsewhere.
    pub(super) fn start_tips(&self) -> Result<Running, Unchecked> {
        self.start(&["rev-list", "--no-walk=unsorted", "--all"], None)
    }

    /// Waits for these commits.
    pub(super) fn tips(&mut self, running: Running) -> Result<Vec<String>, Unchecked> {
        let output = self.end(Some(running))?;
        Ok(String::from_utf8_lossy(&output).lines().map(str::to_owned).collect())
    }

    /// Starts listing the entries of `git stash`.
    pub(super) fn start_stashes(&self) -> Result<Running, Unchecked> {
        self.start(&["log", "--walk-reflogs", "--format=%H %P", "refs/stash", "--"], None)
    }

    /// The entries of `git stash`, the newest first: for each, its commit and the commits that it was made of.
    pub(super) fn stashes(&mut self, running: Running) -> Result<Vec<Vec<String>>, Unchecked> {
        // Without a stash the ref does not exist, and git fails.
        let (output, _, _) = self.finish(running)?;
        let text = String::from_utf8_lossy(&output);
        Ok(text.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect())
    }
}
