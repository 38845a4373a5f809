//! Texts that templates take from other files: `customCss: { file: css/landscape.css }`. `load` makes one for each run;
//! `resolve` asks it. Each file is read once, inside the project's boundary, and its text is stored once, however many
//! templates have it.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use super::files::{OUTSIDE_HELP, OUTSIDE_PROJECT, TOO_MUCH_HELP, finding};
use super::load::FilesAhead;
use super::places::MAX_FINDINGS;
use super::syntax::forbidden_character;
use crate::config::{Boundary, ReadError};
use crate::model::{Finding, GivenKeys, SharedValue, SourceText, did_you_mean, plain_path, unfinished_merge};

/// The limit of bytes for one text, the same as for a text that variables make.
const MAX_BYTES: u64 = 16_000_000;
/// The limit of bytes for all texts together.
const MAX_BYTES_IN_ALL: u64 = 256_000_000;
/// The limit of files of a folder among which a similar name is looked for.
const GUESSED: usize = 1_000;
/// The limit of missing files for which one is looked for: more are not shown anyway.
const MAX_GUESSES: usize = MAX_FINDINGS;

/// Why a text cannot be taken from a file. No variant contains any of the file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextProblem {
    pub(super) rule: &'static str,
    pub(super) message: String,
    pub(super) help: String,
}

/// The text, or why there is none. `None`: it cannot be used, which is reported once for all templates that take it.
type TextOrNone = Result<Option<SharedValue>, TextProblem>;

/// The files that texts are taken from.
pub(super) struct TextFiles<'a> {
    /// `None`: the template files are texts in memory, so that there is no folder.
    boundary: Option<&'a Boundary>,
    keys: &'a GivenKeys,
    /// Files that are not there yet.
    ahead: Option<&'a FilesAhead>,
    /// By the folder of the template file, and the path as written there.
    found: Once<(PathBuf, String), TextOrNone>,
    /// By the path without links.
    read: Once<PathBuf, TextOrNone>,
    bytes: AtomicU64,
    /// How many missing files there were so far.
    missing: AtomicUsize,
    seen: Mutex<Seen>,
}

/// What was read, and what was seen in it.
#[derive(Default)]
pub(super) struct Seen {
    /// The paths of the files without links.
    pub(super) files: BTreeSet<PathBuf>,
    /// Keys and unfinished merges that are in the files, what no text can have, and texts that have too many bytes together.
    pub(super) findings: Vec<Finding>,
}

impl<'a> TextFiles<'a> {
    pub(super) fn new(boundary: Option<&'a Boundary>, keys: &'a GivenKeys) -> Self {
        let (found, read, seen) = (Once::default(), Once::default(), Mutex::default());
        let (bytes, missing) = (AtomicU64::new(0), AtomicUsize::new(0));
        Self { boundary, keys, ahead: None, found, read, bytes, missing, seen }
    }

    /// Behaves as if these files were there already.
    pub(super) fn with_ahead(self, ahead: &'a FilesAhead) -> Self {
        Self { ahead: Some(ahead), ..self }
    }

    /// The text of the file at this path, which is relative to the folder of certctl.toml or to that of `template_file`.
    pub(super) fn text(&self, template_file: &Path, path: &str) -> TextOrNone {
        let folder = template_file.parent().unwrap_or(Path::new("")).to_owned();
        self.found.get(&(folder, path.to_owned()), |(folder, path)| {
            let Some(boundary) = self.boundary else {
                return Err(problem(
                    format!("{path} cannot be read: the template files are in memory, without a folder"),
                    "write the text itself here".to_owned(),
                ));
            };
            let ahead =
                self.ahead.and_then(|ahead| places(folder, path).iter().find_map(|place| ahead.get(place)));
            if let Some(text) = ahead {
                return Ok(Some(SharedValue::new("", Value::String(text.clone()))));
            }
            let search = PathSearch { boundary, path, places: places(folder, path), missing: &self.missing };
            let (file, real) = search.file()?;
            self.read.get(&real, |real| self.read(boundary, &file, real))
        })
    }

    fn read(&self, boundary: &Boundary, file: &Path, real: &Path) -> TextOrNone {
        let bytes = boundary.read(real, MAX_BYTES).map_err(|error| unread(file, &error))?;
        let count = bytes.len() as u64;
        let is_within =
            self.bytes.fetch_add(count, Ordering::Relaxed).saturating_add(count) <= MAX_BYTES_IN_ALL;
        let source = SourceText::from_vec(file, bytes).map_err(|place| {
            problem(
                format!("{} is not UTF-8: there is another character in line {}", file.display(), place.line),
                "save the file with the encoding UTF-8".to_owned(),
            )
        })?;
        let broken = unfinished_merge(&source).or_else(|| forbidden_character(&source));
        let mut seen = self.seen();
        seen.files.insert(real.to_owned());
        seen.findings.extend(self.keys.found_in(&source));
        if let Some(broken) = broken {
            // It is told once for the file, not for each template that takes the text.
            seen.findings.push(broken);
            return Ok(None);
        }
        drop(seen);
        // Editors of all systems write the same text.
        let text = source.text().replace("\r\n", "\n");
        Ok(is_within.then(|| SharedValue::new("", Value::String(text))))
    }

    /// What was read.
    pub(super) fn into_seen(self) -> Seen {
        let mut seen = std::mem::take(&mut *self.seen());
        if let Some(first) = seen.files.first()
            && self.bytes.load(Ordering::Relaxed) > MAX_BYTES_IN_ALL
        {
            let name = self.boundary.and_then(|boundary| first.strip_prefix(boundary.folder()).ok());
            let message = format!(
                "the texts that templates take from this file and others have more than {} MB together",
                MAX_BYTES_IN_ALL / 1_000_000
            );
            seen.findings.push(finding(name.unwrap_or(first), "too-much", message, TOO_MUCH_HELP.to_owned()));
        }
        seen
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A panic cannot leave it half changed.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks for a file at the places that its path can mean.
struct PathSearch<'s> {
    boundary: &'s Boundary,
    /// As written.
    path: &'s str,
    /// Relative to the folder of certctl.toml.
    places: Vec<PathBuf>,
    /// How many missing files there were so far.
    missing: &'s AtomicUsize,
}

/// The places that a path in a template file can mean, relative to the folder of certctl.toml.
fn places(folder: &Path, path: &str) -> Vec<PathBuf> {
    let mut places = vec![plain_path(Path::new(path)), plain_path(&folder.join(path))];
    places.dedup();
    places
}

impl PathSearch<'_> {
    /// The only file that the path leads to: its name, and its path without links.
    fn file(&self) -> Result<(PathBuf, PathBuf), TextProblem> {
        if is_absolute(self.path) {
            return Err(problem(
                "the path of a text must be relative, and this one is absolute".to_owned(),
                BEGINS.to_owned(),
            ));
        }
        let mut there: Vec<(PathBuf, PathBuf)> = Vec::new();
        let (mut is_outside, mut other) = (false, None);
        for place in &self.places {
            match self.boundary.locate(place) {
                Ok(real) if there.iter().all(|(_, known)| *known != real) => {
                    there.push((place.clone(), real));
                }
                Ok(_) => {}
                // A path that leads outside by name only may be meant to begin elsewhere.
                Err(error @ (ReadError::Outside | ReadError::Git)) if self.is_inside(place) => {
                    return Err(unread(place, &error));
                }
                Err(ReadError::Outside | ReadError::Git) => is_outside = true,
                Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => other = Some(unread(place, &error)),
            }
        }
        match there.as_slice() {
            [_] => there.pop().ok_or_else(|| self.missing()),
            [(one, _), (two, _), ..] => Err(problem(
                format!("{} can mean two files: {} and {}", self.path, one.display(), two.display()),
                format!("rename one of them; {BEGINS}"),
            )),
            [] => Err(match other {
                Some(other) => other,
                None if is_outside && self.places.iter().all(|place| !self.is_inside(place)) => {
                    unread(Path::new(self.path), &ReadError::Outside)
                }
                None => self.missing(),
            }),
        }
    }

    /// Whether a place lies inside the boundary by its name.
    fn is_inside(&self, place: &Path) -> bool {
        self.boundary.admit(plain_path(&self.boundary.folder().join(place))).is_ok()
    }

    fn missing(&self) -> TextProblem {
        let inside: Vec<&PathBuf> = self.places.iter().filter(|place| self.is_inside(place)).collect();
        let tried: Vec<String> = inside.iter().map(|place| place.display().to_string()).collect();
        let name = Path::new(self.path).file_name().unwrap_or_default().to_string_lossy();
        let may_guess = self.missing.fetch_add(1, Ordering::Relaxed) < MAX_GUESSES;
        let guessed = inside.iter().filter(|_| may_guess);
        let mut beside: Vec<String> = guessed.flat_map(|place| self.beside(place)).collect();
        beside.sort_unstable();
        problem(
            format!("there is no file {}{}", tried.join(", and no file "), did_you_mean(&name, &beside)),
            format!("check how it is spelled; {BEGINS}"),
        )
    }

    /// The names of the files beside a place.
    fn beside(&self, place: &Path) -> Vec<String> {
        let folder = place.parent().and_then(|folder| self.boundary.locate(folder).ok());
        let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
        entries.flatten().take(GUESSED).filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

const BEGINS: &str = "a path begins at the folder of certctl.toml, or at the folder of this file";

/// Whether a path is absolute on any system.
fn is_absolute(path: &str) -> bool {
    let has_drive =
        path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    path.starts_with(['/', '\\']) || has_drive || Path::new(path).is_absolute()
}

fn unread(file: &Path, error: &ReadError) -> TextProblem {
    let problem = problem(format!("{} cannot be read: {error}", file.display()), String::new());
    let (rule, help) = match error {
        ReadError::Outside | ReadError::Git => (OUTSIDE_PROJECT, OUTSIDE_HELP),
        ReadError::TooLarge(_) => (problem.rule, "write a shorter text into it"),
        ReadError::Special(_) | ReadError::Io(_) => {
            (problem.rule, "name a file with the text, and check that you may read it")
        }
    };
    TextProblem { rule, help: help.to_owned(), ..problem }
}

fn problem(message: String, help: String) -> TextProblem {
    TextProblem { rule: "text-file", message, help }
}

/// Values that are made once, each by the first who asks for it.
struct Once<K, V>(Mutex<HashMap<K, Arc<OnceLock<V>>>>);

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Once<K, V> {
    fn get(&self, key: &K, make: impl FnOnce(&K) -> V) -> V {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = Arc::clone(all.entry(key.clone()).or_default());
        drop(all);
        cell.get_or_init(|| make(key)).clone()
    }
}
