//! Compares what an export shows with the state. Pure: `drift` shows the result, `refresh` takes it as the new baseline.
//!
//! The comparison is with the state, not with the configuration: drift is what somebody else changed. Absence proves
//! nothing, an attribute that was not seen is not compared, and what is older than the state's own contents is stale.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::baseline::{StaleContents, StalePart, age, baseline, fresh};
use super::index::{Index, Match};
use super::observation::{Deleted, resource_of};
use super::settle::Claims;
use super::{Observation, Observed, SeenAt};
use crate::model::{Attributes, Key, NaturalKey, TemplateId, Timestamp};
use crate::state::{Baseline, Document, Record, Row};

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
    /// What was seen otherwise than the state has it, and is older than the state, of templates that were compared.
    pub stale_parts: BTreeMap<Key, StalePart>,
    /// What was seen of templates that do not differ, and of which the state does not know everything.
    pub learned: BTreeMap<Key, Baseline>,
    /// Templates on the server that no row of the state is for.
    pub unmanaged: Vec<Observed>,
    /// Attributes that the state has and that were not seen, with the number of compared templates.
    pub unseen: BTreeMap<String, usize>,
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
    /// Where that was seen.
    pub seen_at: SeenAt,
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
    /// Something for its resource cannot be read.
    Unreadable {
        /// Where that was seen.
        seen_at: SeenAt,
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

/// Compares what was seen with a state.
pub fn drift(observation: &Observation, document: &Document) -> Drift {
    let seen = SeenByRow::of(observation, document);
    let mut drift = Drift::default();
    let mut claimed: HashSet<&TemplateId> = HashSet::new();
    for (key, row) in document.templates.iter().filter(|(_, row)| row.may_exist()) {
        let found = seen.find(key, row);
        if let Ok(RowMatch::Template(found)) = &found {
            claimed.insert(&found.id);
        }
        claimed.extend(seen.beside(row).map(|template| &template.id));
        if let Some(baseline) = found.as_ref().ok().and_then(|found| learned(observation, row, found)) {
            drift.learned.insert(key.clone(), baseline);
        }
        match found.and_then(|found| compare(observation, row, &found)) {
            Ok((compared, stale)) => {
                drift.add(key, compared);
                drift.stale_parts.extend(stale.map(|stale| (key.clone(), stale)));
            }
            Err(reason) => {
                drift.not_compared.insert(key.clone(), reason);
            }
        }
    }
    let is_unmanaged = |template: &&Observed| !claimed.contains(&template.id);
    drift.unmanaged = observation.templates.iter().filter(is_unmanaged).cloned().collect();
    drift
}

impl Drift {
    /// What is known of the chosen templates of the state alone.
    #[must_use]
    pub fn limited_to(mut self, document: &Document, is_chosen: impl Fn(&Key) -> bool) -> Self {
        self.differing.retain(|key, _| is_chosen(key));
        self.deleted.retain(|key, _| is_chosen(key));
        self.not_compared.retain(|key, _| is_chosen(key));
        self.learned.retain(|key, _| is_chosen(key));
        self.stale_parts.retain(|key, _| is_chosen(key));
        let rows = document.templates.iter().filter(|(key, row)| row.may_exist() && is_chosen(key));
        self.compared = rows.count() - self.not_compared.len();
        // No key chooses what the state does not have.
        self.unmanaged.clear();
        self
    }

    /// The records that take what was seen as the new baseline.
    pub fn records(&self, at: Timestamp) -> Vec<Record> {
        let differing = self.differing.iter().map(|(key, drifted)| (key, &drifted.baseline));
        let seen = differing.chain(&self.learned);
        let seen =
            seen.map(|(key, baseline)| Record::Observe { at, baseline: baseline.clone(), key: key.clone() });
        let gone = self.deleted.iter().map(|(key, gone)| Record::Gone {
            at: gone.at,
            key: key.clone(),
            why: Row::why_gone(&gone.seen_at.to_string()),
        });
        seen.chain(gone).collect()
    }

    fn add(&mut self, key: &Key, compared: Compared) {
        self.compared += 1;
        match compared {
            Compared::Equal(unseen) => self.count_unseen(unseen),
            Compared::Differs(differing, unseen) => {
                self.count_unseen(unseen);
                // What was seen of it has all that there is to learn.
                self.learned.remove(key);
                self.differing.insert(key.clone(), *differing);
            }
            Compared::Deleted(gone) => drop(self.deleted.insert(key.clone(), gone)),
        }
    }

    fn count_unseen(&mut self, unseen: Vec<String>) {
        for name in unseen {
            *self.unseen.entry(name).or_default() += 1;
        }
    }
}

/// An export, as the rows of a state look into it.
struct SeenByRow<'a> {
    index: Index<'a>,
    by_id: HashMap<&'a TemplateId, &'a Observed>,
    deleted: HashMap<&'a TemplateId, &'a Deleted>,
    claims: Claims<'a>,
    /// How many rows of the state are for each course or learning path.
    resources: HashMap<NaturalKey, usize>,
}

/// What the export has for a row.
enum RowMatch<'a> {
    Template(&'a Observed),
    Deleted(&'a Deleted),
}

/// What became of a row that was compared; with the attributes that were not seen.
enum Compared {
    Equal(Vec<String>),
    Differs(Box<Drifted>, Vec<String>),
    Deleted(Gone),
}

impl<'a> SeenByRow<'a> {
    fn of(observation: &'a Observation, document: &'a Document) -> Self {
        let mut resources: HashMap<NaturalKey, usize> = HashMap::new();
        for natural_key in document.templates.values().filter_map(natural_key) {
            *resources.entry(resource_of(&natural_key)).or_default() += 1;
        }
        Self {
            resources,
            index: Index::of(observation),
            by_id: observation.templates.iter().map(|template| (&template.id, template)).collect(),
            deleted: observation.deleted.iter().filter_map(|line| Some((line.id.as_ref()?, line))).collect(),
            claims: Claims::of(document),
        }
    }

    /// Finds the template of a row: by its id if that is certain, else by its resource and audience.
    fn find(&self, key: &Key, row: &Row) -> Result<RowMatch<'a>, NotCompared> {
        if !row.attempts.is_empty() {
            return Err(NotCompared::Open);
        }
        let id = row.identity.as_ref().filter(|identity| identity.source.may_address()).map(|had| &had.id);
        if let Some(id) = id {
            if let Some(found) = self.by_id.get(id) {
                return Ok(RowMatch::Template(found));
            }
            if let Some(deleted) = self.deleted.get(id) {
                return Ok(RowMatch::Deleted(deleted));
            }
        }
        let natural_key = natural_key(row).ok_or(NotCompared::Unseen)?;
        let found = match self.index.find(&natural_key) {
            Match::Nothing => {
                let deleted = self.deleted_by_position(row, &natural_key);
                return deleted.map(RowMatch::Deleted).ok_or(NotCompared::Unseen);
            }
            Match::Unreadable { seen_at, .. } => {
                return Err(NotCompared::Unreadable { seen_at: seen_at.clone() });
            }
            Match::Several(several) => {
                let ids = several.into_iter().map(|template| template.id.clone()).collect();
                return Err(NotCompared::Several { ids });
            }
            Match::One(found) => found,
        };
        match self.claims.other(key, &natural_key, found) {
            Some(with) => Err(NotCompared::Shared { with: with.clone() }),
            None if id.is_some() => Err(NotCompared::OtherId { id: found.id.clone() }),
            None => Ok(RowMatch::Template(found)),
        }
    }

    /// The deletion of a row whose id is known from its position in a response: that id and the resource together leave no
    /// doubt, unless another row is for the same resource.
    fn deleted_by_position(&self, row: &Row, natural_key: &NaturalKey) -> Option<&'a Deleted> {
        let resource = resource_of(natural_key);
        let deleted = *self.deleted.get(&row.identity.as_ref()?.id)?;
        let is_alone = self.resources.get(&resource) == Some(&1);
        (is_alone && deleted.resource == resource).then_some(deleted)
    }

    /// Every template of the export that is for the row's resource and audience.
    fn beside(&self, row: &Row) -> impl Iterator<Item = &'a Observed> {
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

/// What was seen of a template, if the state does not know all of that.
fn learned(observation: &Observation, row: &Row, found: &RowMatch<'_>) -> Option<Baseline> {
    let RowMatch::Template(found) = found else { return None };
    if row.confirmed.is_some() && row.unknown.is_empty() {
        return None;
    }
    let baseline = baseline(observation, found, Some(row)).ok()?;
    let is_new = |name: &String| baseline.shows(name);
    (row.confirmed.is_none() || row.unknown.iter().any(is_new)).then_some(baseline)
}

fn natural_key(row: &Row) -> Option<NaturalKey> {
    row.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes))
}

fn compare(
    observation: &Observation,
    row: &Row,
    found: &RowMatch<'_>,
) -> Result<(Compared, Option<StalePart>), NotCompared> {
    let found = match found {
        RowMatch::Template(found) => found,
        RowMatch::Deleted(deleted) => {
            let at = age(deleted.as_of, Some(row)).map_err(NotCompared::Stale)?;
            let id = deleted.id.clone().ok_or(NotCompared::Unseen)?;
            let seen_at = deleted.seen_at.clone();
            return Ok((Compared::Deleted(Gone { id, at, seen_at }), None));
        }
    };
    let (baseline, stale) = fresh(observation, found, Some(row)).map_err(NotCompared::Stale)?;
    let Some(known) = &row.confirmed else { return Err(NotCompared::NotKnown) };
    let before = known.attributes.clone();
    // What the state does not know cannot differ from it.
    let is_compared = |name: &str| !row.unknown.contains(name);
    let is_stale = |name: &str| stale.as_ref().is_some_and(|stale| stale.attributes.contains(name));
    let is_unseen = |name: &str| !baseline.shows(name) && !is_stale(name);
    let unseen = before.names().filter(|name| is_unseen(name)).map(str::to_owned).collect();
    let after = baseline.laid_over(&before, is_compared);
    if after.is_same_as(&before) {
        return Ok((Compared::Equal(unseen), stale));
    }
    let drifted = Drifted { baseline, before, after, updated_at: found.updated_at };
    Ok((Compared::Differs(Box::new(drifted), unseen), stale))
}
