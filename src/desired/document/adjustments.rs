//! Reads `adjust` of a template: changes to single labels of the list that it inherits.

use std::ops::Range;

use super::Shaper;
use crate::desired::fields::ADJUST;
use crate::desired::path::YamlPath;
use crate::desired::tree::Node;

/// The changes to one label as written.
#[derive(Debug)]
pub(in crate::desired) struct RawAdjustment {
    /// The label's name: the id of its certificate field, or a variable with that id.
    pub(in crate::desired) name: String,
    pub(in crate::desired) changes: Node,
    /// The bytes of the name in its file.
    pub(in crate::desired) range: Option<Range<u32>>,
}

impl Shaper<'_> {
    pub(super) fn adjustments(&mut self, node: Node, path: &YamlPath) -> Vec<RawAdjustment> {
        let mut labels = self.members(node, path, ADJUST);
        labels.retain(|(name, node)| {
            let is_mapping = matches!(node, Node::Map(_) | Node::Null);
            if !is_mapping {
                self.wrong(&path.member(name), "an adjusted label", "a mapping, such as { x: 10 }", node);
            }
            is_mapping
        });
        labels.into_iter().map(|(name, changes)| RawAdjustment { name, changes, range: None }).collect()
    }
}
