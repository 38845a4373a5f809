//! Prepares a group of attributes: of a layout, of a file's defaults, or of a template itself. What is shared by many
//! templates is prepared, and its problems are reported, once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::from_file;
use crate::config::Variable;
use crate::desired::check::value;
use crate::desired::document::{AttributeGroup, GroupSource};
use crate::desired::fields::{FROM_FILES, type_of};
use crate::desired::missing::Missing;
use crate::desired::path_cursor::PathCursor;
use crate::desired::text_files::TextFiles;
use crate::desired::tree::Node;
use crate::desired::unlocated::UnlocatedFindings;
use crate::desired::values::Values;
use crate::desired::variable_names::VariableNames;
use crate::desired::written_places::LabelPlaces;
use crate::model::{AttributeName, Attributes, SharedValue, canonical_json, lower_ids};

/// What values are made from, beside what is written.
#[derive(Clone, Copy)]
pub(in crate::desired) struct ValueSources<'a> {
    pub(in crate::desired) variables: &'a BTreeMap<String, Variable>,
    pub(in crate::desired) names: &'a VariableNames,
    pub(in crate::desired) texts: &'a TextFiles<'a>,
}

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
    /// The length of its labels, once asked for.
    labels_size: OnceLock<u64>,
    /// Variables without a value. They are reported only if the group is used.
    pub(super) missing: Missing,
}

impl PreparedGroup {
    /// Whether the group says something about labels, be it that there are none.
    pub(super) fn mentions_labels(&self) -> bool {
        self.values.iter().any(|(name, _)| *name == Attributes::LABELS)
    }

    /// Its attributes, if the group has a value for each.
    pub(super) fn attributes(&self) -> Option<Attributes> {
        let value = |(name, value): &(&'static str, Option<SharedValue>)| {
            Some((AttributeName::new(name), value.clone()?))
        };
        let values: Option<Vec<_>> = self.values.iter().map(value).collect();
        values.filter(|_| self.missing.is_empty()).map(|values| values.into_iter().collect())
    }

    /// The length of its list of labels as JSON, in bytes.
    pub(super) fn labels_size(&self) -> u64 {
        let size = || self.labels().map_or(0, |labels| canonical_json(labels).len() as u64);
        *self.labels_size.get_or_init(size)
    }

    /// Its list of labels.
    pub(super) fn labels(&self) -> Option<&SharedValue> {
        self.values.iter().find(|(name, _)| *name == Attributes::LABELS)?.1.as_ref()
    }
}

/// Substitutes variables and checks each value. What is wrong in every environment is added to `findings`.
pub(super) fn prepare(
    group: AttributeGroup,
    from: ValueSources<'_>,
    findings: &mut UnlocatedFindings,
) -> PreparedGroup {
    let variables = from.variables;
    let AttributeGroup { origin, members, sheet, mut label_ranges } = group;
    let (mut missing, mut labels_at) = (Missing::default(), None);
    let mut values = Vec::with_capacity(members.len());
    let top = PathCursor::at(&origin);
    for (name, node) in members {
        if node == Node::Null {
            values.push((name, None));
            continue;
        }
        let at = top.member(name);
        let mut reader = Values::new(variables, findings, &mut missing);
        let node = match node {
            Node::Map(members) if FROM_FILES.contains(&name) => {
                if let Some(text) = from_file::text(name, members, &at, &mut reader, from.texts) {
                    value::check(name, &text, &at, &reader.reported, reader.findings);
                    values.push((name, Some(text)));
                }
                continue;
            }
            node => node,
        };
        let mut value = reader.json(node, &at, type_of(name));
        let reported = reader.reported;
        value::check(name, &value, &at, &reported, findings);
        lower_ids(name, &mut value);
        if name == Attributes::LABELS {
            let (file, ranges) = (Arc::clone(&origin.file), std::mem::take(&mut label_ranges));
            labels_at = Some(Arc::new(LabelPlaces::new(file, ranges, &value)));
        }
        values.push((name, Some(SharedValue::new(name, value))));
    }
    let sheet = sheet.and_then(|(name, node)| {
        Values::new(variables, findings, &mut missing).sheet(node, &name, &top.member(&name))
    });
    PreparedGroup { origin, values, sheet, labels_at, labels_size: OnceLock::new(), missing }
}
