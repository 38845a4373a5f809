//! Whether an observation is of the instance that a state is for.

use std::collections::HashSet;

use super::Observation;
use super::index::Index;
use super::observation::resource_of;
use crate::model::{NaturalKey, TemplateId};
use crate::state::{Document, Row};

/// An observation that is most likely of another instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherInstance {
    /// How many ids the state has; the observation has none of them.
    pub ids: usize,
}

/// Checks that an observation is of the instance that the state is for. It is not if it shows none of the ids that the
/// state has, and either shows one of their courses under another id, or nothing at all that the state or the YAML is
/// for: `wanted` is what the YAML is for. An observation from before the first apply is thus let through.
pub fn check_instance(
    observation: &Observation,
    document: &Document,
    wanted: impl Iterator<Item = NaturalKey>,
) -> Result<(), OtherInstance> {
    let live = observation.templates.iter().map(|template| &template.id);
    let deleted = observation.deleted.iter().filter_map(|deleted| deleted.id.as_ref());
    let seen: HashSet<&TemplateId> = live.chain(deleted).collect();
    let with_id: Vec<(&Row, &TemplateId)> =
        document.templates.values().filter_map(|row| Some((row, &row.identity.as_ref()?.id))).collect();
    if seen.is_empty() || with_id.is_empty() || with_id.iter().any(|(_, id)| seen.contains(id)) {
        return Ok(());
    }
    let index = Index::of(observation);
    let is_seen = |natural_key: NaturalKey| index.shows(&natural_key);
    let mut of_ids = with_id.iter().flat_map(|(row, _)| row.natural_keys());
    let resources = resources(observation);
    let mut of_all = document.templates.values().flat_map(Row::natural_keys).chain(wanted);
    if of_ids.any(is_seen) || !of_all.any(|natural_key| resources.contains(&resource_of(&natural_key))) {
        return Err(OtherInstance { ids: with_id.len() });
    }
    Ok(())
}

/// Everything that the observation shows anything of.
fn resources(observation: &Observation) -> HashSet<NaturalKey> {
    let live = observation.templates.iter().map(|template| resource_of(&template.natural_key));
    let deleted = observation.deleted.iter().map(|deleted| deleted.resource.clone());
    let unreadable = observation.unreadable.iter().map(|unreadable| unreadable.resource.clone());
    live.chain(deleted).chain(unreadable).collect()
}
