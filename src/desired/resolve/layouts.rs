//! The layouts of all files. A template can use a layout of another file, so `load` collects them before it resolves
//! any template.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::group::{PreparedGroup, prepare};
use crate::config::Variable;
use crate::desired::document::{AttributeGroup, GroupSource};
use crate::desired::missing::Missing;
use crate::desired::path::PathPart;
use crate::desired::unlocated::UnlocatedFindings;

/// The layouts of all files, by name.
#[derive(Debug, Default)]
pub(in crate::desired) struct Layouts(BTreeMap<String, Layout>);

/// A layout, and whether a template of this environment uses it: only then are its missing variables reported.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) group: PreparedGroup,
    is_used: AtomicBool,
}

impl Layouts {
    /// Prepares the layouts, in the order of their files. Of two with the same name, the first counts.
    pub(in crate::desired) fn collect(
        groups: Vec<(String, AttributeGroup)>,
        variables: &BTreeMap<String, Variable>,
        findings: &mut UnlocatedFindings,
    ) -> Self {
        let mut layouts: BTreeMap<String, Layout> = BTreeMap::new();
        for (name, group) in groups {
            if let Some(first) = layouts.get(&name) {
                defined_twice(&name, &first.group.origin, &group.origin, findings);
                continue;
            }
            let group = prepare(group, variables, findings);
            layouts.insert(name, Layout { group, is_used: AtomicBool::new(false) });
        }
        Self(layouts)
    }

    /// The names of all layouts, in order.
    pub(in crate::desired) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The variables without a value in layouts that a template of this environment uses.
    pub(in crate::desired) fn missing(&self) -> impl Iterator<Item = &Missing> {
        let used = self.0.values().filter(|layout| layout.is_used.load(Ordering::Relaxed));
        used.map(|layout| &layout.group.missing)
    }

    /// The layout with this name, and the name.
    pub(super) fn find(&self, name: &str) -> Option<(&str, &Layout)> {
        self.0.get_key_value(name).map(|(name, layout)| (name.as_str(), layout))
    }
}

impl Layout {
    /// Notes that a template of this environment uses it. Files are resolved in parallel.
    pub(super) fn is_in_use(&self) {
        self.is_used.store(true, Ordering::Relaxed);
    }
}

fn defined_twice(name: &str, first: &GroupSource, second: &GroupSource, findings: &mut UnlocatedFindings) {
    // Duplicates within one mapping are reported where mappings are read.
    if first.file == second.file {
        return;
    }
    let message = format!("the layout {name} is defined twice: in another file as well");
    let (node_ref, other) = (second.node_ref(PathPart::Name), first.node_ref(PathPart::Name));
    findings.add_pair(node_ref, "duplicate-key", message, other, "the first one is here");
}
