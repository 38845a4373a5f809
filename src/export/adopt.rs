//! Which configured templates the server has already.

use std::collections::{BTreeMap, HashMap};

use super::Table;
use super::index::{Found, Index};
use crate::desired::Desired;
use crate::model::{Key, NaturalKey, TemplateId};
use crate::state::{Document, IdSource, Owners, Status};

/// What an export means for a configuration and its state. Every configured template is in exactly one of the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoptions {
    /// Templates that exist, and whose id the state does not have, or has only by its place in an answer.
    pub adopted: BTreeMap<Key, TemplateId>,
    /// Templates whose id the state has.
    pub known: Vec<Key>,
    /// Templates that the export does not have: the next apply creates those that the state does not have either.
    pub missing: Vec<Key>,
    /// Templates that cannot be adopted as things are.
    pub obstacles: BTreeMap<Key, Obstacle>,
    /// How many templates of the export nothing in the configuration is for.
    pub unclaimed: usize,
}

/// Why a template is not adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The state has another id for it.
    OtherId {
        /// What the state has.
        state: TemplateId,
        /// What the export has.
        export: TemplateId,
    },
    /// The export has several templates for its resource.
    Several {
        /// Their ids.
        ids: Vec<TemplateId>,
    },
    /// The id belongs to another row of the state.
    Taken {
        /// The id.
        id: TemplateId,
        /// The row that has it.
        owner: Key,
    },
    /// Another row of the state is for the same resource: the old key of a renamed template.
    Held {
        /// That row.
        by: Key,
    },
    /// Another configured template is for the same resource, as far as this export can tell.
    Shared {
        /// That template.
        with: Key,
    },
    /// An attempt on it is in doubt or pending.
    Unsettled(Status),
}

/// Compares an export with the configuration and the state.
pub fn adoptions(table: &Table, desired: &Desired, document: &Document) -> Adoptions {
    let index = Index::of(table);
    let comparing = Comparing {
        owners: Owners::of(document),
        holders: holders(&index, document),
        wanted: wanted(&index, desired),
        index,
        document,
    };
    let mut adoptions = Adoptions::default();
    for (key, template) in &desired.templates {
        comparing.place(key, &NaturalKey::of(&template.attributes), &mut adoptions);
    }
    let claimed = |template: &&super::Exported| comparing.wanted.contains_key(&template.natural_key);
    adoptions.unclaimed = table.templates.iter().filter(|template| !claimed(template)).count();
    adoptions
}

struct Comparing<'a> {
    index: Index<'a>,
    owners: Owners,
    document: &'a Document,
    /// Rows of the state by natural key.
    holders: HashMap<NaturalKey, Vec<&'a Key>>,
    /// Configured templates by natural key.
    wanted: HashMap<NaturalKey, Vec<&'a Key>>,
}

fn holders<'a>(index: &Index<'_>, document: &'a Document) -> HashMap<NaturalKey, Vec<&'a Key>> {
    let mut holders: HashMap<NaturalKey, Vec<&Key>> = HashMap::new();
    for (key, row) in &document.templates {
        for natural_key in row.natural_keys().filter_map(|natural_key| index.comparable(&natural_key)) {
            holders.entry(natural_key).or_default().push(key);
        }
    }
    holders
}

fn wanted<'a>(index: &Index<'_>, desired: &'a Desired) -> HashMap<NaturalKey, Vec<&'a Key>> {
    let mut wanted: HashMap<NaturalKey, Vec<&Key>> = HashMap::new();
    for (key, template) in &desired.templates {
        if let Some(natural_key) = index.comparable(&NaturalKey::of(&template.attributes)) {
            wanted.entry(natural_key).or_default().push(key);
        }
    }
    wanted
}

impl Comparing<'_> {
    fn place(&self, key: &Key, natural_key: &NaturalKey, adoptions: &mut Adoptions) {
        let Some(natural_key) = self.index.comparable(natural_key) else {
            adoptions.missing.push(key.clone());
            return;
        };
        let found = match self.index.find(&natural_key) {
            Found::Nothing => {
                adoptions.missing.push(key.clone());
                return;
            }
            Found::Several(several) => {
                let ids = several.into_iter().map(|template| template.id.clone()).collect();
                adoptions.obstacles.insert(key.clone(), Obstacle::Several { ids });
                return;
            }
            Found::One(found) => found,
        };
        match self.obstacle(key, &natural_key, &found.id) {
            Ok(true) => adoptions.known.push(key.clone()),
            Ok(false) => {
                adoptions.adopted.insert(key.clone(), found.id.clone());
            }
            Err(obstacle) => {
                adoptions.obstacles.insert(key.clone(), obstacle);
            }
        }
    }

    /// Whether the state has this id for this template already, or what stands in the way.
    fn obstacle(&self, key: &Key, natural_key: &NaturalKey, id: &TemplateId) -> Result<bool, Obstacle> {
        let other = |keys: Option<&Vec<&Key>>| {
            keys.and_then(|keys| keys.iter().find(|other| **other != key)).map(|other| (*other).clone())
        };
        let row = self.document.templates.get(key);
        let identity = row.and_then(|row| row.identity.as_ref());
        if identity.is_some_and(|identity| identity.id == *id && identity.source != IdSource::Positional) {
            return Ok(true);
        }
        if let Some(with) = other(self.wanted.get(natural_key)) {
            return Err(Obstacle::Shared { with });
        }
        if let Some(status @ (Status::InDoubt | Status::Pending)) = row.map(crate::state::Row::status) {
            return Err(Obstacle::Unsettled(status));
        }
        if let Some(by) = other(self.holders.get(natural_key)) {
            return Err(Obstacle::Held { by });
        }
        if let Some(had) = identity.filter(|identity| identity.source != IdSource::Positional) {
            return Err(Obstacle::OtherId { state: had.id.clone(), export: id.clone() });
        }
        match self.owners.get(id).filter(|owner| *owner != key && !self.is_guess(owner)) {
            Some(owner) => Err(Obstacle::Taken { id: id.clone(), owner: owner.clone() }),
            None => Ok(false),
        }
    }

    /// Whether this row has its id only by its place in an answer: it yields to a better one.
    fn is_guess(&self, owner: &Key) -> bool {
        let identity = self.document.templates.get(owner).and_then(|row| row.identity.as_ref());
        identity.is_some_and(|identity| identity.source == IdSource::Positional)
    }
}
