//! Loads a folder into [`Desired`]. `cli` calls it for every command that needs the configuration. Files are read
//! here at the edge; everything after that is pure. It never writes, and never uses the network.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::alias_limits::Weight;
use super::check::estate;
use super::check::removals::{self, Configured};
use super::document::{self, RawFile};
use super::given::given;
use super::missing::Missing;
use super::places::{KnownNames, Places};
use super::redact::{Redaction, TextLines};
use super::resolve::{AdjustedSize, Layouts, ListBudget, ResolvedFile, ValueSources, resolve_file};
use super::search;
use super::sources::{ReadAgain, Source, Sources};
use super::text_files::TextFiles;
use super::unlocated::UnlocatedFindings;
use super::variable_names::VariableNames;
use super::warnings::Warnings;
use super::weigh::weigh;
use super::{Desired, files};
use crate::config::{Boundary, TemplateGlob, Variable};
use crate::model::{Finding, GivenKeys, Key, RunOption, SourceText, Timestamp, Warning, few};

/// What to load.
#[derive(Clone, Copy, Debug)]
pub struct LoadRequest<'a> {
    /// The folder that contains certctl.toml.
    pub root: &'a Path,
    /// Globs, relative to that folder.
    pub globs: &'a [TemplateGlob],
    /// The environment to load for.
    pub environment: &'a str,
    /// The names of all environments.
    pub known_environments: &'a [String],
    /// Values for `${var.NAME}`.
    pub variables: &'a BTreeMap<String, Variable>,
    /// Whether it is allowed to find no template at all.
    pub allow_empty: bool,
    /// Keys that must not appear in the files.
    pub keys: &'a GivenKeys,
    /// The current time: an expiry in the past is a warning.
    pub now: Timestamp,
}

/// Why the desired state cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The files have problems.
    #[error("the template files have problems")]
    Findings {
        /// The problems.
        findings: Vec<Finding>,
        /// Warnings beside the problems.
        warnings: Vec<Warning>,
    },
    /// No file matches: one finding for each glob, and for files that look like templates.
    #[error("no file matches `templates` in certctl.toml")]
    NoFiles(Vec<Finding>),
    /// The files contain no template.
    #[error("{}", .0.message)]
    NoTemplates(Box<Finding>),
}

fn no_templates(sources: &Sources) -> Finding {
    let mut files: Vec<&Path> = sources.names().collect();
    files.sort();
    let named: Vec<_> = files.iter().map(|file| file.display()).collect();
    let (message, help) = match named.len() {
        1 => ("the template file has no template in it".to_owned(), "write a template into it"),
        _ => (
            format!("the template files have no template in them: {}", few(&named)),
            "write a template into one of them",
        ),
    };
    let first = files.first().copied().unwrap_or(Path::new("."));
    let finding = files::finding(first, "no-template", message, format!("{help}, under `templates:`"));
    Finding { option: Some(RunOption::AllowEmpty), ..finding }
}

/// Reads and checks every template file. Fails with every finding of all files.
pub fn load(request: &LoadRequest<'_>) -> Result<Desired, LoadError> {
    load_ahead(request, &FilesAhead::new())
}

/// Files that are not there yet, with their texts, by their path relative to the folder of certctl.toml.
pub type FilesAhead = BTreeMap<PathBuf, String>;

/// Like [`load`], as if these files were there already: template files, and texts that are taken from files.
pub fn load_ahead(request: &LoadRequest<'_>, ahead: &FilesAhead) -> Result<Desired, LoadError> {
    let boundary = Boundary::of_project(request.root).map_err(|error| {
        let message = format!("the folder cannot be looked into: {error}");
        let help = "check that it exists and that you may read it".to_owned();
        let findings = vec![files::finding(Path::new("."), "unreadable-file", message, help)];
        LoadError::Findings { findings, warnings: Vec::new() }
    })?;
    let matched = search::matching(request.root, &boundary, request.globs);
    let mut notable = matched.unmatched;
    if matched.files.is_empty() && matched.findings.is_empty() && ahead.is_empty() && !request.allow_empty {
        for finding in &mut notable {
            finding.option = Some(RunOption::AllowEmpty);
        }
        notable.extend(matched.unread);
        return Err(LoadError::NoFiles(notable));
    }
    notable.extend(matched.unread);
    let mut findings = matched.findings;
    let (mut sources, unread) = files::read(&boundary, &matched.files);
    findings.extend(unread);
    for (file, text) in ahead.iter().filter(|(file, _)| has_template_ending(file)) {
        sources.insert(Arc::from(file.as_path()), SourceText::new(file, text));
    }
    let texts = TextFiles::new(Some(&boundary), request.keys).with_ahead(ahead);
    let again = Arc::new(ReadAgain::new(boundary.clone()));
    let again = |file: &Path| Some((Arc::clone(&again), matched.files.get(file)?.clone()));
    match from_sources(sources, findings, request, &again, texts) {
        Ok(mut desired) => {
            desired.warnings = with_notable(desired.warnings, notable);
            Ok(desired)
        }
        // A missing layout may be defined in a file that could not be read.
        Err(LoadError::Findings { mut findings, warnings })
            if findings.iter().any(|found| found.rule == "unknown-layout") =>
        {
            findings.extend(notable);
            findings.sort();
            Err(LoadError::Findings { findings, warnings })
        }
        Err(LoadError::Findings { findings, warnings }) => {
            Err(LoadError::Findings { findings, warnings: with_notable(warnings, notable) })
        }
        failed => failed,
    }
}

fn has_template_ending(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// Adds the findings about globs and about files that no glob matches.
fn with_notable(mut warnings: Vec<Warning>, notable: Vec<Finding>) -> Vec<Warning> {
    warnings.extend(notable.into_iter().map(Warning::from));
    warnings.sort_by(|one, other| one.finding.cmp(&other.finding));
    warnings
}

/// Like `load`, from texts that are in memory, each with the name of its file.
pub fn load_texts(
    texts: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    request: &LoadRequest<'_>,
) -> Result<Desired, LoadError> {
    let (mut sources, mut findings) = (HashMap::new(), Vec::new());
    for (file, bytes) in texts {
        match files::text(&file, bytes) {
            Ok(text) => drop(sources.insert(Arc::from(file), text)),
            Err(finding) => findings.push(*finding),
        }
    }
    from_sources(sources, findings, request, &|_| None, TextFiles::new(None, request.keys))
}

/// How a file can be read again, by name; `None` for a text that is in memory only.
type Reread<'a> = &'a (dyn Fn(&Path) -> Option<(Arc<ReadAgain>, PathBuf)> + Sync);

fn from_sources(
    sources: HashMap<Arc<Path>, SourceText>,
    mut findings: Vec<Finding>,
    request: &LoadRequest<'_>,
    again: Reread<'_>,
    texts: TextFiles<'_>,
) -> Result<Desired, LoadError> {
    let is_whole = findings.is_empty();
    let keys: Vec<Finding> =
        sources.par_iter().flat_map_iter(|(_, source)| request.keys.found_in(source)).collect();
    findings.extend(keys);
    let given = given(request.variables, &sources);
    let variables = given.as_ref().map_or(request.variables, |given| &given.variables);
    let mut loaded = resolve_all(sources, &LoadRequest { variables, ..*request }, is_whole, again, &texts);
    findings.extend(loaded.findings);
    let seen = texts.into_seen();
    findings.extend(seen.findings);
    let (unknown, notes) = given.map(|given| (given.findings, given.notes)).unwrap_or_default();
    // A file that cannot be read may use these variables.
    if is_whole {
        findings.extend(unknown);
    }
    // Redaction is done here because every source line passes through, including those of syntax errors and
    // warnings.
    let mut redaction = Redaction::new(loaded.texts);
    let warned = loaded.desired.warnings.iter_mut().map(|warning| &mut warning.finding);
    findings.iter_mut().chain(warned).for_each(|finding| redaction.redact(finding));
    if !findings.is_empty() {
        findings.sort();
        // Through an alias, two paths can lead to the same place.
        findings.dedup();
        return Err(LoadError::Findings { findings, warnings: loaded.desired.warnings });
    }
    if loaded.written == 0 && !request.allow_empty {
        return Err(LoadError::NoTemplates(Box::new(no_templates(&loaded.desired.sources))));
    }
    Ok(Desired { notes, texts: seen.files, ..loaded.desired })
}

struct Loaded {
    desired: Desired,
    /// The number of templates in the files, including those for other environments.
    written: usize,
    findings: Vec<Finding>,
    /// The places of findings that are inside of texts.
    texts: TextLines,
}

/// `is_whole`: every file could be read, so a name that is not found does not exist.
fn resolve_all(
    sources: HashMap<Arc<Path>, SourceText>,
    request: &LoadRequest<'_>,
    mut is_whole: bool,
    again: Reread<'_>,
    texts: &TextFiles<'_>,
) -> Loaded {
    let mut in_order: Vec<(Arc<Path>, SourceText)> = sources.into_iter().collect();
    in_order.sort_by(|(file, _), (other, _)| file.cmp(other));
    let to_weigh: Vec<_> = in_order.iter().map(|(file, source)| (file, source)).collect();
    let weighed = weigh(&to_weigh, request.variables, Weight::MAX);
    let mut unlocated = UnlocatedFindings::default();
    // Layouts first, because any file can use them: files that may have some are read ahead and kept. All others
    // are read, resolved and dropped one by one, so that memory holds each template only once.
    let mut waiting: Vec<Waiting> = in_order
        .into_par_iter()
        .zip(weighed)
        .map(|((file, source), weight)| {
            let mut waiting = Waiting { file, source, weight, ahead: None };
            if waiting.source.text().contains("layouts") {
                waiting.ahead = Some(Box::new(waiting.read()));
            }
            waiting
        })
        .collect();
    let ahead = waiting.iter_mut().filter_map(|file| file.ahead.as_deref_mut());
    let mut groups = Vec::new();
    for (file, _) in ahead {
        match file {
            Ok(file) => groups.append(&mut file.layouts),
            Err(_) => is_whole = false,
        }
    }
    let budget = ListBudget::default();
    let names = VariableNames::default();
    let from = ValueSources { variables: request.variables, names: &names, texts };
    let layouts = Layouts::collect(groups, is_whole, from, &mut unlocated);
    let (sources, files): (Vec<_>, Vec<_>) = waiting
        .into_par_iter()
        .map(|mut file| {
            let (raw, unlocated) = file.ahead.take().map_or_else(|| file.read(), |ahead| *ahead);
            let resolved = raw.map(|raw| resolve_file(raw, unlocated, &layouts, request, from, &budget));
            (file.resolved(&resolved, again), resolved)
        })
        .unzip();
    assemble(files, &layouts, unlocated, Sources::new(sources), request, is_whole)
}

type FileContents = (Result<RawFile, Box<Finding>>, UnlocatedFindings);

/// A file to be read, or read ahead.
struct Waiting {
    file: Arc<Path>,
    source: SourceText,
    /// Its size after expansion, or which limit it exceeds.
    weight: Result<Weight, Box<Finding>>,
    ahead: Option<Box<FileContents>>,
}

impl Waiting {
    fn read(&mut self) -> FileContents {
        let mut unlocated = UnlocatedFindings::default();
        let weight = std::mem::replace(&mut self.weight, Ok(Weight::default()));
        let raw = weight.and_then(|weight| document::read(&self.source, &self.file, weight, &mut unlocated));
        (raw, unlocated)
    }

    /// What is kept of the file. Its text is needed for the lines of what was found in it.
    fn resolved(
        self,
        resolved: &Result<ResolvedFile, Box<Finding>>,
        again: Reread<'_>,
    ) -> (Arc<Path>, Source) {
        let Self { file, source, .. } = self;
        let is_clean = resolved.as_ref().is_ok_and(ResolvedFile::is_clean);
        let source = match again(&file) {
            Some((again, real)) if is_clean => Source::without_text(&source, &again, real),
            _ => Source::with_text(source),
        };
        (file, source)
    }
}

fn assemble(
    files: Vec<Result<ResolvedFile, Box<Finding>>>,
    layouts: &Layouts,
    mut unlocated: UnlocatedFindings,
    sources: Sources,
    request: &LoadRequest<'_>,
    is_whole: bool,
) -> Loaded {
    let (mut templates, mut moves, mut written) = (Vec::new(), Vec::new(), Vec::new());
    let (mut removals, mut limited) = (Vec::new(), HashMap::new());
    let (mut findings, mut warnings, mut missing) = (Vec::new(), Warnings::default(), Missing::default());
    AdjustedSize::check(files.iter().flatten().map(|file| &file.adjusted), &mut unlocated);
    for file in files {
        match file {
            Ok(file) => {
                unlocated.0.extend(file.findings.0);
                templates.extend(file.templates);
                moves.extend(file.moves);
                removals.extend(file.removals);
                limited.extend(file.limited);
                written.extend(file.written);
                warnings.append(file.warnings);
                missing.extend(&file.missing);
            }
            Err(finding) => findings.push(*finding),
        }
    }
    // Made at once, which is faster than one by one. Of templates with the same key, the last one counts.
    let templates = BTreeMap::from_iter(templates);
    let written = estate::keys(written, &mut unlocated);
    estate::natural_keys(&templates, &written, &mut unlocated);
    estate::alike_keys(&templates, &written, &mut warnings);
    // If a file cannot be read, its templates would seem to be missing.
    let (moved, removed) = if is_whole && findings.is_empty() {
        let configured = Configured {
            keys: &written,
            limited: &limited,
            moves: &moves,
            known_environments: request.known_environments,
        };
        let removed = removals::removals(&removals, &configured, request.environment, &mut unlocated);
        (estate::moves(moves, &written, &mut unlocated), removed)
    } else {
        (Vec::new(), BTreeMap::new())
    };
    layouts.missing().for_each(|of_layout| missing.extend(of_layout));
    let mut places = Places::new(&sources, request.variables);
    let mut keys: Vec<&str> = Vec::new();
    if !unlocated.0.is_empty() {
        keys.extend(written.keys().map(Key::as_str));
        keys.sort_unstable();
    }
    let known = KnownNames {
        environments: &request.known_environments.iter().map(String::as_str).collect::<Vec<_>>(),
        layouts: &layouts.names().collect::<Vec<_>>(),
        templates: &keys,
    };
    findings.extend(places.findings(unlocated, &known));
    findings.extend(missing.into_finding(&mut places, request.environment, request.variables));
    let warnings = warnings.into_warnings(&mut places);
    let texts = places.texts;
    let count = written.len();
    // Each template is written somewhere, so mostly there is no other key.
    let elsewhere = if count == templates.len() {
        BTreeSet::new()
    } else {
        written.keys().filter(|key| !templates.contains_key(*key)).cloned().collect()
    };
    // Giving back the places of a whole estate takes a moment, and nothing waits for it.
    rayon::spawn(move || drop(written));
    let notes = Vec::new();
    let desired = Desired {
        templates,
        layouts: layouts.attributes(),
        elsewhere,
        moved,
        removed,
        warnings,
        notes,
        texts: BTreeSet::new(),
        sources: Arc::new(sources),
    };
    Loaded { desired, written: count, findings, texts }
}
