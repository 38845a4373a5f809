//! Looks for the template of each row of a state in what was seen. Pure; `drift` calls it.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::deletions::Deletions;
use super::drift::{NotCompared, OwnTemplate};
use super::index::{Index, Match};
use super::observation::{Deleted, resource_of};
use super::settle::Claims;
use super::{Observation, Observed};
use crate::model::{Key, NaturalKey, TemplateId};
use crate::state::{Document, IdIndex, Row};

/// An export, as the rows of a state look into it.
pub(super) struct SeenByRow<'a> {
    document: &'a Document,
    index: Index<'a>,
    by_id: HashMap<&'a TemplateId, &'a Observed>,
    deleted: HashMap<&'a TemplateId, &'a Deleted>,
    claims: Claims<'a>,
    ids: IdIndex,
    deletions: Deletions<'a>,
    /// How many rows of the state are for each course or learning path, once that is asked.
    resources: OnceCell<HashMap<NaturalKey, usize>>,
    /// Whether the export shows what tells the templates of a resource apart.
    tells_apart: bool,
}

/// What the export has for a row.
pub(super) enum RowMatch<'a> {
    Template(&'a Observed),
    Deleted(&'a Deleted),
}

impl<'a> SeenByRow<'a> {
    pub(super) fn of(observation: &'a Observation, document: &'a Document) -> Self {
        Self {
            document,
            resources: OnceCell::new(),
            index: Index::of(observation),
            by_id: observation.templates.iter().map(|template| (&template.id, template)).collect(),
            deleted: observation.deleted.iter().filter_map(|line| Some((line.id.as_ref()?, line))).collect(),
            claims: Claims::of(document),
            ids: IdIndex::of(document),
            deletions: Deletions::of(document),
            tells_apart: observation.lacking().is_empty(),
        }
    }

    /// Finds the template of a row: by its id if that is certain, else by its resource and audience.
    pub(super) fn find(&self, key: &Key, row: &Row) -> Result<RowMatch<'a>, NotCompared> {
        if !row.attempts.is_empty() {
            return Err(NotCompared::Open);
        }
        let id = certain_id(row);
        if let Some(found) = id.and_then(|id| self.by_id.get(id)) {
            let twins = self.index.twins(found);
            return if twins.len() > 1 { Err(several(twins)) } else { Ok(RowMatch::Template(found)) };
        }
        if let Some(deleted) = id.and_then(|id| self.deleted.get(id)) {
            let natural_key = natural_key(row);
            let other = natural_key.and_then(|place| self.in_place_of(&place, OwnTemplate::Deleted));
            return other.map_or(Ok(RowMatch::Deleted(deleted)), Err);
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
            Match::Several(found) => return Err(several(found)),
            Match::One(found) => found,
        };
        self.deletions.check(found).map_err(NotCompared::Stale)?;
        match self.other_row(key, &natural_key, found) {
            Some(with) => Err(NotCompared::Shared { with: with.clone() }),
            None if id.is_some() => {
                Err(NotCompared::OtherId { id: found.id.clone(), own: OwnTemplate::Unseen })
            }
            None => Ok(RowMatch::Template(found)),
        }
    }

    /// What the export has for the resource and audience of a template that is no longer there.
    pub(super) fn in_place_of(&self, place: &NaturalKey, own: OwnTemplate) -> Option<NotCompared> {
        if let Match::Unreadable { seen_at, .. } = self.index.find(place) {
            return Some(NotCompared::Unreadable { seen_at: seen_at.clone() });
        }
        let others: Vec<&Observed> =
            self.all(place).into_iter().filter(|found| self.may_be_for(place, found)).collect();
        match others[..] {
            [] => None,
            [found] => Some(match self.certain_owner(&found.id) {
                Some(with) => NotCompared::Shared { with: with.clone() },
                None => NotCompared::OtherId { id: found.id.clone(), own },
            }),
            _ => Some(several(others)),
        }
    }

    /// Whether this template is, or may be, for the resource and audience. One whose audience was not seen is for that of
    /// its own row.
    fn may_be_for(&self, place: &NaturalKey, found: &Observed) -> bool {
        let owner = self.certain_owner(&found.id).and_then(|owner| self.document.templates.get(owner));
        let is_elsewhere = |row: &Row| !found.shows_audience && row.natural_keys().all(|own| own != *place);
        self.deletions.of_seen(found).is_none() && !owner.is_some_and(is_elsewhere)
    }

    /// What the export has for a row whose template is deleted, as the state knows.
    pub(super) fn returned(&self, key: &Key, row: &Row) -> Option<NotCompared> {
        let place = row.unreplaced_deletion()?.natural_key.as_ref()?;
        let Match::One(found) = self.index.find(place) else {
            return self.in_place_of(place, OwnTemplate::Deleted);
        };
        if self.deletions.of_seen(found).is_some() {
            return None;
        }
        if let Some(with) = self.other_row(key, place, found) {
            return Some(NotCompared::Shared { with: with.clone() });
        }
        let id = found.id.clone();
        Some(if self.tells_apart && found.shows_audience {
            NotCompared::Returned { id }
        } else {
            NotCompared::OtherId { id, own: OwnTemplate::Deleted }
        })
    }

    /// Every template of the export for the resource and audience of a row whose template is deleted.
    pub(super) fn of_deleted(&self, row: &Row) -> impl Iterator<Item = &'a Observed> {
        let place = row.unreplaced_deletion().and_then(|deletion| deletion.natural_key.as_ref());
        place.map(|place| self.all(place)).unwrap_or_default().into_iter()
    }

    /// Another row that is for this resource and audience, or that certainly has this template.
    fn other_row(&self, key: &Key, natural_key: &NaturalKey, found: &Observed) -> Option<&Key> {
        let owner = || self.certain_owner(&found.id).filter(|owner| *owner != key);
        self.claims.other(key, natural_key, found).or_else(owner)
    }

    fn certain_owner(&self, id: &TemplateId) -> Option<&Key> {
        self.ids.get(id).filter(|owner| self.document.templates.get(*owner).and_then(certain_id) == Some(id))
    }

    /// The deletion of a row whose id is known from its position in a response: that id and the resource together leave no
    /// doubt, unless another row is for the same resource.
    fn deleted_by_position(&self, row: &Row, natural_key: &NaturalKey) -> Option<&'a Deleted> {
        let resource = resource_of(natural_key);
        let deleted = *self.deleted.get(&row.identity.as_ref()?.id)?;
        let is_alone = self.resources().get(&resource) == Some(&1);
        (is_alone && deleted.resource == resource).then_some(deleted)
    }

    fn resources(&self) -> &HashMap<NaturalKey, usize> {
        self.resources.get_or_init(|| {
            let mut resources: HashMap<NaturalKey, usize> = HashMap::new();
            for natural_key in self.document.templates.values().filter_map(natural_key) {
                *resources.entry(resource_of(&natural_key)).or_default() += 1;
            }
            resources
        })
    }

    /// Every template of the export that is for the row's resource and audience.
    pub(super) fn beside(&self, row: &Row) -> impl Iterator<Item = &'a Observed> {
        row.natural_keys().flat_map(|natural_key| self.all(&natural_key)).collect::<Vec<_>>().into_iter()
    }

    fn all(&self, natural_key: &NaturalKey) -> Vec<&'a Observed> {
        match self.index.find(natural_key) {
            Match::Nothing => Vec::new(),
            Match::One(found) => vec![found],
            Match::Several(several) => several,
            Match::Unreadable { beside, .. } => beside,
        }
    }
}

fn several(found: Vec<&Observed>) -> NotCompared {
    NotCompared::Several { ids: found.into_iter().map(|template| template.id.clone()).collect() }
}

fn natural_key(row: &Row) -> Option<NaturalKey> {
    row.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes))
}

fn certain_id(row: &Row) -> Option<&TemplateId> {
    row.identity.as_ref().filter(|identity| identity.source.may_address()).map(|had| &had.id)
}
