//! Settles rows in doubt from an export. Called by `recover`; it changes no state and never guesses.

use std::collections::HashMap;

use super::baseline::{StaleContents, seen};
use super::contents::{Difference, ExportContents, compare, is_title};
use super::deletions::Deletions;
use super::index::{Index, Match};
use super::observation::resource_of;
use super::{Observation, Observed, SeenAt};
use crate::model::clock::is_before;
use crate::model::{Key, NaturalKey, TemplateId, Timestamp};
use crate::state::{Attempt, Baseline, Document, EditError, IdIndex, Record, Resolution, Row};

/// What an export says about one row in doubt.
#[derive(Clone, Debug, PartialEq)]
pub enum InventoryFinding {
    /// It settles the row.
    Settles(Settlement),
    /// The row stays in doubt.
    StaysInDoubt(StaysInDoubt),
}

/// What settles a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// The resolution.
    pub resolution: Resolution,
    /// Why the template is not known to hold what was sent; `None` if it is.
    pub unsure: Option<Unsure>,
    /// What it holds, if it was sent more than once and that was seen after every attempt.
    pub baseline: Option<Box<Baseline>>,
}

/// Why an existing template is not known to have what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsure {
    /// It was created before the attempt, at this time.
    Made(Timestamp),
    /// It was last changed before the attempt, at this time.
    Changed(Timestamp),
    /// The export does not show as of when it holds what was seen.
    Stale(StaleContents),
    /// The export shows other values.
    Other(Vec<Difference>),
    /// The export does not show these attributes.
    NotShown(Vec<String>),
}

/// Why a row stays in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaysInDoubt {
    /// The attempt is an update, which is safe to send again.
    Update,
    /// The export has no template for this resource. It may be older than the attempt, so this proves nothing.
    Missing {
        /// Where one was seen to be deleted.
        deleted: Option<SeenAt>,
        /// How many cannot be read: the template may be one of them.
        unreadable: usize,
    },
    /// The export has one under another title, perhaps from before.
    OtherTitle {
        /// The id of the template in the export.
        id: TemplateId,
        /// The title in the export.
        title: String,
    },
    /// The export has several templates for this resource.
    Several {
        /// The ids of those templates.
        ids: Vec<TemplateId>,
    },
    /// The id belongs to another row.
    Taken {
        /// The vendor's id.
        id: TemplateId,
        /// The key of the row that has the id.
        owner: Key,
    },
    /// The state knows that this template was deleted, and this was not seen later.
    Deleted {
        /// The id of the template in the export.
        id: TemplateId,
        /// As of when it was seen to be deleted.
        at: Timestamp,
    },
    /// Another row of the state is, or may be, for the same resource.
    Shared {
        /// The key of the other row.
        with: Key,
    },
    /// Something for its resource cannot be read.
    Unreadable {
        /// Where that was seen.
        seen_at: SeenAt,
    },
    /// The export has a template for the resource, but does not show whether it is this one.
    Unseen {
        /// The id of the template in the export.
        id: TemplateId,
        /// The attributes whose columns the export lacks.
        columns: Vec<&'static str>,
    },
    /// The template was last changed before the attempt, and the row already has another one.
    Untouched {
        /// The id of the template in the export.
        id: TemplateId,
        /// The time of the last change.
        at: Timestamp,
    },
}

impl StaysInDoubt {
    /// The id that was seen, if there is one.
    pub fn id(&self) -> Option<&TemplateId> {
        match self {
            Self::OtherTitle { id, .. }
            | Self::Taken { id, .. }
            | Self::Deleted { id, .. }
            | Self::Unseen { id, .. }
            | Self::Untouched { id, .. } => Some(id),
            Self::Update
            | Self::Missing { .. }
            | Self::Several { .. }
            | Self::Shared { .. }
            | Self::Unreadable { .. } => None,
        }
    }
}

/// Judges these rows in doubt by an export. A row is settled only if the export has exactly one template for its
/// natural key, under its title, and no other row of the state claims it. Its contents are known only if the export
/// shows every attribute that was sent with the value that was sent.
pub fn settlements(
    observation: &Observation,
    document: &Document,
    keys: &[&Key],
) -> Vec<(Key, InventoryFinding)> {
    let (index, ids, claims) = (Index::of(observation), IdIndex::of(document), Claims::of(document));
    let judge = Judge { observation, index, ids, claims, deletions: Deletions::of(document) };
    let finding = |key: &&Key| {
        let row = document.templates.get(*key)?;
        row.attempt()?;
        let finding = match judge.settlement(key, row) {
            Ok(settlement) => InventoryFinding::Settles(settlement),
            Err(why) => InventoryFinding::StaysInDoubt(why),
        };
        Some(((*key).clone(), finding))
    };
    keys.iter().filter_map(finding).collect()
}

/// Settles these rows as found, and returns the records for the journal.
pub fn record_settlements(
    document: &mut Document,
    found: &[(Key, InventoryFinding)],
    at: Timestamp,
) -> Result<Vec<Record>, EditError> {
    let mut ids = IdIndex::of(document);
    let mut records = Vec::new();
    for (key, finding) in found {
        let InventoryFinding::Settles(Settlement { resolution, baseline, .. }) = finding else { continue };
        document.resolve(&mut ids, key, resolution, at)?;
        records.push(Record::Resolve { at, key: key.clone(), resolution: resolution.clone() });
        // Needed only if the resolution leaves open what the template holds.
        let is_open = document.templates.get(key).is_some_and(|row| !row.attempts.is_empty());
        if let Some(baseline) = baseline.as_deref().filter(|_| is_open)
            && document.observe(&mut ids, key, baseline).is_ok()
        {
            records.push(Record::Observe { at, baseline: baseline.clone(), key: key.clone() });
        }
    }
    Ok(records)
}

struct Judge<'a> {
    observation: &'a Observation,
    index: Index<'a>,
    ids: IdIndex,
    claims: Claims<'a>,
    deletions: Deletions<'a>,
}

/// The rows of a state that are, or may be, for a natural key or a resource.
pub(super) struct Claims<'a> {
    by_key: HashMap<NaturalKey, Vec<&'a Key>>,
    /// Those with an audience, by resource.
    by_resource: HashMap<NaturalKey, Vec<&'a Key>>,
}

impl<'a> Claims<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let rows = document.templates.iter();
        Self::new(rows.flat_map(|(key, row)| row.natural_keys().map(move |natural_key| (key, natural_key))))
    }

    pub(super) fn new(claims: impl Iterator<Item = (&'a Key, NaturalKey)>) -> Self {
        let mut new = Self { by_key: HashMap::new(), by_resource: HashMap::new() };
        for (key, natural_key) in claims {
            let resource = resource_of(&natural_key);
            if resource != natural_key {
                new.by_resource.entry(resource).or_default().push(key);
            }
            // Most have no second one.
            new.by_key.entry(natural_key).or_insert_with(|| Vec::with_capacity(1)).push(key);
        }
        new
    }

    /// Returns the first row that claims this natural key.
    pub(super) fn first(&self, natural_key: &NaturalKey) -> Option<&'a Key> {
        self.by_key.get(natural_key)?.first().copied()
    }

    /// Returns whether the row claims this natural key.
    pub(super) fn has(&self, key: &Key, natural_key: &NaturalKey) -> bool {
        self.by_key.get(natural_key).is_some_and(|claims| claims.contains(&key))
    }

    /// Returns another row that claims what the export shows for the natural key.
    pub(super) fn other(&self, key: &Key, natural_key: &NaturalKey, found: &Observed) -> Option<&'a Key> {
        let other = |claims: &Vec<&'a Key>| claims.iter().find(|other| **other != key).copied();
        if found.shows_audience {
            return self.by_key.get(natural_key).and_then(other);
        }
        let resource = resource_of(natural_key);
        let of_resource =
            [&self.by_key, &self.by_resource].map(|claims| claims.get(&resource).and_then(other));
        of_resource.into_iter().flatten().min()
    }
}

impl Judge<'_> {
    /// Returns what settles the row, or why it stays in doubt.
    fn settlement(&self, key: &Key, row: &Row) -> Result<Settlement, StaysInDoubt> {
        // All creates of one row have the same natural key: a different create is held back while any is in doubt.
        let mut creates = row.attempts.creates();
        let Some(first) = creates.next() else { return Err(StaysInDoubt::Update) };
        let newest = creates.next_back().unwrap_or(first);
        let natural_key = newest.natural_key();
        let found = match self.index.find(&natural_key) {
            Match::Nothing => return Err(self.missing(&natural_key)),
            Match::Unreadable { seen_at, .. } => {
                return Err(StaysInDoubt::Unreadable { seen_at: seen_at.clone() });
            }
            Match::Several(several) => {
                let ids = several.into_iter().map(|template| template.id.clone()).collect();
                return Err(StaysInDoubt::Several { ids });
            }
            Match::One(found) => found,
        };
        let id = found.id.clone();
        if let Some(with) = self.claims.other(key, &natural_key, found) {
            return Err(StaysInDoubt::Shared { with: with.clone() });
        }
        if let Some(owner) = self.ids.get(&id).filter(|owner| *owner != key) {
            return Err(StaysInDoubt::Taken { id, owner: owner.clone() });
        }
        if let Some(at) = self.deletions.of_seen(found) {
            return Err(StaysInDoubt::Deleted { id, at });
        }
        let columns = self.observation.lacking();
        if !columns.is_empty() {
            return Err(StaysInDoubt::Unseen { id, columns });
        }
        // The template may have what any of the attempts sent.
        let shown = found.title().unwrap_or_default();
        let fitting: Vec<&Attempt> =
            row.attempts.creates().filter(|sent| is_title(shown, sent.attributes.title())).collect();
        let Some(sent) = fitting.last() else {
            return Err(StaysInDoubt::OtherTitle { id, title: shown.to_owned() });
        };
        let age = found.as_of.time().ok().filter(|at| is_before(*at, first.at));
        if let Some(at) = age.filter(|_| row.exists()) {
            return Err(StaysInDoubt::Untouched { id, at });
        }
        let holds =
            |sent: &&Attempt| compare(self.observation, found, &sent.attributes) == ExportContents::Same;
        let differs = || {
            let is_it = fitting.iter().any(holds);
            if is_it { None } else { unsure_of(compare(self.observation, found, &sent.attributes)) }
        };
        let unsure = unsure_of_age(found, first, newest).or_else(differs);
        let resolution = match unsure {
            None => Resolution::Created { id },
            // The template exists, but possibly not because of the attempt.
            Some(_) => Resolution::Exists { id },
        };
        Ok(Settlement { resolution, unsure, baseline: self.contents(found, row) })
    }

    /// What the template holds, if it was sent more than once and seen after every attempt: clearly later, or with what
    /// the last of them sent.
    fn contents(&self, found: &Observed, row: &Row) -> Option<Box<Baseline>> {
        if row.attempts.as_slice().len() < 2 {
            return None;
        }
        let as_of = found.as_of.time().ok()?;
        let last = row.attempts.iter().max_by_key(|attempt| attempt.at)?;
        let is_last =
            || !matches!(compare(self.observation, found, &last.attributes), ExportContents::Other(_));
        let counts = is_before(last.at, as_of) || (!is_before(as_of, last.at) && is_last());
        let baseline = || seen(self.observation, found, Some(&last.attributes), Some(as_of));
        counts.then(|| Box::new(Baseline { ends_attempts: true, ..baseline() }))
    }

    fn missing(&self, natural_key: &NaturalKey) -> StaysInDoubt {
        StaysInDoubt::Missing {
            deleted: self.index.deleted(&resource_of(natural_key)).cloned(),
            unreadable: self.observation.unreadable.len(),
        }
    }
}

/// Returns why the template may be older than the creates, as far as the export shows; `None` if it is younger.
fn unsure_of_age(found: &Observed, first: &Attempt, newest: &Attempt) -> Option<Unsure> {
    let updated_at = match found.as_of.time() {
        Ok(at) => at,
        Err(stale) => return Some(Unsure::Stale(stale)),
    };
    let created_at = found.created_at.filter(|at| is_before(*at, first.at));
    if is_before(updated_at, newest.at) {
        Some(Unsure::Changed(updated_at))
    } else {
        created_at.map(Unsure::Made)
    }
}

fn unsure_of(contents: ExportContents) -> Option<Unsure> {
    match contents {
        ExportContents::Same => None,
        ExportContents::NotShown(names) => Some(Unsure::NotShown(names)),
        ExportContents::Other(differences) => Some(Unsure::Other(differences)),
    }
}
