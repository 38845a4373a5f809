//! Resolves attributes: substitutes variables, and merges template over layout over defaults.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::check::value;
use super::document::{AttributeGroup, GroupSource};
use super::fields::type_of;
use super::missing::Missing;
use super::path::PathPart;
use super::path_cursor::PathCursor;
use super::tree::Node;
use super::unlocated::{NodeRef, UnlocatedFindings};
use super::values::Values;
use crate::config::Variable;
use crate::model::{AttributeName, Attributes, SharedValue, lower_ids};

const LABELS: &str = "labels";

/// A group of attributes with variables substituted and each value checked.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) origin: GroupSource,
    /// `None`: the group removes the attribute.
    values: Vec<(&'static str, Option<SharedValue>)>,
    /// Width and height of the sheet, in pixels.
    pub(super) sheet: Option<(u32, u32)>,
    /// Where its labels are written, if it sets or removes them. Shared by all templates that inherit them.
    labels_at: Option<Arc<NodeRef>>,
    /// Variables without a value. They are reported only if the group is used.
    pub(super) missing: Missing,
}

/// Substitutes variables and checks each value. What is wrong in every environment is added to `findings`.
pub(super) fn prepare(
    group: AttributeGroup,
    variables: &BTreeMap<String, Variable>,
    findings: &mut UnlocatedFindings,
) -> Prepared {
    let AttributeGroup { origin, members, sheet } = group;
    let mut missing = Missing::default();
    let mut prepared = Vec::with_capacity(members.len());
    let top = PathCursor::at(&origin);
    for (name, node) in members {
        if node == Node::Null {
            prepared.push((name, None));
            continue;
        }
        let at = top.member(name);
        let mut reader = Values::new(variables, findings, &mut missing);
        let mut value = reader.json(node, &at, type_of(name));
        let unsettled = reader.unsettled;
        value::check(name, &value, &at, &unsettled, findings);
        lower_ids(name, &mut value);
        prepared.push((name, Some(SharedValue::new(name, value))));
    }
    let sheet = sheet.and_then(|(name, node)| {
        Values::new(variables, findings, &mut missing).sheet(node, &name, &top.member(&name))
    });
    let has_labels = prepared.iter().any(|(name, value)| *name == LABELS && value.is_some());
    let labels_at = has_labels.then(|| Arc::new(origin.member_ref(LABELS, PathPart::Value)));
    Prepared { origin, values: prepared, sheet, labels_at, missing }
}

/// The attributes of a template, each with the place it is written at.
pub(super) struct ResolvedTemplate<'g> {
    pub(super) attributes: Attributes,
    origins: Vec<(&'static str, &'g GroupSource)>,
}

impl ResolvedTemplate<'_> {
    /// Where an attribute is written.
    pub(super) fn node_ref(&self, name: &str) -> Option<NodeRef> {
        let (_, origin) = self.origins.iter().find(|(other, _)| *other == name)?;
        Some(origin.member_ref(name, PathPart::Value))
    }
}

/// The attributes from the file's defaults, the layout and the template itself.
pub(super) struct AttributeLayers<'g> {
    pub(super) defaults: &'g Prepared,
    pub(super) layout: Option<&'g Prepared>,
    pub(super) own: &'g mut Prepared,
}

impl AttributeLayers<'_> {
    /// Where the effective labels are written.
    pub(super) fn labels_at(&self) -> Option<Arc<NodeRef>> {
        let layers = [Some(&*self.own), self.layout, Some(self.defaults)];
        let says = |layer: &&Prepared| layer.values.iter().any(|(name, _)| *name == LABELS);
        layers.into_iter().flatten().find(says)?.labels_at.clone()
    }
}

/// Merges the layers: the later layer wins, lists are replaced, and an explicit null removes an earlier value.
/// Values are shared by reference between templates.
pub(super) fn merge(layers: AttributeLayers<'_>, extra: Vec<(String, Value)>) -> ResolvedTemplate<'_> {
    let AttributeLayers { defaults, layout, own } = layers;
    let owned = std::mem::take(&mut own.values);
    // A template has about a dozen attributes: looking through a list is faster than a map.
    let mut values: Vec<(&'static str, &GroupSource, SharedValue)> = Vec::with_capacity(owned.len() + 4);
    for shared in std::iter::once(defaults).chain(layout) {
        for (name, value) in &shared.values {
            // Skip values that the template overrides.
            if owned.iter().any(|(other, _)| other == name) {
                continue;
            }
            values.retain(|(other, ..)| other != name);
            values.extend(value.iter().map(|value| (*name, &shared.origin, value.clone())));
        }
    }
    let origin = &own.origin;
    values.extend(owned.into_iter().filter_map(|(name, value)| Some((name, origin, value?))));
    values.sort_unstable_by_key(|(name, ..)| *name);
    let origins = values.iter().map(|(name, origin, _)| (*name, *origin)).collect();
    let known = values.into_iter().map(|(name, _, value)| (AttributeName::new(name), value));
    let extra = extra.into_iter().map(|(name, value)| {
        let value = SharedValue::new(&name, value);
        (AttributeName::new(&name), value)
    });
    ResolvedTemplate { attributes: known.chain(extra).collect(), origins }
}
