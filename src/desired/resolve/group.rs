//! Prepares a group of attributes: of a layout, of a file's defaults, or of a template itself. What is shared by many
//! templates is prepared, and its problems are reported, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Variable;
use crate::desired::check::value;
use crate::desired::document::{AttributeGroup, GroupSource};
use crate::desired::fields::type_of;
use crate::desired::missing::Missing;
use crate::desired::path_cursor::PathCursor;
use crate::desired::tree::Node;
use crate::desired::unlocated::UnlocatedFindings;
use crate::desired::values::Values;
use crate::desired::written_places::LabelPlaces;
use crate::model::{Attributes, SharedValue, lower_ids};

/// A group of attributes with variables substituted and each value checked.
#[derive(Debug)]
pub(super) struct PreparedGroup {
    pub(super) origin: GroupSource,
    /// `None`: the group removes the attribute.
    pub(super) values: Vec<(&'static str, Option<SharedValue>)>,
    /// Width and height of the sheet, in pixels.
    pub(super) sheet: Option<(u32, u32)>,
    /// Where its labels are written, if it sets them. Shared by all templates that inherit them.
    pub(super) labels_at: Option<Arc<LabelPlaces>>,
    /// Variables without a value. They are reported only if the group is used.
    pub(super) missing: Missing,
}

/// Substitutes variables and checks each value. What is wrong in every environment is added to `findings`.
pub(super) fn prepare(
    group: AttributeGroup,
    variables: &BTreeMap<String, Variable>,
    findings: &mut UnlocatedFindings,
) -> PreparedGroup {
    let AttributeGroup { origin, members, sheet, label_ranges } = group;
    let mut missing = Missing::default();
    let mut values = Vec::with_capacity(members.len());
    let top = PathCursor::at(&origin);
    for (name, node) in members {
        if node == Node::Null {
            values.push((name, None));
            continue;
        }
        let at = top.member(name);
        let mut reader = Values::new(variables, findings, &mut missing);
        let mut value = reader.json(node, &at, type_of(name));
        let reported = reader.reported;
        value::check(name, &value, &at, &reported, findings);
        lower_ids(name, &mut value);
        values.push((name, Some(SharedValue::new(name, value))));
    }
    let sheet = sheet.and_then(|(name, node)| {
        Values::new(variables, findings, &mut missing).sheet(node, &name, &top.member(&name))
    });
    let has_labels = values.iter().any(|(name, value)| *name == Attributes::LABELS && value.is_some());
    let labels_at =
        has_labels.then(|| Arc::new(LabelPlaces { file: origin.file.clone(), ranges: label_ranges }));
    PreparedGroup { origin, values, sheet, labels_at, missing }
}
