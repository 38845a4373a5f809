//! A rule for `environments`, wherever it is written: in a template, in `defaults`, or in an entry of `removed`.

use crate::desired::document::GroupSource;
use crate::desired::fields::ENVIRONMENTS;
use crate::desired::path::PathPart;
use crate::desired::unlocated::{Among, UnlocatedFindings};

/// Reports names that certctl.toml does not have; `known` are those that it has. `origin` is the mapping with the names.
pub(in crate::desired) fn check(
    names: &[String],
    origin: &GroupSource,
    known: &[String],
    findings: &mut UnlocatedFindings,
) {
    for (position, name) in names.iter().enumerate() {
        if !known.contains(name) {
            let mut node_ref = origin.member_ref(ENVIRONMENTS, PathPart::Value);
            node_ref.path = node_ref.path.item(position);
            let message = format!("there is no environment {name} in certctl.toml");
            findings.add_unknown(node_ref, "unknown-environment", message, Among::Environments, name);
        }
    }
}
