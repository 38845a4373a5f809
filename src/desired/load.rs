//! From a folder to [`Desired`]: reading is at the edge, the rest is pure.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::check::{estate, template};
use super::faults::{Faults, Spot};
use super::fields::did_you_mean;
use super::path::Part;
use super::resolve::{Prepared, extra, merge, prepare};
use super::shape::{self, Group, RawFile, RawTemplate};
use super::{Desired, Template, files};
use crate::model::{Finding, Key, SourceText};

/// What to load.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The folder of certctl.toml.
    pub root: &'a Path,
    /// Globs relative to it.
    pub globs: &'a [String],
    /// For which environment.
    pub environment: &'a str,
    /// All environments there are.
    pub known_environments: &'a [String],
    /// Values for `${var.NAME}`.
    pub variables: &'a BTreeMap<String, String>,
    /// Whether no template at all is fine.
    pub allow_empty: bool,
}

/// Why there is no desired state.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The files have faults.
    #[error("the template files have faults")]
    Findings(Vec<Finding>),
    /// A glob that is none.
    #[error("{0}")]
    Glob(String),
    /// No file.
    #[error(
        "no template file matches {0}. Look at `templates` in certctl.toml; if there really are no templates, say \
         --allow-empty"
    )]
    NoFiles(String),
    /// Files without templates.
    #[error(
        "the {0} template files that match have no template in them. If that is meant, say --allow-empty"
    )]
    NoTemplates(usize),
}

/// Reads and checks every template file.
pub fn load(request: &Request<'_>) -> Result<Desired, LoadError> {
    let paths = files::matching(request.root, request.globs).map_err(LoadError::Glob)?;
    if paths.is_empty() && !request.allow_empty {
        return Err(LoadError::NoFiles(request.globs.join(", ")));
    }
    let (sources, mut findings) = files::read(request.root, &paths);
    let loaded = resolve_all(&sources, request);
    findings.extend(loaded.findings);
    if !findings.is_empty() {
        findings.sort();
        return Err(LoadError::Findings(findings));
    }
    if loaded.written == 0 && !request.allow_empty {
        return Err(LoadError::NoTemplates(paths.len()));
    }
    Ok(Desired { sources: Arc::new(sources), ..loaded.desired })
}

struct Loaded {
    desired: Desired,
    /// Templates in the files, those for other environments included.
    written: usize,
    findings: Vec<Finding>,
}

fn resolve_all(sources: &HashMap<Arc<Path>, SourceText>, request: &Request<'_>) -> Loaded {
    let mut in_order: Vec<_> = sources.iter().collect();
    in_order.sort_by_key(|(file, _)| *file);
    let read: Vec<_> = in_order
        .into_par_iter()
        .map(|(file, source)| {
            let mut faults = Faults::default();
            (shape::read(source, file, &mut faults), faults)
        })
        .collect();
    let (mut faults, mut findings, mut raw_files) = (Faults::default(), Vec::new(), Vec::new());
    for (file, found) in read {
        faults.0.extend(found.0);
        match file {
            Ok(file) => raw_files.push(file),
            Err(finding) => findings.push(*finding),
        }
    }
    estate::keys(&raw_files, &mut faults);
    let moves = raw_files.iter_mut().flat_map(|file| std::mem::take(&mut file.moved)).collect();
    let layouts = layouts(&raw_files, request, &mut faults);
    let resolved: Vec<_> =
        raw_files.par_iter().map(|file| resolve_file(file, &layouts, request, findings.is_empty())).collect();
    let mut templates = BTreeMap::new();
    for (in_file, found) in resolved {
        faults.0.extend(found.0);
        templates.extend(in_file);
    }
    let written: HashMap<Key, Spot> = raw_files
        .iter()
        .flat_map(|file| &file.templates)
        .map(|raw| (raw.key.clone(), raw.own.spot(Part::Name)))
        .collect();
    estate::natural_keys(&templates, &written, &mut faults);
    // With a file that cannot be read, its templates would seem to be missing.
    let moved = if findings.is_empty() { estate::moves(moves, &written, &mut faults) } else { Vec::new() };
    findings.extend(faults.into_findings(sources));
    let desired = Desired { templates, moved, sources: Arc::default() };
    Loaded { desired, written: written.len(), findings }
}

fn layouts<'f>(
    files: &'f [RawFile],
    request: &Request<'_>,
    faults: &mut Faults,
) -> HashMap<&'f str, Prepared<'f>> {
    let mut first: HashMap<&str, &Group> = HashMap::new();
    let mut layouts = HashMap::new();
    for (name, group) in files.iter().flat_map(|file| &file.layouts) {
        if let Some(other) = first.insert(name, group) {
            if other.file != group.file {
                let message = format!("there is a layout {name} already, in another file");
                let (spot, other) = (group.spot(Part::Name), other.spot(Part::Name));
                faults.add_pair(spot, "duplicate-key", message, other, "the first one is here");
            }
            continue;
        }
        layouts.insert(name.as_str(), prepare(group, request.variables, faults));
    }
    layouts
}

/// The templates of one file that are for the environment. `complete`: every file could be read, so a layout that is
/// not found does not exist.
fn resolve_file(
    file: &RawFile,
    layouts: &HashMap<&str, Prepared<'_>>,
    request: &Request<'_>,
    complete: bool,
) -> (Vec<(Key, Template)>, Faults) {
    let mut faults = Faults::default();
    let mut templates = Vec::new();
    let defaults = prepare(&file.defaults, request.variables, &mut faults);
    for raw in &file.templates {
        environments(raw, request, &mut faults);
        let here = raw
            .environments
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name == request.environment));
        let own = prepare(&raw.own, request.variables, &mut faults);
        let layout = layout(raw, layouts, complete, &mut faults);
        let mut missing = Faults::default();
        let extra_spot = raw.own.member_spot("extra", Part::Value);
        let extra = extra(&raw.extra, &extra_spot, request.variables, &mut faults, &mut missing);
        for (name, _) in &extra {
            if super::fields::names().any(|known| known == name) {
                let spot =
                    Spot { path: extra_spot.path.member(name), part: Part::Name, ..extra_spot.clone() };
                faults.add(
                    spot,
                    "extra",
                    format!("{name} is a field that certctl knows: write it beside extra, not in it"),
                );
            }
        }
        if !here {
            continue;
        }
        let mut groups = vec![&defaults];
        groups.extend(layout);
        groups.push(&own);
        for group in &groups {
            faults.0.extend(group.missing.0.iter().cloned());
        }
        faults.0.extend(missing.0);
        let resolved = merge(&groups, extra);
        template::check(raw, &resolved, &mut faults);
        let attributes = resolved.attributes;
        templates.push((
            raw.key.clone(),
            Template { attributes, protect: raw.protect, file: raw.own.file.clone() },
        ));
    }
    (templates, faults)
}

fn layout<'p>(
    raw: &RawTemplate,
    layouts: &'p HashMap<&str, Prepared<'p>>,
    complete: bool,
    faults: &mut Faults,
) -> Option<&'p Prepared<'p>> {
    let name = raw.layout.as_deref()?;
    let layout = layouts.get(name);
    if layout.is_none() && complete {
        let hint = did_you_mean(name, layouts.keys().copied());
        let spot = raw.own.member_spot("layout", Part::Value);
        faults.add(spot, "unknown-layout", format!("there is no layout {name}{hint}"));
    }
    layout
}

fn environments(raw: &RawTemplate, request: &Request<'_>, faults: &mut Faults) {
    for (position, name) in raw.environments.iter().flatten().enumerate() {
        if !request.known_environments.contains(name) {
            let hint = did_you_mean(name, request.known_environments.iter().map(String::as_str));
            let path = raw.own.path.member("environments").item(position);
            let spot = Spot { file: raw.own.file.clone(), path, part: Part::Value };
            faults.add(spot, "unknown-environment", format!("certctl.toml has no environment {name}{hint}"));
        }
    }
}
