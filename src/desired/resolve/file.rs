//! Resolves the templates of one file. `load` calls it for every file, in parallel.

use super::adjust::{AdjustedSize, ListBudget};
use super::defaults::PreparedDefaults;
use super::group::ValueSources;
use super::layouts::Layouts;
use super::template::{FoundInFile, Resolver};
use crate::desired::Template;
use crate::desired::check::environments;
use crate::desired::document::{RawFile, RawMove, RawRemoval, RawTemplate};
use crate::desired::load::LoadRequest;
use crate::desired::missing::Missing;
use crate::desired::path::PathPart;
use crate::desired::unlocated::{NodeRef, UnlocatedFindings};
use crate::desired::warnings::Warnings;
use crate::model::Key;

/// The result of resolving one file.
pub(in crate::desired) struct ResolvedFile {
    /// Its templates for the environment.
    pub(in crate::desired) templates: Vec<(Key, Template)>,
    /// The keys of all its templates, with their places.
    pub(in crate::desired) written: Vec<(Key, NodeRef)>,
    /// The environments of templates that are limited to some.
    pub(in crate::desired) limited: Vec<(Key, Vec<String>)>,
    pub(in crate::desired) moves: Vec<RawMove>,
    pub(in crate::desired) removals: Vec<RawRemoval>,
    pub(in crate::desired) findings: UnlocatedFindings,
    pub(in crate::desired) missing: Missing,
    pub(in crate::desired) warnings: Warnings,
    pub(in crate::desired) adjusted: AdjustedSize,
}

impl ResolvedFile {
    /// Whether nothing was found in the file that people are told.
    pub(in crate::desired) fn is_clean(&self) -> bool {
        self.findings.0.is_empty() && self.warnings.is_empty() && self.missing.is_empty()
    }
}

/// Resolves one file, of which reading it found `findings`.
pub(in crate::desired) fn resolve_file(
    file: RawFile,
    mut findings: UnlocatedFindings,
    layouts: &Layouts,
    request: &LoadRequest<'_>,
    from: ValueSources<'_>,
    budget: &ListBudget,
) -> ResolvedFile {
    let RawFile { defaults, templates, moved, removed, .. } = file;
    let written =
        templates.iter().map(|raw| (raw.key.clone(), raw.own.origin.node_ref(PathPart::Name))).collect();
    let limits = |raw: &RawTemplate| Some((raw.key.clone(), raw.environments.clone()?));
    let limited = templates.iter().filter_map(limits).collect();
    let names = defaults.environments.as_deref().unwrap_or_default();
    environments::check(names, &defaults.group.origin, request.known_environments, &mut findings);
    let defaults = PreparedDefaults::prepare(defaults, layouts, from, &mut findings);
    let resolver = Resolver { defaults: &defaults, layouts, request, from, budget };
    let mut found = FoundInFile { findings, ..FoundInFile::default() };
    let templates: Vec<_> =
        templates.into_iter().filter_map(|raw| resolver.template(raw, &mut found)).collect();
    if !templates.is_empty() {
        found.missing.extend(&defaults.group.missing);
    }
    let FoundInFile { findings, missing, warnings, adjusted } = found;
    ResolvedFile {
        templates,
        written,
        limited,
        moves: moved,
        removals: removed,
        findings,
        missing,
        warnings,
        adjusted,
    }
}
