//! Resolves the templates of one file. `load` calls it for every file, in parallel.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::check::attributes::ID;
use super::check::{sense, template};
use super::document::{GroupSource, RawFile, RawMove, RawTemplate};
use super::fields::field;
use super::load::LoadRequest;
use super::missing::Missing;
use super::path::PathPart;
use super::path_cursor::PathCursor;
use super::resolve::{AttributeLayers, Prepared, merge, prepare};
use super::unlocated::{Among, NodeRef, UnlocatedFindings};
use super::values::Values;
use super::warnings::Warnings;
use super::{LabelsRef, Template};
use crate::model::{Canvas, Key};

/// The layouts of all files, by name.
pub(super) type Layouts = BTreeMap<String, Layout>;

/// A layout, and whether a template of this environment uses it: only then are its missing variables reported.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) group: Prepared,
    pub(super) is_used: AtomicBool,
}

/// The result of resolving one file.
pub(super) struct ResolvedFile {
    /// Its templates for the environment.
    pub(super) templates: Vec<(Key, Template)>,
    /// The keys of all its templates, with their places.
    pub(super) written: Vec<(Key, NodeRef)>,
    pub(super) moves: Vec<RawMove>,
    pub(super) findings: UnlocatedFindings,
    pub(super) missing: Missing,
    pub(super) warnings: Warnings,
}

/// Resolves one file. `complete`: every file with layouts could be read, so a layout that is not found does not
/// exist.
pub(super) fn resolve_file(
    file: RawFile,
    mut findings: UnlocatedFindings,
    layouts: &Layouts,
    request: &LoadRequest<'_>,
    complete: bool,
) -> ResolvedFile {
    let RawFile { defaults, templates, moved, .. } = file;
    let written =
        templates.iter().map(|raw| (raw.key.clone(), raw.own.origin.node_ref(PathPart::Name))).collect();
    let defaults = prepare(defaults, request.variables, &mut findings);
    let mut file = Resolver {
        defaults,
        layouts,
        request,
        complete,
        findings,
        missing: Missing::default(),
        warnings: Warnings::default(),
    };
    let templates: Vec<_> = templates.into_iter().filter_map(|raw| file.resolve(raw)).collect();
    if !templates.is_empty() {
        file.missing.extend(&file.defaults.missing);
    }
    let Resolver { findings, missing, warnings, .. } = file;
    ResolvedFile { templates, written, moves: moved, findings, missing, warnings }
}

/// Resolves the templates of one file and collects findings.
struct Resolver<'a> {
    defaults: Prepared,
    layouts: &'a Layouts,
    request: &'a LoadRequest<'a>,
    complete: bool,
    findings: UnlocatedFindings,
    missing: Missing,
    warnings: Warnings,
}

impl<'a> Resolver<'a> {
    /// One template; `None` if it is for another environment.
    fn resolve(&mut self, raw: RawTemplate) -> Option<(Key, Template)> {
        environments(&raw, self.request, &mut self.findings);
        let variables = self.request.variables;
        let RawTemplate { key, own, layout: layout_name, environments, protect, extra: raw_extra } = raw;
        let mut own = prepare(own, variables, &mut self.findings);
        let origin = own.origin.clone();
        let mut missing = Missing::default();
        let mut values = Values::new(variables, &mut self.findings, &mut missing);
        let top = PathCursor::at(&origin);
        let layout_name = layout_name.map(|name| values.string(&name, &top.member("layout")));
        let is_layout_known = values.unsettled.is_empty();
        let protect = values.boolean(protect, "protect", &top.member("protect")).unwrap_or_default();
        let extra = values.extra(raw_extra, &top.member("extra"));
        for (name, _) in &extra {
            let message = match name.as_str() {
                ID => "id is not allowed in extra: it would make the request one about another template"
                    .to_owned(),
                name if field(name).is_some() => {
                    format!("{name} is a field that certctl knows: write it beside extra, not in it")
                }
                _ => continue,
            };
            self.findings.add(top.member("extra").member(name).node_ref(PathPart::Name), "extra", message);
        }
        let layout = layout_name.as_deref().filter(|_| is_layout_known).and_then(|name| {
            let layout = self.layout(name, &origin)?;
            Some((name, layout))
        });
        if environments.is_some_and(|names| !names.iter().any(|name| name == self.request.environment)) {
            return None;
        }
        self.missing.extend(&missing);
        self.missing.extend(&own.missing);
        if let Some((_, layout)) = layout {
            layout.is_used.store(true, Ordering::Relaxed);
        }
        let canvas = self.canvas(&own, layout);
        // If the layout is missing, the fields it would set are not reported as missing.
        let is_complete = layout_name.is_none() || layout.is_some();
        let layers = AttributeLayers {
            defaults: &self.defaults,
            layout: layout.map(|(_, layout)| &layout.group),
            own: &mut own,
        };
        let labels_at = layers.labels_at().map(LabelsRef);
        let resolved = merge(layers, extra);
        if is_complete {
            template::check(&key, &origin, &resolved, &mut self.findings);
            for odd in sense::check(&resolved, self.request.now) {
                self.warnings.add(odd, &key);
            }
        }
        Some((
            key,
            Template { attributes: resolved.attributes, protect, canvas, file: origin.file, labels_at },
        ))
    }

    /// The size of the sheet: the template's, else the layout's, else the file's.
    fn canvas(&self, own: &Prepared, layout: Option<(&str, &Layout)>) -> Option<Canvas> {
        let canvas = |(width, height), layout: Option<&str>| Canvas {
            height,
            layout: layout.map(str::to_owned),
            width,
        };
        let of_layout = || layout.and_then(|(name, layout)| Some(canvas(layout.group.sheet?, Some(name))));
        own.sheet
            .map(|size| canvas(size, None))
            .or_else(of_layout)
            .or_else(|| self.defaults.sheet.map(|size| canvas(size, None)))
    }

    fn layout(&mut self, name: &str, origin: &GroupSource) -> Option<&'a Layout> {
        let layout = self.layouts.get(name);
        if layout.is_none() && self.complete {
            let node_ref = origin.member_ref("layout", PathPart::Value);
            let message = format!("there is no layout {name}");
            self.findings.add_unknown(node_ref, "unknown-layout", message, Among::Layouts, name);
        }
        layout
    }
}

fn environments(raw: &RawTemplate, request: &LoadRequest<'_>, findings: &mut UnlocatedFindings) {
    for (position, name) in raw.environments.iter().flatten().enumerate() {
        if !request.known_environments.contains(name) {
            let path = raw.own.origin.path.member("environments").item(position);
            let node_ref = NodeRef { file: raw.own.origin.file.clone(), path, part: PathPart::Value };
            let message = format!("there is no environment {name} in certctl.toml");
            findings.add_unknown(node_ref, "unknown-environment", message, Among::Environments, name);
        }
    }
}
