//! Resolves one template: prepares what it says itself, finds its layout, merges the layers and checks the result.

use super::adjust::{AdjustedSize, Adjustments, ListBudget};
use super::defaults::PreparedDefaults;
use super::group::{PreparedGroup, ValueSources, prepare};
use super::layers::{AttributeLayers, ResolvedTemplate, merge};
use super::layouts::{ChosenLayout, Layouts};
use super::settings::WrittenSettings;
use crate::desired::check::{environments, sense, template};
use crate::desired::document::{GroupSource, RawTemplate};
use crate::desired::load::LoadRequest;
use crate::desired::missing::Missing;
use crate::desired::unlocated::UnlocatedFindings;
use crate::desired::warnings::Warnings;
use crate::desired::written_places::AdjustedPlace;
use crate::desired::{Template, WrittenPlaces};
use crate::model::Key;

/// What the templates of one file are resolved with.
pub(super) struct Resolver<'a> {
    pub(super) defaults: &'a PreparedDefaults<'a>,
    pub(super) layouts: &'a Layouts,
    pub(super) request: &'a LoadRequest<'a>,
    pub(super) from: ValueSources<'a>,
    pub(super) budget: &'a ListBudget,
}

/// What is found in the templates of one file.
#[derive(Default)]
pub(super) struct FoundInFile {
    pub(super) findings: UnlocatedFindings,
    /// Variables without a value.
    pub(super) missing: Missing,
    pub(super) warnings: Warnings,
    pub(super) adjusted: AdjustedSize,
}

impl Resolver<'_> {
    /// One template; `None` if it is for another environment. Mistakes in it are reported all the same, except
    /// variables that have no value in this environment.
    pub(super) fn template(&self, raw: RawTemplate, found: &mut FoundInFile) -> Option<(Key, Template)> {
        if raw.says_environments {
            let names = raw.environments.as_deref().unwrap_or_default();
            environments::check(names, &raw.own.origin, self.request.known_environments, &mut found.findings);
        }
        let RawTemplate { key, line, own, layout, adjust, environments: named, protect, extra, .. } = raw;
        let origin = own.origin.clone();
        let variables = self.from.variables;
        let mut own = prepare(own, self.from, &mut found.findings);
        let adjust = Adjustments::prepare(adjust, &origin, variables, &mut found.findings);
        let written = WrittenSettings { layout, protect, extra };
        let settings = written.resolve(&origin, variables, &mut found.findings);
        let said = self.layouts.choose(&settings.layout, &origin, &mut found.findings);
        if named.is_some_and(|names| !names.iter().any(|name| name == self.request.environment)) {
            return None;
        }
        if said.is_none() {
            found.missing.extend(&self.defaults.missing_in_layout);
        }
        let layout = said.unwrap_or(self.defaults.layout);
        found.missing.extend(&settings.missing);
        found.missing.extend(&own.missing);
        found.missing.extend(&adjust.missing);
        let mut layers =
            AttributeLayers { defaults: &self.defaults.group, layout: layout.used(), own: &mut own };
        let canvas = layers.canvas(layout.name());
        let labels = layers.with_labels().and_then(|(layer, _)| layer.labels_at.clone());
        let adjusted = match layout {
            ChosenLayout::Unknown => Box::default(),
            _ if adjust.is_empty() => Box::default(),
            _ => self.adjust(&mut layers, layout.name(), adjust, &origin, found),
        };
        let written = WrittenPlaces { line, labels, adjusted };
        let resolved = merge(layers, settings.extra);
        // If the layout is unknown, so are the fields it would set: they are not missing.
        if !matches!(layout, ChosenLayout::Unknown) {
            self.check(&key, &origin, &resolved, found);
        }
        let (attributes, protect) = (resolved.attributes, settings.protect);
        Some((key, Template { attributes, protect, canvas, file: origin.file, written }))
    }

    /// Adjusts labels that the template inherits, and says where each of them is adjusted.
    fn adjust(
        &self,
        layers: &mut AttributeLayers<'_>,
        layout: Option<&str>,
        adjust: Adjustments,
        origin: &GroupSource,
        found: &mut FoundInFile,
    ) -> Box<[AdjustedPlace]> {
        if layers.own.mentions_labels() {
            let message = "adjust is not allowed beside labels: it changes labels of the layout";
            let help = "write the values into labels, or remove labels";
            Adjustments::refuse(origin, message, help, &mut found.findings);
            return Box::default();
        }
        let Some((layer, labels)) = layers.with_labels() else {
            let message =
                "there are no labels to adjust: the template inherits none from a layout or from defaults";
            let help = "name a layout that has labels, or write labels instead of adjust";
            Adjustments::refuse(origin, message, help, &mut found.findings);
            return Box::default();
        };
        let size = layer.labels_size();
        found.adjusted.add(size, origin);
        if !self.budget.take(size) {
            return Box::default();
        }
        let is_of_layout = layers.layout.is_some_and(PreparedGroup::mentions_labels);
        let whose = match layout.filter(|_| is_of_layout) {
            Some(layout) => format!("the layout {layout}"),
            None => "the file's defaults".to_owned(),
        };
        let list = adjust.apply(labels, &whose, origin, self.from, &mut found.findings);
        layers.set_labels(list.labels);
        list.adjusted.into()
    }

    /// Checks the template as a whole.
    fn check(
        &self,
        key: &Key,
        origin: &GroupSource,
        resolved: &ResolvedTemplate<'_>,
        found: &mut FoundInFile,
    ) {
        template::check(key, origin, resolved, &mut found.findings);
        for odd in sense::check(resolved, self.request.now) {
            found.warnings.add(odd, key);
        }
    }
}
