//! Lays a template over its layout and the defaults of its file.

use serde_json::Value;

use super::group::PreparedGroup;
use crate::desired::document::GroupSource;
use crate::desired::path::PathPart;
use crate::desired::unlocated::NodeRef;
use crate::model::{AttributeName, Attributes, Canvas, SharedValue};

/// The attributes of a template, each with the place it is written at.
pub(in crate::desired) struct ResolvedTemplate<'g> {
    pub(in crate::desired) attributes: Attributes,
    origins: Vec<(&'static str, &'g GroupSource)>,
}

impl ResolvedTemplate<'_> {
    /// Where an attribute is written.
    pub(in crate::desired) fn node_ref(&self, name: &str) -> Option<NodeRef> {
        let (_, origin) = self.origins.iter().find(|(other, _)| *other == name)?;
        Some(origin.member_ref(name, PathPart::Value))
    }
}

/// The attributes from the file's defaults, the layout and the template itself.
pub(super) struct AttributeLayers<'g> {
    pub(super) defaults: &'g PreparedGroup,
    pub(super) layout: Option<&'g PreparedGroup>,
    pub(super) own: &'g mut PreparedGroup,
}

impl AttributeLayers<'_> {
    /// The effective labels, and the layer that they are from; `None` if there are none.
    pub(super) fn with_labels(&self) -> Option<(&PreparedGroup, &SharedValue)> {
        let layer = self.topmost_first().find(|layer| layer.mentions_labels())?;
        Some((layer, layer.labels()?))
    }

    /// Replaces the labels of this template.
    pub(super) fn set_labels(&mut self, labels: SharedValue) {
        self.own.values.push((Attributes::LABELS, Some(labels)));
    }

    /// The size of the sheet: the template's, else the layout's, else the file's. `layout` is the layout's name.
    pub(super) fn canvas(&self, layout: Option<&str>) -> Option<Canvas> {
        let (width, height) = self.topmost_first().find_map(|layer| layer.sheet)?;
        let is_of_layout =
            self.own.sheet.is_none() && self.layout.is_some_and(|layout| layout.sheet.is_some());
        let layout = layout.filter(|_| is_of_layout).map(str::to_owned);
        Some(Canvas { height, layout, width })
    }

    fn topmost_first(&self) -> impl Iterator<Item = &PreparedGroup> {
        std::iter::once(&*self.own).chain(self.layout).chain(std::iter::once(self.defaults))
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
