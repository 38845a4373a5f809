//! A walk through the history of a file, and the entries of the memory about walks and committed states.

use std::path::{Path, PathBuf};

use super::log::CommitLog;
use super::memory::HistoryMemory;
use crate::model::Digest;
use crate::state::{Document, Outline};

/// The maximum number of tips from which a new tip is reached.
const MAX_TIPS: usize = 8;

/// A walk through the history of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HistoryWalk {
    /// The file's path below the root of the repository.
    pub(super) name: PathBuf,
    /// Where the walk begins: ids of commits; and where it ends: ids after `^`.
    pub(super) revisions: Vec<String>,
}

impl HistoryWalk {
    /// The walk from one commit to the first.
    pub(super) fn of_tip(name: &Path, tip: &str) -> Self {
        Self { name: name.to_owned(), revisions: vec![tip.to_owned()] }
    }

    /// Whether this walk always has the same log: a ref may lead elsewhere tomorrow.
    pub(super) fn is_fixed(&self) -> bool {
        self.revisions.iter().all(|revision| is_id(revision.strip_prefix('^').unwrap_or(revision)))
    }

    /// All that its log depends on.
    fn about(&self) -> Vec<u8> {
        let mut about = self.name.as_os_str().as_encoded_bytes().to_vec();
        for revision in &self.revisions {
            about.push(0);
            about.extend_from_slice(revision.as_bytes());
        }
        about
    }

    /// The name of its entry. A single tip is named as it is, so that [`HistoryMemory::tips`] finds it.
    pub(super) fn entry(&self) -> String {
        let prefix = prefix(&self.name);
        match &self.revisions[..] {
            [tip] => format!("{prefix}{tip}"),
            _ => format!("{prefix}others-{}", short_digest(&self.about())),
        }
    }
}

/// The beginning of the names of all entries about the history of this file.
fn prefix(name: &Path) -> String {
    format!("{}-", short_digest(name.as_os_str().as_encoded_bytes()))
}

fn short_digest(bytes: &[u8]) -> String {
    Digest::of(bytes).as_str().chars().skip("sha256:".len()).take(32).collect()
}

/// Whether this is an id of an object in git: SHA-1 or SHA-256.
pub(super) fn is_id(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl HistoryMemory {
    /// The log that this walk had, and the size of its entry.
    pub(super) fn log(&self, walk: &HistoryWalk) -> Option<(CommitLog, u64)> {
        let lines = self.recall(&walk.entry(), &walk.about())?;
        let log = CommitLog::from_lines(std::str::from_utf8(&lines).ok()?)?;
        Some((log, lines.len() as u64))
    }

    /// Remembers the log of a walk in a clone that has the whole past of its commits.
    pub(super) fn keep_log(&self, walk: &HistoryWalk, log: &CommitLog) {
        self.remember(&walk.entry(), &walk.about(), log.to_lines().as_bytes());
    }

    /// The tips whose logs of this file are remembered, those remembered last. Not each is in every clone.
    pub(super) fn tips(&self, name: &Path) -> Vec<String> {
        self.names(&prefix(name)).into_iter().filter(|name| is_id(name)).take(MAX_TIPS).collect()
    }

    /// What the state with this content says about itself.
    pub(super) fn outline(&self, blob: &str) -> Option<Outline> {
        let is_known = is_id(blob);
        Outline::read(&self.recall(&format!("state-{blob}"), blob.as_bytes()).filter(|_| is_known)?)
    }

    /// Remembers what the state with this content says about itself: the state without its templates.
    pub(super) fn keep_outline(&self, blob: &str, outline: &Outline) {
        let ancestry = outline.ancestry.clone();
        let document = Document {
            serial: ancestry.serial,
            writes: ancestry.writes,
            ..Document::empty(&outline.identity, ancestry.lineage)
        };
        if let Ok(text) = document.to_text().map_err(drop)
            && Outline::read(text.as_bytes()).as_ref() == Some(outline)
        {
            self.remember(&format!("state-{blob}"), blob.as_bytes(), text.as_bytes());
        }
    }
}
