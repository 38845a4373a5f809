//! Earlier versions of a state, and what changed from one to the next. Pure: stores show the versions, commands ask for
//! them.

mod followed;

use std::collections::BTreeMap;

use super::{Document, Provenance, Row, RowStatus, Writes};
use crate::model::{Digest, Key, NaturalKey, TemplateId, Timestamp};
use followed::Followed;

/// A version of a state, and where it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct PastState {
    /// The version.
    pub document: Document,
    /// Where it is.
    pub found: FoundAt,
}

/// Where a version of a state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundAt {
    /// In the state's own place, with an unfinished journal.
    InPlace,
    /// In a commit of the branch.
    Commit(PastCommit),
    /// In the backup beside the state.
    Backup,
    /// In the mark of this machine.
    Mark,
    /// Beside a shared state.
    Kept,
}

/// A commit that has a version of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastCommit {
    /// Its id.
    pub id: String,
    /// When it was made, as it says itself.
    pub at: Option<Timestamp>,
}

/// The known versions of a state, without their contents.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The template whose rows are kept as a whole.
    template: Option<Followed>,
    versions: Vec<TimelineVersion>,
}

/// One version on a timeline.
#[derive(Clone, Debug)]
struct TimelineVersion {
    serial: u64,
    writes: Writes,
    found: Vec<FoundAt>,
    rows: BTreeMap<Key, RowTrace>,
    /// The rows that may be the timeline's template.
    whole: BTreeMap<Key, Row>,
    /// The key that the timeline's template has in it.
    key: Option<Key>,
}

/// What is kept of a row to find what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RowTrace {
    status: RowStatus,
    contents: Option<Digest>,
    id: Option<TemplateId>,
    natural_key: Option<NaturalKey>,
    protect: bool,
    at: Option<Timestamp>,
    by: Option<Provenance>,
}

/// A version, and what changed since the known version before.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionStep {
    /// The number of the version.
    pub serial: u64,
    /// The number of the version that it is compared with; `None` if no earlier one is known.
    pub since: Option<u64>,
    /// The time of the newest change, as the rows say; if no row says it, that of the commit.
    pub at: Option<Timestamp>,
    /// Where the version is.
    pub found: Vec<FoundAt>,
    /// Who sent what changed.
    pub by: Vec<Provenance>,
    /// Templates that the version before did not have.
    pub added: Vec<Key>,
    /// Templates with other contents.
    pub changed: Vec<Key>,
    /// Templates with the same contents, and another status, id or protection.
    pub touched: Vec<Key>,
    /// Templates that only the version before had.
    pub removed: Vec<Key>,
    /// The key that the timeline's template had before, if it got another one.
    pub moved_from: Option<Key>,
    /// The row of the timeline's template, before and after.
    pub row: [Option<Row>; 2],
}

impl VersionStep {
    /// Whether any template changed.
    pub fn has_changes(&self) -> bool {
        [&self.added, &self.changed, &self.touched, &self.removed].iter().any(|keys| !keys.is_empty())
    }
}

impl RowTrace {
    fn of(row: &Row) -> Self {
        let known = row.confirmed.as_ref();
        let times = [
            known.and_then(|known| known.applied_at),
            row.failure().map(|failure| failure.at),
            row.attempt().map(|attempt| attempt.at),
            row.resolutions.last().map(|resolution| resolution.at),
        ];
        let sender = row.attempt().and_then(|attempt| attempt.sent_by.as_ref());
        Self {
            status: row.status(),
            contents: known.map(|known| known.digest.clone()),
            id: row.identity.as_ref().map(|identity| identity.id.clone()),
            natural_key: row.natural_keys().next(),
            protect: row.protect,
            at: times.into_iter().flatten().max(),
            by: sender.or(known.and_then(|known| known.applied_by.as_ref())).cloned(),
        }
    }

    /// Whether both are rows of one template, whatever its key.
    fn is_of_same_template(&self, other: &Self) -> bool {
        self.id.is_some() && self.id == other.id
            || self.natural_key.is_some() && self.natural_key == other.natural_key
    }
}

impl TimelineVersion {
    /// Whether both are one version. Of a timeline's template, either may lack rows that were not known to be its.
    fn is_same_as(&self, other: &Self, of_one_template: bool) -> bool {
        let has_same = |(key, row): (&Key, &RowTrace)| other.rows.get(key).is_none_or(|other| other == row);
        self.serial == other.serial
            && self.writes.newest() == other.writes.newest()
            && if of_one_template { self.rows.iter().all(has_same) } else { self.rows == other.rows }
    }

    /// Keeps only the row of the timeline's template, as if it always had this key.
    fn of_template(&mut self, key: &Key) {
        let own = self.key.as_ref().unwrap_or(key);
        let (trace, row) = (self.rows.remove(own), self.whole.remove(own));
        self.rows = trace.into_iter().map(|trace| (key.clone(), trace)).collect();
        self.whole = row.into_iter().map(|row| (key.clone(), row)).collect();
    }

    /// The row of the timeline's template.
    fn row(&self) -> Option<&Row> {
        self.whole.values().next()
    }

    /// Whether it was made from the other one, directly or not.
    fn comes_from(&self, other: &Self) -> bool {
        match (other.writes.newest(), self.writes.newest()) {
            (Some(theirs), Some(ours)) => theirs != ours && self.writes.contains(theirs),
            // Early versions do not name their writes.
            (None, _) => other.serial < self.serial,
            (Some(_), None) => false,
        }
    }
}

impl Timeline {
    /// A timeline of all templates, or of one.
    pub fn of(key: Option<Key>) -> Self {
        Self { template: key.map(Followed::new), versions: Vec::new() }
    }

    /// Adds a version. One that is known is only found at one more place.
    pub fn add(&mut self, past: &PastState) {
        let document = &past.document;
        let whole = self.template.as_mut().map(|template| template.rows_in(document));
        let rows = whole.as_ref().unwrap_or(&document.templates);
        let version = TimelineVersion {
            serial: document.serial,
            writes: document.writes.clone(),
            found: vec![past.found.clone()],
            rows: rows.iter().map(|(key, row)| (key.clone(), RowTrace::of(row))).collect(),
            whole: whole.unwrap_or_default(),
            key: None,
        };
        let is_of_one = self.template.is_some();
        match self.versions.iter_mut().find(|known| known.is_same_as(&version, is_of_one)) {
            Some(known) => {
                known.found.extend(version.found);
                known.rows.extend(version.rows);
                known.whole.extend(version.whole);
            }
            None => self.versions.push(version),
        }
    }

    /// The versions, the newest first, each with what changed since the one before. With a template, only those in which
    /// it changed.
    pub fn steps(mut self) -> Vec<VersionStep> {
        self.versions.sort_by_key(|version| std::cmp::Reverse(version.serial));
        if let Some(template) = &self.template {
            followed::name_in_each(&mut self.versions, template.key());
        }
        let steps = self.versions.iter().map(|version| {
            let before = self.versions.iter().find(|other| version.comes_from(other));
            step(before, version)
        });
        // What the oldest known version has of a template is where its known history begins.
        let is_told = |step: &VersionStep| {
            self.template.is_none()
                || step.has_changes()
                || step.moved_from.is_some()
                || step.since.is_none() && step.row[1].is_some()
        };
        steps.filter(is_told).collect()
    }
}

fn step(before: Option<&TimelineVersion>, version: &TimelineVersion) -> VersionStep {
    let nothing = BTreeMap::new();
    // What the first known version has was added before, unless it is the first of all.
    let is_first = before.is_none() && version.serial > 1;
    let old = before.map_or(if is_first { &version.rows } else { &nothing }, |before| &before.rows);
    let keys = |is_chosen: &dyn Fn(&Key, &RowTrace) -> bool| -> Vec<Key> {
        version.rows.iter().filter(|(key, row)| is_chosen(key, row)).map(|(key, _)| key.clone()).collect()
    };
    let was = |key: &Key| old.get(key);
    let differs = |key: &Key, row: &RowTrace| was(key).is_some_and(|was| was.contents != row.contents);
    let added = keys(&|key, _| was(key).is_none());
    let changed = keys(&|key, row| differs(key, row));
    let touched = keys(&|key, row| was(key).is_some_and(|was| was != row) && !differs(key, row));
    let removed: Vec<Key> = old.keys().filter(|key| !version.rows.contains_key(*key)).cloned().collect();
    let new = || {
        let keys = added.iter().chain(&changed).chain(&touched);
        keys.filter_map(|key| Some((key, version.rows.get(key)?)))
    };
    // A row that got another key, or only an id, was sent earlier.
    let is_sent = |key: &Key, row: &RowTrace| {
        let is_moved = || removed.iter().any(|gone| old.get(gone) == Some(row));
        was(key).map_or_else(|| !is_moved(), |was| (was.at, &was.contents) != (row.at, &row.contents))
    };
    let mut by: Vec<Provenance> = Vec::new();
    for sender in new().filter(|(key, row)| is_sent(key, row)).filter_map(|(_, row)| row.by.as_ref()) {
        if !by.contains(sender) {
            by.push(sender.clone());
        }
    }
    let committed = version.found.iter().filter_map(|found| match found {
        FoundAt::Commit(commit) => commit.at,
        FoundAt::InPlace | FoundAt::Backup | FoundAt::Mark | FoundAt::Kept => None,
    });
    VersionStep {
        serial: version.serial,
        since: before.map(|before| before.serial),
        at: new().filter_map(|(_, row)| row.at).max().or_else(|| committed.min()),
        found: version.found.clone(),
        by,
        added,
        changed,
        touched,
        removed,
        moved_from: moved_from(before, version),
        row: [before.and_then(TimelineVersion::row).cloned(), version.row().cloned()],
    }
}

/// The key that the timeline's template had in the version before, if it is another one.
fn moved_from(before: Option<&TimelineVersion>, version: &TimelineVersion) -> Option<Key> {
    let before = before.filter(|before| before.row().is_some() && version.row().is_some())?;
    before.key.clone().filter(|key| version.key.as_ref() != Some(key))
}

#[cfg(test)]
mod tests;
