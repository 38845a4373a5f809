//! Looks up the templates of an observation by natural key.

use std::collections::HashMap;

use super::observation::resource_of;
use super::{Observation, Observed, SeenAt};
use crate::model::NaturalKey;

/// An observation, indexed by natural key.
pub(super) struct Index<'t> {
    /// Templates whose audience, or the lack of one, the source shows.
    by_key: HashMap<&'t NaturalKey, Vec<&'t Observed>>,
    /// All other templates, by their resource.
    by_resource: HashMap<&'t NaturalKey, Vec<&'t Observed>>,
    /// The first that cannot be read of each resource, as far as the resource can be read.
    unreadable: HashMap<&'t NaturalKey, &'t SeenAt>,
    /// The first of all that cannot be read, if it is not known what some of it is for.
    unread: Option<&'t SeenAt>,
    /// The first deleted template of each resource.
    deleted: HashMap<&'t NaturalKey, &'t SeenAt>,
}

/// The templates of an observation for one natural key.
pub(super) enum Match<'t> {
    Nothing,
    /// The only template for this natural key; or for its resource, if the source shows no audience.
    One(&'t Observed),
    Several(Vec<&'t Observed>),
    /// Something for this resource cannot be read: it may be this template or a second one.
    Unreadable {
        seen_at: &'t SeenAt,
        /// Readable templates for the resource, any of which may be this one.
        beside: Vec<&'t Observed>,
    },
}

impl<'t> Index<'t> {
    pub(super) fn of(observation: &'t Observation) -> Self {
        let mut by_key: HashMap<&NaturalKey, Vec<&Observed>> = HashMap::new();
        let mut by_resource: HashMap<&NaturalKey, Vec<&Observed>> = HashMap::new();
        for template in &observation.templates {
            let index = if template.shows_audience { &mut by_key } else { &mut by_resource };
            // Most have no second one.
            index.entry(&template.natural_key).or_insert_with(|| Vec::with_capacity(1)).push(template);
        }
        Self {
            by_key,
            by_resource,
            unreadable: first(observation.unreadable.iter().map(|seen| (&seen.resource, &seen.seen_at))),
            unread: observation
                .not_read
                .as_ref()
                .and(observation.unreadable.first())
                .map(|seen| &seen.seen_at),
            deleted: first(observation.deleted.iter().map(|seen| (&seen.resource, &seen.seen_at))),
        }
    }

    /// Finds the templates for this natural key; none if it is incomplete.
    pub(super) fn find(&self, natural_key: &NaturalKey) -> Match<'t> {
        if natural_key.resource_type.is_empty() || natural_key.resource_id.is_empty() {
            return Match::Nothing;
        }
        let resource = resource_of(natural_key);
        let of = |index: &HashMap<&NaturalKey, Vec<&'t Observed>>, key| {
            index.get(key).cloned().unwrap_or_default()
        };
        let mut found = of(&self.by_key, natural_key);
        found.append(&mut of(&self.by_resource, &resource));
        found.sort_by_key(|template| &template.seen_at);
        if let Some(seen_at) = self.unreadable(&resource) {
            return Match::Unreadable { seen_at, beside: found };
        }
        match found[..] {
            [] => Match::Nothing,
            [one] => Match::One(one),
            _ => Match::Several(found),
        }
    }

    /// All templates for exactly the natural key of this one, which are one too many if there is another.
    pub(super) fn twins(&self, template: &'t Observed) -> Vec<&'t Observed> {
        let of_key = self.by_key.get(&template.natural_key).filter(|_| template.shows_audience);
        of_key.cloned().unwrap_or_default()
    }

    /// Whether there is a template for exactly this natural key.
    pub(super) fn shows(&self, natural_key: &NaturalKey) -> bool {
        self.by_key.contains_key(natural_key)
    }

    /// Returns where a template of this resource was first seen to be deleted.
    pub(super) fn deleted(&self, resource: &NaturalKey) -> Option<&'t SeenAt> {
        self.deleted.get(resource).copied()
    }

    /// Returns the first that cannot be read and may be for this resource. If its type cannot be read, it may be for
    /// either type. If it could not be asked what something is for, it may be for any resource.
    fn unreadable(&self, resource: &NaturalKey) -> Option<&'t SeenAt> {
        let typeless = NaturalKey { resource_type: String::new(), ..resource.clone() };
        let of_resource = [resource, &typeless].into_iter().filter_map(|of| self.unreadable.get(of).copied());
        of_resource.min().or(self.unread)
    }
}

/// Returns where each resource was first seen.
fn first<'t>(
    seen: impl Iterator<Item = (&'t NaturalKey, &'t SeenAt)>,
) -> HashMap<&'t NaturalKey, &'t SeenAt> {
    let mut first = HashMap::new();
    for (resource, seen_at) in seen {
        first
            .entry(resource)
            .and_modify(|first: &mut &SeenAt| *first = seen_at.min(first))
            .or_insert(seen_at);
    }
    first
}
