//! Compares what an export shows with the state. Pure: `drift` shows the result, `refresh` takes it as the new baseline.
//!
//! The comparison is with the state, not with the configuration: drift is what somebody else changed. Absence proves
//! nothing, an attribute that was not seen is not compared, and what is older than the state's own contents is stale.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::baseline::{StaleContents, age, baseline};
use super::index::{Index, Match};
use super::settle::Claims;
use super::table::Deleted;
use super::{Exported, Table};
use crate::model::{Attributes, Key, NaturalKey, TemplateId, Timestamp};
use crate::state::{Baseline, Document, Row};

/// What an export means for a state. Every row that exists on the server is in exactly one of the maps, or equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// How many rows were compared, equal or not.
    pub compared: usize,
    /// Templates that differ from the state.
    pub differing: BTreeMap<Key, Drifted>,
    /// Templates that were deleted on the server.
    pub deleted: BTreeMap<Key, Gone>,
    /// Rows that were not compared, each with the reason.
    pub not_compared: BTreeMap<Key, NotCompared>,
    /// Templates on the server that no row of the state is for.
    pub unmanaged: Vec<Exported>,
}

/// A template that differs from the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Drifted {
    /// What was seen.
    pub baseline: Baseline,
    /// What the state knows.
    pub before: Attributes,
    /// What the server holds: what was seen, and for the rest what the state knows.
    pub after: Attributes,
    /// When the template was last changed on the server, if that was seen.
    pub updated_at: Option<Timestamp>,
}

/// A template that was deleted on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The vendor's id.
    pub id: TemplateId,
    /// When it was seen to be deleted.
    pub at: Timestamp,
    /// The number of the line in the export.
    pub line: usize,
}

/// Why a row was not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCompared {
    /// The export does not show it, which proves nothing.
    Unseen,
    /// What the export shows is older than what the state knows, or has no date.
    Stale(StaleContents),
    /// The outcome of an attempt on it is unknown: `recover` is its place.
    Open,
    /// What the server holds of it is not known.
    NotKnown,
    /// A line for its resource cannot be read.
    Unreadable {
        /// The number of the line.
        line: usize,
    },
    /// The export has several templates for its resource and audience.
    Several {
        /// The ids of those templates.
        ids: Vec<TemplateId>,
    },
    /// The export has its resource and audience under another id.
    OtherId {
        /// The id in the export.
        id: TemplateId,
    },
    /// Another row of the state is, or may be, for the same resource and audience.
    Shared {
        /// The key of the other row.
        with: Key,
    },
}

/// Compares an export with a state. `taken_at` is when the export was made, for one without `updatedat`.
pub fn drift(table: &Table, document: &Document, taken_at: Option<Timestamp>) -> Drift {
    let seen = Seen::of(table, document);
    let mut drift = Drift::default();
    let mut claimed: HashSet<&TemplateId> = HashSet::new();
    for (key, row) in document.templates.iter().filter(|(_, row)| row.may_exist()) {
        let found = seen.find(key, row);
        if let Ok(Found::Template(found)) = &found {
            claimed.insert(&found.id);
        }
        claimed.extend(seen.beside(row).map(|template| &template.id));
        match found.and_then(|found| compare(table, row, &found, taken_at)) {
            Ok(Compared::Equal) => drift.compared += 1,
            Ok(Compared::Differs(differing)) => {
                drift.compared += 1;
                drift.differing.insert(key.clone(), *differing);
            }
            Ok(Compared::Deleted(gone)) => {
                drift.compared += 1;
                drift.deleted.insert(key.clone(), gone);
            }
            Err(reason) => {
                drift.not_compared.insert(key.clone(), reason);
            }
        }
    }
    let is_unmanaged = |template: &&Exported| !claimed.contains(&template.id);
    drift.unmanaged = table.templates.iter().filter(is_unmanaged).cloned().collect();
    drift
}

/// An export, as the rows of a state look into it.
struct Seen<'a> {
    index: Index<'a>,
    by_id: HashMap<&'a TemplateId, &'a Exported>,
    deleted: HashMap<&'a TemplateId, &'a Deleted>,
    claims: Claims<'a>,
}

/// What the export has for a row.
enum Found<'a> {
    Template(&'a Exported),
    Deleted(&'a Deleted),
}

enum Compared {
    Equal,
    Differs(Box<Drifted>),
    Deleted(Gone),
}

impl<'a> Seen<'a> {
    fn of(table: &'a Table, document: &'a Document) -> Self {
        Self {
            index: Index::of(table),
            by_id: table.templates.iter().map(|template| (&template.id, template)).collect(),
            deleted: table.deleted.iter().filter_map(|line| Some((line.id.as_ref()?, line))).collect(),
            claims: Claims::of(document),
        }
    }

    /// Finds the template of a row: by its id if that is certain, else by its resource and audience.
    fn find(&self, key: &Key, row: &Row) -> Result<Found<'a>, NotCompared> {
        if !row.attempts.is_empty() {
            return Err(NotCompared::Open);
        }
        let id = row.identity.as_ref().filter(|identity| identity.source.may_address()).map(|had| &had.id);
        if let Some(id) = id {
            if let Some(found) = self.by_id.get(id) {
                return Ok(Found::Template(found));
            }
            if let Some(deleted) = self.deleted.get(id) {
                return Ok(Found::Deleted(deleted));
            }
        }
        let natural_key = natural_key(row).ok_or(NotCompared::Unseen)?;
        let found = match self.index.find(&natural_key) {
            Match::Nothing => return Err(NotCompared::Unseen),
            Match::Unreadable { line, .. } => return Err(NotCompared::Unreadable { line }),
            Match::Several(several) => {
                let ids = several.into_iter().map(|template| template.id.clone()).collect();
                return Err(NotCompared::Several { ids });
            }
            Match::One(found) => found,
        };
        match self.claims.other(key, &natural_key, found) {
            Some(with) => Err(NotCompared::Shared { with: with.clone() }),
            None if id.is_some() => Err(NotCompared::OtherId { id: found.id.clone() }),
            None => Ok(Found::Template(found)),
        }
    }

    /// Every template of the export that is for the row's resource and audience.
    fn beside(&self, row: &Row) -> impl Iterator<Item = &'a Exported> {
        let matched = row.natural_keys().map(|natural_key| self.index.find(&natural_key));
        matched
            .flat_map(|matched| match matched {
                Match::Nothing => Vec::new(),
                Match::One(found) => vec![found],
                Match::Several(several) => several,
                Match::Unreadable { beside, .. } => beside,
            })
            .collect::<Vec<_>>()
            .into_iter()
    }
}

fn natural_key(row: &Row) -> Option<NaturalKey> {
    row.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes))
}

fn compare(
    table: &Table,
    row: &Row,
    found: &Found<'_>,
    taken_at: Option<Timestamp>,
) -> Result<Compared, NotCompared> {
    let found = match found {
        Found::Template(found) => found,
        Found::Deleted(line) => {
            let at = age(line.updated_at.or(taken_at), Some(row)).map_err(NotCompared::Stale)?;
            let id = line.id.clone().ok_or(NotCompared::Unseen)?;
            return Ok(Compared::Deleted(Gone { id, at, line: line.line }));
        }
    };
    let baseline = baseline(table, found, Some(row), taken_at).map_err(NotCompared::Stale)?;
    let Some(known) = &row.confirmed else { return Err(NotCompared::NotKnown) };
    let before = known.attributes.clone();
    // What the state does not know cannot differ from it.
    let is_compared = |name: &str| !row.unknown.contains(name);
    let kept = before.shared().filter(|(name, _)| {
        let name = name.as_str();
        !baseline.seen.has(name) && !baseline.absent.contains(name)
    });
    let seen = baseline.seen.shared().filter(|(name, _)| is_compared(name.as_str()));
    let after: Attributes = kept.chain(seen).map(|(name, value)| (name.clone(), value.clone())).collect();
    if after.is_same_as(&before) {
        return Ok(Compared::Equal);
    }
    Ok(Compared::Differs(Box::new(Drifted { baseline, before, after, updated_at: found.updated_at })))
}
