//! Finds the configured templates that the server already has, according to an export. Called by `import`; it changes
//! nothing and never guesses.

use std::collections::{BTreeMap, HashSet};

use super::baseline::{StaleContents, baseline};
use super::contents::is_title;
use super::deletions::Deletions;
use super::extra;
use super::index::{Index, Match};
use super::settle::Claims;
use super::{Observation, Observed, SeenAt};
use crate::desired::{Desired, Template};
use crate::model::{Attributes, Key, NaturalKey, TemplateId, Timestamp};
use crate::state::{Baseline, Document, IdIndex, Record, Row, RowStatus};

/// What an export means for a configuration and its state. Every configured template is in exactly one of `adopted`,
/// `known`, `missing` and `obstacles`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adoptions {
    /// Templates that exist, and whose id the state lacks or has only from the position in a response; or of which it
    /// knows nothing but the id.
    pub adopted: BTreeMap<Key, Adoption>,
    /// Templates whose id the state already has, with it.
    pub known: BTreeMap<Key, TemplateId>,
    /// Templates that the export lacks, which proves nothing about them.
    pub missing: Vec<Key>,
    /// The missing templates that the state lacks too: the next apply creates them.
    pub unknown: Vec<Key>,
    /// Templates that cannot be adopted at present, each with the reason.
    pub obstacles: BTreeMap<Key, Obstacle>,
    /// The templates with an obstacle that the state lacks: the next apply creates them.
    pub unadopted: Vec<Key>,
    /// Templates of the export that match nothing in the configuration.
    pub unclaimed: Vec<Observed>,
}

/// A template that is adopted.
#[derive(Clone, Debug, PartialEq)]
pub struct Adoption {
    /// The vendor's id.
    pub id: TemplateId,
    /// What becomes of its contents.
    pub contents: AdoptedContents,
}

/// What an adoption means for the contents of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum AdoptedContents {
    /// What was seen is what the server holds.
    Seen(Box<Baseline>),
    /// The state knows them already, and keeps them.
    Known,
    /// What was seen does not count, so they are not known.
    Stale(StaleContents),
    /// An attempt on the row has no outcome, and what was seen may be older than it.
    Open,
}

impl Adoptions {
    /// The records for the journal.
    pub fn records(&self, at: Timestamp) -> Vec<Record> {
        let record = |(key, adoption): (&Key, &Adoption)| match &adoption.contents {
            AdoptedContents::Seen(baseline) => {
                Record::Observe { at, baseline: (**baseline).clone(), key: key.clone() }
            }
            _ => Record::Import { at, id: adoption.id.clone(), key: key.clone() },
        };
        self.adopted.iter().map(record).collect()
    }

    /// How many are adopted with what was seen of them.
    pub fn seen(&self) -> usize {
        let is_seen = |adoption: &&Adoption| matches!(adoption.contents, AdoptedContents::Seen(_));
        self.adopted.values().filter(is_seen).count()
    }

    /// How many are adopted without knowing what they hold.
    pub fn not_known(&self) -> usize {
        let is_stale = |adoption: &&Adoption| matches!(adoption.contents, AdoptedContents::Stale(_));
        self.adopted.values().filter(is_stale).count()
    }
}

/// Why a template cannot be adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The state has another id for it.
    OtherId {
        /// The id in the state.
        state: TemplateId,
        /// The id in the export.
        export: TemplateId,
    },
    /// The export has several templates for its resource.
    Several {
        /// The ids of those templates.
        ids: Vec<TemplateId>,
    },
    /// The id belongs to another row of the state.
    Taken {
        /// The vendor's id.
        id: TemplateId,
        /// The key of the row that has the id.
        owner: Key,
    },
    /// Another row of the state is for the same resource: the old key of a renamed template.
    Held {
        /// The key of the other row.
        by: Key,
    },
    /// Another configured template is for the same resource, as far as the export shows.
    Shared {
        /// The key of the other template.
        with: Key,
    },
    /// Something for its resource cannot be read.
    Unreadable {
        /// Where that was seen.
        seen_at: SeenAt,
    },
    /// The export does not show whether its template for the resource is this one.
    Unseen {
        /// The id of the template in the export.
        id: TemplateId,
        /// The attributes that the export lacks.
        columns: Vec<&'static str>,
    },
    /// The export has it under another title: perhaps another template, perhaps an older title.
    OtherTitle {
        /// The id of the template in the export.
        id: TemplateId,
        /// The title in the export.
        title: String,
    },
    /// The state has a template with this key for another resource or audience.
    Elsewhere {
        /// The natural key in the state.
        held: NaturalKey,
    },
    /// It was seen to be deleted, and this was not seen later.
    Deleted {
        /// The id that was seen.
        id: TemplateId,
        /// As of when it was seen to be deleted.
        at: Timestamp,
    },
    /// An attempt on the row is in doubt or pending.
    Unsettled(RowStatus),
}

impl Obstacle {
    /// The id that was seen, if there is one.
    pub fn id(&self) -> Option<&TemplateId> {
        match self {
            Self::OtherId { export: id, .. }
            | Self::Taken { id, .. }
            | Self::Unseen { id, .. }
            | Self::OtherTitle { id, .. }
            | Self::Deleted { id, .. } => Some(id),
            Self::Several { .. }
            | Self::Held { .. }
            | Self::Shared { .. }
            | Self::Unreadable { .. }
            | Self::Elsewhere { .. }
            | Self::Unsettled(_) => None,
        }
    }
}

/// Compares an export with the configuration and the state.
pub fn adoptions(observation: &Observation, desired: &Desired, document: &Document) -> Adoptions {
    let configured =
        desired.templates.iter().map(|(key, template)| (key, NaturalKey::of(&template.attributes)));
    let comparing = Comparing {
        observation,
        index: Index::of(observation),
        ids: IdIndex::of(document),
        holders: Claims::of(document),
        wanted: Claims::new(configured),
        deletions: Deletions::of(document),
        document,
    };
    let mut adoptions = Adoptions::default();
    let mut claimed: HashSet<TemplateId> = HashSet::new();
    for (key, template) in &desired.templates {
        comparing.place(key, template, &mut adoptions, &mut claimed);
    }
    // A template that may have been renamed is held back.
    let is_created = |(key, obstacle): &(&Key, &Obstacle)| {
        !matches!(obstacle, Obstacle::Held { .. })
            && document.templates.get(*key).is_none_or(is_to_be_created)
    };
    adoptions.unadopted = adoptions.obstacles.iter().filter(is_created).map(|(key, _)| key.clone()).collect();
    let is_unclaimed = |template: &&Observed| !claimed.contains(&template.id);
    adoptions.unclaimed = observation.templates.iter().filter(is_unclaimed).cloned().collect();
    adoptions
}

struct Comparing<'a> {
    observation: &'a Observation,
    index: Index<'a>,
    ids: IdIndex,
    deletions: Deletions<'a>,
    document: &'a Document,
    /// Rows of the state, by natural key.
    holders: Claims<'a>,
    /// Configured templates, by natural key.
    wanted: Claims<'a>,
}

impl Comparing<'_> {
    fn place(
        &self,
        key: &Key,
        template: &Template,
        adoptions: &mut Adoptions,
        claimed: &mut HashSet<TemplateId>,
    ) {
        let natural_key = NaturalKey::of(&template.attributes);
        let found = match self.index.find(&natural_key) {
            Match::Nothing => {
                if self.document.templates.get(key).is_none_or(is_to_be_created) {
                    adoptions.unknown.push(key.clone());
                }
                adoptions.missing.push(key.clone());
                return;
            }
            Match::Unreadable { seen_at, beside } => {
                claimed.extend(beside.into_iter().map(|template| template.id.clone()));
                adoptions.obstacles.insert(key.clone(), Obstacle::Unreadable { seen_at: seen_at.clone() });
                return;
            }
            Match::Several(several) => {
                let ids: Vec<TemplateId> = several.into_iter().map(|template| template.id.clone()).collect();
                claimed.extend(ids.iter().cloned());
                adoptions.obstacles.insert(key.clone(), Obstacle::Several { ids });
                return;
            }
            Match::One(found) => found,
        };
        claimed.insert(found.id.clone());
        match self.obstacle(key, &natural_key, template.attributes.title(), found) {
            Ok(is_known) => match self.contents(key, template, found) {
                AdoptedContents::Known | AdoptedContents::Stale(_) | AdoptedContents::Open if is_known => {
                    adoptions.known.insert(key.clone(), found.id.clone());
                }
                contents => {
                    let adoption = Adoption { id: found.id.clone(), contents };
                    adoptions.adopted.insert(key.clone(), adoption);
                }
            },
            Err(obstacle) => {
                adoptions.obstacles.insert(key.clone(), obstacle);
            }
        }
    }

    /// What becomes of the contents of a template that is adopted.
    fn contents(&self, key: &Key, template: &Template, found: &Observed) -> AdoptedContents {
        let row = self.document.templates.get(key);
        if row.is_some_and(|row| !row.attempts.is_empty()) {
            return AdoptedContents::Open;
        }
        if row.is_some_and(|row| row.confirmed.is_some()) {
            return AdoptedContents::Known;
        }
        match baseline(self.observation, found, row) {
            Ok(seen) => {
                // What the YAML does not have of `extra` would be cleared, though only a request made it seen.
                let own = &template.attributes;
                let seen = extra::beside(seen, self.observation, found, Some(own), |name| own.has(name));
                AdoptedContents::Seen(Box::new(seen))
            }
            Err(stale) => AdoptedContents::Stale(stale),
        }
    }

    /// Fails with what prevents the adoption; returns whether the state already has this id for this template.
    fn obstacle(
        &self,
        key: &Key,
        natural_key: &NaturalKey,
        title: Option<&str>,
        found: &Observed,
    ) -> Result<bool, Obstacle> {
        let id = &found.id;
        let row = self.document.templates.get(key);
        let identity = row.and_then(|row| row.identity.as_ref());
        if identity.is_some_and(|identity| identity.id == *id && identity.source.may_address()) {
            return Ok(true);
        }
        if let Some(with) = self.wanted.other(key, natural_key, found) {
            return Err(Obstacle::Shared { with: with.clone() });
        }
        if let Some(status @ (RowStatus::InDoubt | RowStatus::Pending)) = row.map(Row::status) {
            return Err(Obstacle::Unsettled(status));
        }
        if let Some(at) = self.deletions.of_seen(found) {
            return Err(Obstacle::Deleted { id: id.clone(), at });
        }
        let known = row.and_then(|row| row.confirmed.as_ref()).map(|known| &known.attributes);
        if let Some(held) = known.map(NaturalKey::of).filter(|held| held != natural_key) {
            return Err(Obstacle::Elsewhere { held });
        }
        if let Some(by) = self.holders.other(key, natural_key, found) {
            return Err(Obstacle::Held { by: by.clone() });
        }
        if let Some(had) = identity.filter(|identity| identity.source.may_address()) {
            return Err(Obstacle::OtherId { state: had.id.clone(), export: id.clone() });
        }
        // A guess yields to a better source.
        let is_guess = |owner: &Key| self.document.templates.get(owner).is_some_and(Row::has_guessed_id);
        if let Some(owner) = self.ids.get(id).filter(|owner| *owner != key && !is_guess(owner)) {
            return Err(Obstacle::Taken { id: id.clone(), owner: owner.clone() });
        }
        let columns = self.observation.lacking();
        if !columns.is_empty() {
            return Err(Obstacle::Unseen { id: id.clone(), columns });
        }
        // Accept the configured title or, if it is known, the one on the server.
        let known = known.and_then(Attributes::title);
        let shown = found.title().unwrap_or_default();
        if ![title, known].into_iter().any(|title| is_title(shown, title)) {
            return Err(Obstacle::OtherTitle { id: id.clone(), title: shown.to_owned() });
        }
        Ok(false)
    }
}

/// Returns whether the next apply creates the template of this row: the server is not known to have it, and no attempt
/// is without an outcome.
fn is_to_be_created(row: &Row) -> bool {
    !row.exists() && row.attempts.is_empty()
}
