//! Resolves one template: prepares what it says itself, finds its layout, merges the layers and checks the result.

use super::group::{PreparedGroup, prepare};
use super::layers::{AttributeLayers, ResolvedTemplate, merge};
use super::layouts::{Layout, Layouts};
use super::settings::{LayoutName, WrittenSettings};
use crate::desired::check::{sense, template};
use crate::desired::document::{GroupSource, RawTemplate};
use crate::desired::load::LoadRequest;
use crate::desired::missing::Missing;
use crate::desired::path::PathPart;
use crate::desired::unlocated::{Among, UnlocatedFindings};
use crate::desired::warnings::Warnings;
use crate::desired::{Template, WrittenPlaces};
use crate::model::Key;

/// What the templates of one file are resolved with.
pub(super) struct Resolver<'a> {
    pub(super) defaults: &'a PreparedGroup,
    pub(super) layouts: &'a Layouts,
    pub(super) request: &'a LoadRequest<'a>,
    /// Whether every file with layouts could be read, so that a layout that is not found does not exist.
    pub(super) knows_all_layouts: bool,
}

/// What is found in the templates of one file.
#[derive(Default)]
pub(super) struct Found {
    pub(super) findings: UnlocatedFindings,
    /// Variables without a value.
    pub(super) missing: Missing,
    pub(super) warnings: Warnings,
}

/// The layout of a template.
#[derive(Clone, Copy)]
enum ChosenLayout<'a> {
    /// The template uses none.
    Absent,
    /// There is no such layout, or its name is not known. This is reported.
    Unknown,
    Known(&'a str, &'a Layout),
}

impl Resolver<'_> {
    /// One template; `None` if it is for another environment. Mistakes in it are reported all the same, except
    /// variables that have no value in this environment.
    pub(super) fn template(&self, raw: RawTemplate, found: &mut Found) -> Option<(Key, Template)> {
        self.check_environments(&raw, &mut found.findings);
        let RawTemplate { key, line, own, layout, environments, protect, extra } = raw;
        let origin = own.origin.clone();
        let variables = self.request.variables;
        let mut own = prepare(own, variables, &mut found.findings);
        let written = WrittenSettings { layout, protect, extra };
        let settings = written.resolve(&origin, variables, &mut found.findings);
        let layout = self.layout(&settings.layout, &origin, &mut found.findings);
        if environments.is_some_and(|names| !names.iter().any(|name| name == self.request.environment)) {
            return None;
        }
        found.missing.extend(&settings.missing);
        found.missing.extend(&own.missing);
        let layers = AttributeLayers { defaults: self.defaults, layout: layout.used(), own: &mut own };
        let canvas = layers.canvas(layout.name());
        let written = WrittenPlaces { line, labels: layers.labels_at() };
        let resolved = merge(layers, settings.extra);
        // If the layout is unknown, so are the fields it would set: they are not missing.
        if !matches!(layout, ChosenLayout::Unknown) {
            self.check(&key, &origin, &resolved, found);
        }
        let (attributes, protect) = (resolved.attributes, settings.protect);
        Some((key, Template { attributes, protect, canvas, file: origin.file, written }))
    }

    /// Reports names of environments that certctl.toml does not have.
    fn check_environments(&self, raw: &RawTemplate, findings: &mut UnlocatedFindings) {
        let origin = &raw.own.origin;
        for (position, name) in raw.environments.iter().flatten().enumerate() {
            if !self.request.known_environments.contains(name) {
                let mut node_ref = origin.member_ref("environments", PathPart::Value);
                node_ref.path = node_ref.path.item(position);
                let message = format!("there is no environment {name} in certctl.toml");
                findings.add_unknown(node_ref, "unknown-environment", message, Among::Environments, name);
            }
        }
    }

    /// Finds the layout, and reports one that does not exist.
    fn layout(
        &self,
        name: &LayoutName,
        origin: &GroupSource,
        findings: &mut UnlocatedFindings,
    ) -> ChosenLayout<'_> {
        let name = match name {
            LayoutName::Absent => return ChosenLayout::Absent,
            LayoutName::Unknown => return ChosenLayout::Unknown,
            LayoutName::Named(name) => name,
        };
        if let Some((name, layout)) = self.layouts.find(name) {
            return ChosenLayout::Known(name, layout);
        }
        if self.knows_all_layouts {
            let node_ref = origin.member_ref("layout", PathPart::Value);
            let message = format!("there is no layout {name}");
            findings.add_unknown(node_ref, "unknown-layout", message, Among::Layouts, name);
        }
        ChosenLayout::Unknown
    }

    /// Checks the template as a whole.
    fn check(&self, key: &Key, origin: &GroupSource, resolved: &ResolvedTemplate<'_>, found: &mut Found) {
        template::check(key, origin, resolved, &mut found.findings);
        for odd in sense::check(resolved, self.request.now) {
            found.warnings.add(odd, key);
        }
    }
}

impl<'a> ChosenLayout<'a> {
    /// Its attributes, after noting that it is used.
    fn used(self) -> Option<&'a PreparedGroup> {
        let Self::Known(_, layout) = self else { return None };
        layout.is_in_use();
        Some(&layout.group)
    }

    fn name(self) -> Option<&'a str> {
        if let Self::Known(name, _) = self { Some(name) } else { None }
    }
}
