//! From a folder to [`Desired`]: reading is at the edge, the rest is pure.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::check::{estate, sense, template};
use super::faults::{Faults, Spot};
use super::fields::field;
use super::given::given;
use super::path::Part;
use super::resolve::{Layers, Prepared, extra, merge, prepare};
use super::search;
use super::shape::{self, Group, RawFile, RawMove, RawTemplate};
use super::trail::Trail;
use super::warnings::Warnings;
use super::{Desired, Template, files};
use crate::config::{Boundary, TemplateGlob, Variable};
use crate::model::{Canvas, Finding, Key, SourceText, Timestamp, Warning, did_you_mean};

/// What to load.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The folder of certctl.toml.
    pub root: &'a Path,
    /// Globs relative to it.
    pub globs: &'a [TemplateGlob],
    /// For which environment.
    pub environment: &'a str,
    /// All environments there are.
    pub known_environments: &'a [String],
    /// Values for `${var.NAME}`.
    pub variables: &'a BTreeMap<String, Variable>,
    /// Whether no template at all is fine.
    pub allow_empty: bool,
    /// When it is looked at: an expiry that is over is a warning.
    pub now: Timestamp,
}

/// Why there is no desired state.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The files have faults.
    #[error("the template files have faults")]
    Findings(Vec<Finding>),
    /// No file: what is said of each glob, and of files that none of them matches.
    #[error("no file matches `templates` in certctl.toml")]
    NoFiles(Vec<Finding>),
    /// Files without templates.
    #[error("{} no template in {}. If that is meant, say --allow-empty", if *.0 == 1 { "the template file has" } else { "the template files have" }, if *.0 == 1 { "it" } else { "them" })]
    NoTemplates(usize),
}

/// Reads and checks every template file.
pub fn load(request: &Request<'_>) -> Result<Desired, LoadError> {
    let boundary = Boundary::of_project(request.root).map_err(|error| {
        let message = format!("the folder cannot be looked into: {error}");
        let help = "check that it exists and that you may read it".to_owned();
        LoadError::Findings(vec![files::finding(Path::new("."), "unreadable-file", message, help)])
    })?;
    let matched = search::matching(request.root, &boundary, request.globs);
    let mut notable = matched.unmatched;
    if matched.files.is_empty() && matched.findings.is_empty() && !request.allow_empty {
        for finding in &mut notable {
            finding.help = Some(
                "correct `templates` in certctl.toml; if there really are no templates, say --allow-empty"
                    .to_owned(),
            );
        }
        notable.extend(matched.unread);
        return Err(LoadError::NoFiles(notable));
    }
    notable.extend(matched.unread);
    let mut findings = matched.findings;
    let (sources, unread) = files::read(&boundary, &matched.files);
    findings.extend(unread);
    match from_sources(sources, matched.files.len(), findings, request) {
        Ok(mut desired) => {
            desired.warnings.extend(notable.into_iter().map(Warning::from));
            desired.warnings.sort_by(|one, other| one.finding.cmp(&other.finding));
            Ok(desired)
        }
        // A layout that is not there may be in a file that was not read.
        Err(LoadError::Findings(mut findings))
            if findings.iter().any(|found| found.rule == "unknown-layout") =>
        {
            findings.extend(notable);
            findings.sort();
            Err(LoadError::Findings(findings))
        }
        failed => failed,
    }
}

/// The same from texts that are there already, each with the name of its file: reads nothing.
pub fn load_texts(
    texts: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    request: &Request<'_>,
) -> Result<Desired, LoadError> {
    let (mut sources, mut findings) = (HashMap::new(), Vec::new());
    let mut files = 0;
    for (file, bytes) in texts {
        files += 1;
        match files::text(&file, &bytes) {
            Ok(text) => drop(sources.insert(Arc::from(file), text)),
            Err(finding) => findings.push(*finding),
        }
    }
    from_sources(sources, files, findings, request)
}

fn from_sources(
    sources: HashMap<Arc<Path>, SourceText>,
    files: usize,
    mut findings: Vec<Finding>,
    request: &Request<'_>,
) -> Result<Desired, LoadError> {
    let is_whole = findings.is_empty();
    let given = given(request.variables, &sources);
    let variables = given.as_ref().map_or(request.variables, |given| &given.variables);
    let loaded = resolve_all(&sources, &Request { variables, ..*request }, is_whole);
    findings.extend(loaded.findings);
    let (unknown, notes) = given.map(|given| (given.findings, given.notes)).unwrap_or_default();
    // A file that cannot be read may use them.
    if is_whole {
        findings.extend(unknown);
    }
    if !findings.is_empty() {
        findings.sort();
        // Through an alias, two paths can lead to one place.
        findings.dedup();
        return Err(LoadError::Findings(findings));
    }
    if loaded.written == 0 && !request.allow_empty {
        return Err(LoadError::NoTemplates(files));
    }
    Ok(Desired { sources: Arc::new(sources), notes, ..loaded.desired })
}

struct Loaded {
    desired: Desired,
    /// Templates in the files, those for other environments included.
    written: usize,
    findings: Vec<Finding>,
}

/// `is_whole`: every file that there is could be read, so what is not found does not exist.
fn resolve_all(
    sources: &HashMap<Arc<Path>, SourceText>,
    request: &Request<'_>,
    mut is_whole: bool,
) -> Loaded {
    let mut in_order: Vec<_> = sources.iter().collect();
    in_order.sort_by_key(|(file, _)| *file);
    let mut faults = Faults::default();
    // Layouts first, because any file can use them; the files that may have some are read ahead and kept. All others
    // are read, resolved and dropped one by one, so that memory holds the templates once and not twice.
    let mut waiting: Vec<_> = in_order
        .into_par_iter()
        .map(|(file, source)| {
            let has_layouts = source.text().contains("layouts");
            (file, source, has_layouts.then(|| read(file, source)))
        })
        .collect();
    let ahead = waiting.iter_mut().filter_map(|(.., ahead)| ahead.as_mut());
    let mut groups = Vec::new();
    for (file, _) in ahead {
        match file {
            Ok(file) => groups.append(&mut file.layouts),
            Err(_) => is_whole = false,
        }
    }
    let layouts = layouts(groups, request, &mut faults);
    let files: Vec<_> = waiting
        .into_par_iter()
        .map(|(file, source, ahead)| {
            let (raw, faults) = ahead.unwrap_or_else(|| read(file, source));
            raw.map(|raw| resolve_file(raw, faults, &layouts, request, is_whole))
        })
        .collect();
    assemble(files, faults, sources, is_whole)
}

type Read = (Result<RawFile, Box<Finding>>, Faults);

fn read(file: &Arc<Path>, source: &SourceText) -> Read {
    let mut faults = Faults::default();
    (shape::read(source, file, &mut faults), faults)
}

fn assemble(
    files: Vec<Result<ResolvedFile, Box<Finding>>>,
    mut faults: Faults,
    sources: &HashMap<Arc<Path>, SourceText>,
    is_whole: bool,
) -> Loaded {
    let (mut templates, mut moves, mut written) = (BTreeMap::new(), Vec::new(), Vec::new());
    let (mut findings, mut warnings) = (Vec::new(), Warnings::default());
    for file in files {
        match file {
            Ok(file) => {
                faults.0.extend(file.faults.0);
                templates.extend(file.templates);
                moves.extend(file.moves);
                written.extend(file.written);
                warnings.append(file.warnings);
            }
            Err(finding) => findings.push(*finding),
        }
    }
    let written = estate::keys(written, &mut faults);
    estate::natural_keys(&templates, &written, &mut faults);
    // With a file that cannot be read, its templates would seem to be missing.
    let moved = if is_whole && findings.is_empty() {
        estate::moves(moves, &written, &mut faults)
    } else {
        Vec::new()
    };
    findings.extend(faults.into_findings(sources));
    let warnings = if findings.is_empty() { warnings.into_warnings(sources) } else { Vec::new() };
    let desired = Desired { templates, moved, warnings, ..Desired::default() };
    Loaded { desired, written: written.len(), findings }
}

fn layouts(
    groups: Vec<(String, Group)>,
    request: &Request<'_>,
    faults: &mut Faults,
) -> HashMap<String, Prepared> {
    let mut layouts: HashMap<String, Prepared> = HashMap::new();
    for (name, group) in groups {
        match layouts.get(&name) {
            // Within one mapping it was found when the mapping was read.
            Some(first) if first.origin.file == group.origin.file => {}
            Some(first) => {
                let message = format!("there is a layout {name} already, in another file");
                let (spot, other) = (group.origin.spot(Part::Name), first.origin.spot(Part::Name));
                faults.add_pair(spot, "duplicate-key", message, other, "the first one is here");
            }
            None => drop(layouts.insert(name, prepare(group, request.variables, faults))),
        }
    }
    layouts
}

/// What one file comes to.
struct ResolvedFile {
    /// Its templates for the environment.
    templates: Vec<(Key, Template)>,
    /// All its templates, and where they are.
    written: Vec<(Key, Spot)>,
    moves: Vec<RawMove>,
    faults: Faults,
    warnings: Warnings,
}

/// Resolves one file. `complete`: every file with layouts could be read, so a layout that is not found does not exist.
fn resolve_file(
    file: RawFile,
    mut faults: Faults,
    layouts: &HashMap<String, Prepared>,
    request: &Request<'_>,
    complete: bool,
) -> ResolvedFile {
    let RawFile { defaults, templates, moved, .. } = file;
    let written = templates.iter().map(|raw| (raw.key.clone(), raw.own.origin.spot(Part::Name))).collect();
    let defaults = prepare(defaults, request.variables, &mut faults);
    let shared = Shared { defaults, layouts, request, complete };
    let mut warnings = Warnings::default();
    let templates =
        templates.into_iter().filter_map(|raw| shared.resolve(raw, &mut faults, &mut warnings)).collect();
    ResolvedFile { templates, written, moves: moved, faults, warnings }
}

/// What the templates of one file have in common.
struct Shared<'a> {
    defaults: Prepared,
    layouts: &'a HashMap<String, Prepared>,
    request: &'a Request<'a>,
    complete: bool,
}

impl Shared<'_> {
    /// One template, or nothing if it is for another environment.
    fn resolve(
        &self,
        raw: RawTemplate,
        faults: &mut Faults,
        warnings: &mut Warnings,
    ) -> Option<(Key, Template)> {
        environments(&raw, self.request, faults);
        let layout = self.layout(&raw, faults);
        let is_here = |names: &Vec<String>| names.iter().any(|name| name == self.request.environment);
        // What a layout that is not there would have given is not missing as well.
        let is_complete = raw.layout.is_none() || layout.is_some();
        let here = raw.environments.as_ref().is_none_or(is_here);
        let RawTemplate { key, own, protect, extra: raw_extra, layout: raw_layout, .. } = raw;
        let mut own = prepare(own, self.request.variables, faults);
        let mut missing = Faults::default();
        let extra = extra(raw_extra, &own.origin, self.request.variables, faults, &mut missing);
        for (name, _) in extra.iter().filter(|(name, _)| field(name).is_some()) {
            let spot = Trail::at(&own.origin).member("extra").member(name).spot(Part::Name);
            let message = format!("{name} is a field that certctl knows: write it beside extra, not in it");
            faults.add(spot, "extra", message);
        }
        if !here {
            return None;
        }
        for group in [Some(&self.defaults), layout, Some(&own)].into_iter().flatten() {
            faults.0.extend(group.missing.0.iter().cloned());
        }
        faults.0.extend(missing.0);
        let origin = own.origin.clone();
        let canvas = self.canvas(&own, layout.and_then(|layout| Some((raw_layout.as_deref()?, layout))));
        let resolved = merge(Layers { defaults: &self.defaults, layout, own: &mut own }, extra);
        if is_complete {
            template::check(&key, &origin, &resolved, faults);
            for odd in sense::check(&resolved, self.request.now) {
                warnings.add(odd, &key);
            }
        }
        Some((key, Template { attributes: resolved.attributes, protect, canvas, file: origin.file }))
    }

    /// The size of the sheet: the template's, else its layout's, else the file's.
    fn canvas(&self, own: &Prepared, layout: Option<(&str, &Prepared)>) -> Option<Canvas> {
        let canvas = |(width, height), layout: Option<&str>| Canvas {
            height,
            layout: layout.map(str::to_owned),
            width,
        };
        let of_layout = || layout.and_then(|(name, layout)| Some(canvas(layout.sheet?, Some(name))));
        own.sheet
            .map(|size| canvas(size, None))
            .or_else(of_layout)
            .or_else(|| self.defaults.sheet.map(|size| canvas(size, None)))
    }

    fn layout(&self, raw: &RawTemplate, faults: &mut Faults) -> Option<&Prepared> {
        let name = raw.layout.as_deref()?;
        let layout = self.layouts.get(name);
        if layout.is_none() && self.complete {
            let hint = did_you_mean(name, self.layouts.keys().map(String::as_str));
            let spot = raw.own.origin.member_spot("layout", Part::Value);
            faults.add(spot, "unknown-layout", format!("there is no layout {name}{hint}"));
        }
        layout
    }
}

fn environments(raw: &RawTemplate, request: &Request<'_>, faults: &mut Faults) {
    for (position, name) in raw.environments.iter().flatten().enumerate() {
        if !request.known_environments.contains(name) {
            let hint = did_you_mean(name, request.known_environments.iter().map(String::as_str));
            let path = raw.own.origin.path.member("environments").item(position);
            let spot = Spot { file: raw.own.origin.file.clone(), path, part: Part::Value };
            faults.add(spot, "unknown-environment", format!("certctl.toml has no environment {name}{hint}"));
        }
    }
}
