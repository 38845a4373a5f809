//! The layouts of all files. A template can use a layout of another file, so `load` collects them before it resolves
//! any template.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::group::{PreparedGroup, ValueSources, prepare};
use super::settings::LayoutName;
use crate::desired::document::{AttributeGroup, GroupSource};
use crate::desired::fields::LAYOUT;
use crate::desired::missing::Missing;
use crate::desired::path::PathPart;
use crate::desired::unlocated::{Among, UnlocatedFindings};
use crate::model::Attributes;

/// The layouts of all files, by name.
#[derive(Debug)]
pub(in crate::desired) struct Layouts {
    by_name: BTreeMap<String, Layout>,
    /// Whether every file with layouts could be read, so that a layout that is not found does not exist.
    are_all: bool,
}

/// A layout, and whether a template of this environment uses it: only then are its missing variables reported.
#[derive(Debug)]
pub(super) struct Layout {
    group: PreparedGroup,
    is_used: AtomicBool,
}

/// The layout of a template.
#[derive(Clone, Copy)]
pub(super) enum ChosenLayout<'a> {
    /// The template uses none.
    Absent,
    /// There is no such layout, or its name is not known. This is reported.
    Unknown,
    Known(&'a str, &'a Layout),
}

impl Layouts {
    /// Prepares the layouts, in the order of their files. Of two with the same name, the first counts. `are_all`: every file
    /// with layouts could be read.
    pub(in crate::desired) fn collect(
        groups: Vec<(String, AttributeGroup)>,
        are_all: bool,
        from: ValueSources<'_>,
        findings: &mut UnlocatedFindings,
    ) -> Self {
        let mut layouts: BTreeMap<String, Layout> = BTreeMap::new();
        for (name, group) in groups {
            if let Some(first) = layouts.get(&name) {
                defined_twice(&name, &first.group.origin, &group.origin, findings);
                continue;
            }
            let group = prepare(group, from, findings);
            layouts.insert(name, Layout { group, is_used: AtomicBool::new(false) });
        }
        Self { by_name: layouts, are_all }
    }

    /// The names of all layouts, in order.
    pub(in crate::desired) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The attributes of each layout, by name; none if they are not all known.
    pub(in crate::desired) fn attributes(&self) -> BTreeMap<String, Attributes> {
        let attributes = |layout: &Layout| layout.group.attributes().unwrap_or_default();
        self.by_name.iter().map(|(name, layout)| (name.clone(), attributes(layout))).collect()
    }

    /// The variables without a value in layouts that a template of this environment uses.
    pub(in crate::desired) fn missing(&self) -> impl Iterator<Item = &Missing> {
        let used = self.by_name.values().filter(|layout| layout.is_used.load(Ordering::Relaxed));
        used.map(|layout| &layout.group.missing)
    }

    /// Finds the layout that is named at `origin`, and reports one that does not exist. `None`: nothing is said about it.
    pub(super) fn choose(
        &self,
        name: &LayoutName,
        origin: &GroupSource,
        findings: &mut UnlocatedFindings,
    ) -> Option<ChosenLayout<'_>> {
        let name = match name {
            LayoutName::Unsaid => return None,
            LayoutName::Unset => return Some(ChosenLayout::Absent),
            LayoutName::Unknown => return Some(ChosenLayout::Unknown),
            LayoutName::Named(name) => name,
        };
        if let Some((name, layout)) = self.by_name.get_key_value(name) {
            return Some(ChosenLayout::Known(name, layout));
        }
        if self.are_all {
            let node_ref = origin.member_ref(LAYOUT, PathPart::Value);
            let message = format!("there is no layout {name}");
            findings.add_unknown(node_ref, "unknown-layout", message, Among::Layouts, name);
        }
        Some(ChosenLayout::Unknown)
    }
}

impl<'a> ChosenLayout<'a> {
    /// Its attributes, after noting that a template of this environment uses it. Files are resolved in parallel.
    pub(super) fn used(self) -> Option<&'a PreparedGroup> {
        let Self::Known(_, layout) = self else { return None };
        layout.is_used.store(true, Ordering::Relaxed);
        Some(&layout.group)
    }

    pub(super) fn name(self) -> Option<&'a str> {
        if let Self::Known(name, _) = self { Some(name) } else { None }
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
