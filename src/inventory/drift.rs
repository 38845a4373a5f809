//! Compares what an export shows with the state. Pure: `drift` shows the result, `refresh` takes it as the new baseline.
//!
//! The comparison is with the state, not with the configuration: drift is what somebody else changed. Absence proves
//! nothing, an attribute that was not seen is not compared, and what is older than the state's own contents is stale.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::baseline::{StaleContents, StalePart, age, baseline, fresh};
use super::seen_by_row::{RowMatch, SeenByRow};
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
    /// The true ids of rows that have a wrong one from the position in a response.
    pub disproved: BTreeMap<Key, TemplateId>,
    /// The rows whose id, from the position in a response, is that of another row's template. Their own id was not seen.
    pub others_ids: BTreeMap<Key, Key>,
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
        /// What became of the row's own template.
        own: OwnTemplate,
    },
    /// The state has it as deleted, and the export has a template for its resource and audience.
    Returned {
        /// The id in the export.
        id: TemplateId,
    },
    /// Another row of the state is, or may be, for the same resource and audience.
    Shared {
        /// The key of the other row.
        with: Key,
    },
}

/// What became of the template that a row has, where another one is in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnTemplate {
    /// It was not seen.
    Unseen,
    /// It was deleted.
    Deleted,
    /// It is for another resource or audience now.
    Moved,
}

impl NotCompared {
    /// Whether the server has another template in the place of the row's own one: not compared, and different all the same.
    pub fn is_replaced(&self) -> bool {
        match self {
            Self::OtherId { own: OwnTemplate::Deleted | OwnTemplate::Moved, .. } | Self::Returned { .. } => {
                true
            }
            Self::OtherId { own: OwnTemplate::Unseen, .. }
            | Self::Unseen
            | Self::Stale(_)
            | Self::Open
            | Self::NotKnown
            | Self::Unreadable { .. }
            | Self::Several { .. }
            | Self::Shared { .. } => false,
        }
    }
}

impl Drift {
    /// How many templates were replaced on the server.
    pub fn replaced(&self) -> usize {
        self.not_compared.values().filter(|why| why.is_replaced()).count()
    }
}

/// Compares what was seen with a state.
pub fn drift(observation: &Observation, document: &Document) -> Drift {
    let seen = SeenByRow::of(observation, document);
    let mut drift = Drift::default();
    let mut claimed: HashSet<&TemplateId> = HashSet::new();
    let mut owners: HashMap<&TemplateId, &Key> = HashMap::new();
    for (key, row) in document.templates.iter().filter(|(_, row)| row.may_exist()) {
        let found = seen.find(key, row);
        if let Ok(RowMatch::Template(found)) = &found {
            claimed.insert(&found.id);
            owners.insert(&found.id, key);
            if row.identity.as_ref().is_some_and(|had| !had.source.may_address() && had.id != found.id) {
                drift.disproved.insert(key.clone(), found.id.clone());
            }
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
    for (key, row) in &document.templates {
        let Some(reason) = seen.returned(key, row) else { continue };
        claimed.extend(seen.of_deleted(row).map(|template| &template.id));
        let found = seen.of_deleted(row).next().filter(|_| matches!(reason, NotCompared::Returned { .. }));
        if let Some(baseline) = found.and_then(|found| baseline(observation, found, Some(row)).ok()) {
            drift.learned.insert(key.clone(), baseline);
        }
        drift.not_compared.insert(key.clone(), reason);
    }
    drift.find_ids_of_others(document, &owners);
    drift.leave_out_unclear_moves(&seen, document);
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
        self.disproved.retain(|key, _| is_chosen(key));
        self.others_ids.retain(|key, _| is_chosen(key));
        let is_compared = |(key, row): &(&Key, &Row)| {
            row.may_exist() && is_chosen(key) && !self.not_compared.contains_key(*key)
        };
        self.compared = document.templates.iter().filter(is_compared).count();
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
        let ids = self.ids_alone().map(|(key, id)| Record::Import { at, id: id.clone(), key: key.clone() });
        seen.chain(gone).chain(ids).collect()
    }

    /// The rows of which nothing is taken but the id.
    pub fn ids_alone(&self) -> impl Iterator<Item = (&Key, &TemplateId)> {
        let returned = self.not_compared.iter().filter_map(|(key, why)| match why {
            NotCompared::Returned { id } => Some((key, id)),
            _ => None,
        });
        let has_more = |key: &Key| self.learned.contains_key(key) || self.differing.contains_key(key);
        returned.chain(&self.disproved).filter(move |(key, _)| !has_more(key))
    }

    /// Finds the guessed ids that belong to templates which were seen to be those of other rows.
    fn find_ids_of_others(&mut self, document: &Document, owners: &HashMap<&TemplateId, &Key>) {
        let guessed = document.templates.iter().filter(|(_, row)| row.has_guessed_id());
        let wrong = guessed.filter_map(|(key, row)| {
            let owner = *owners.get(&row.identity.as_ref()?.id)?;
            (owner != key && !self.disproved.contains_key(key)).then(|| (key.clone(), owner.clone()))
        });
        self.others_ids = wrong.collect();
    }

    /// Leaves out each template that was moved and whose place is not clear in the state that results: another row has
    /// the new one too, or the old one has a template that no row has there.
    fn leave_out_unclear_moves(&mut self, seen: &SeenByRow<'_>, document: &Document) {
        let is_moved = |drifted: &Drifted| NaturalKey::of(&drifted.before) != NaturalKey::of(&drifted.after);
        while self.differing.values().any(is_moved) {
            let places = self.places(document);
            let unclear = self.differing.iter().filter_map(|(key, drifted)| {
                let [from, to] = [&drifted.before, &drifted.after].map(NaturalKey::of);
                if from == to {
                    return None;
                }
                let other = places.get(&to).into_iter().flatten().find(|other| **other != key);
                let why = other.map(|with| NotCompared::Shared { with: (*with).clone() });
                let is_held = places.contains_key(&from);
                let why =
                    why.or_else(|| if is_held { None } else { seen.in_place_of(&from, OwnTemplate::Moved) });
                Some((key.clone(), why?))
            });
            let unclear: Vec<(Key, NotCompared)> = unclear.collect();
            if unclear.is_empty() {
                return;
            }
            for (key, why) in unclear {
                self.compared -= 1;
                self.differing.remove(&key);
                self.stale_parts.remove(&key);
                self.not_compared.insert(key, why);
            }
        }
    }

    /// The rows for each resource and audience once what was seen is taken.
    fn places<'d>(&self, document: &'d Document) -> HashMap<NaturalKey, Vec<&'d Key>> {
        let mut places: HashMap<NaturalKey, Vec<&Key>> = HashMap::new();
        for (key, row) in document.templates.iter().filter(|(key, _)| !self.deleted.contains_key(*key)) {
            let natural_keys: Vec<NaturalKey> = match self.differing.get(key) {
                Some(drifted) => vec![NaturalKey::of(&drifted.after)],
                None => row.natural_keys().collect(),
            };
            for natural_key in natural_keys {
                places.entry(natural_key).or_default().push(key);
            }
        }
        places
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

/// What became of a row that was compared; with the attributes that were not seen.
enum Compared {
    Equal(Vec<String>),
    Differs(Box<Drifted>, Vec<String>),
    Deleted(Gone),
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
