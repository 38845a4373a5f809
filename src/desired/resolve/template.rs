//! Resolves one template: prepares what it says itself, finds its layout, merges the layers and checks the result.

use super::defaults::PreparedDefaults;
use super::group::prepare;
use super::layers::{AttributeLayers, ResolvedTemplate, merge};
use super::layouts::{ChosenLayout, Layouts};
use super::settings::WrittenSettings;
use crate::desired::check::{sense, template};
use crate::desired::document::{GroupSource, RawTemplate};
use crate::desired::load::LoadRequest;
use crate::desired::missing::Missing;
use crate::desired::path::PathPart;
use crate::desired::unlocated::{Among, UnlocatedFindings};
use crate::desired::warnings::Warnings;
use crate::desired::{LabelsRef, Template};
use crate::model::Key;

/// What the templates of one file are resolved with.
pub(super) struct Resolver<'a> {
    pub(super) defaults: &'a PreparedDefaults<'a>,
    pub(super) layouts: &'a Layouts,
    pub(super) request: &'a LoadRequest<'a>,
}

/// What is found in the templates of one file.
#[derive(Default)]
pub(super) struct Found {
    pub(super) findings: UnlocatedFindings,
    /// Variables without a value.
    pub(super) missing: Missing,
    pub(super) warnings: Warnings,
}

impl Resolver<'_> {
    /// One template; `None` if it is for another environment. Mistakes in it are reported all the same, except
    /// variables that have no value in this environment.
    pub(super) fn template(&self, raw: RawTemplate, found: &mut Found) -> Option<(Key, Template)> {
        self.check_environments(&raw, &mut found.findings);
        let RawTemplate { key, own, layout, environments, protect, extra } = raw;
        let origin = own.origin.clone();
        let variables = self.request.variables;
        let mut own = prepare(own, variables, &mut found.findings);
        let written = WrittenSettings { layout, protect, extra };
        let settings = written.resolve(&origin, variables, &mut found.findings);
        let said = self.layouts.choose(&settings.layout, &origin, &mut found.findings);
        if environments.is_some_and(|names| !names.iter().any(|name| name == self.request.environment)) {
            return None;
        }
        if said.is_none() {
            found.missing.extend(&self.defaults.missing_in_layout);
        }
        let layout = said.unwrap_or(self.defaults.layout);
        found.missing.extend(&settings.missing);
        found.missing.extend(&own.missing);
        let layers = AttributeLayers { defaults: &self.defaults.group, layout: layout.used(), own: &mut own };
        let canvas = layers.canvas(layout.name());
        let labels_at = layers.labels_at().map(LabelsRef);
        let resolved = merge(layers, settings.extra);
        // If the layout is unknown, so are the fields it would set: they are not missing.
        if !matches!(layout, ChosenLayout::Unknown) {
            self.check(&key, &origin, &resolved, found);
        }
        let (attributes, protect) = (resolved.attributes, settings.protect);
        Some((key, Template { attributes, protect, canvas, file: origin.file, labels_at }))
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

    /// Checks the template as a whole.
    fn check(&self, key: &Key, origin: &GroupSource, resolved: &ResolvedTemplate<'_>, found: &mut Found) {
        template::check(key, origin, resolved, &mut found.findings);
        for odd in sense::check(resolved, self.request.now) {
            found.warnings.add(odd, key);
        }
    }
}
