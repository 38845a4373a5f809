//! Finds the template files.
//!
//! Folders are walked here and not by the glob library, which follows links in circles and out of the project. Each
//! folder is entered once, by its own name and not by a link to it, and each file gets one path. No file is opened
//! here except to recognise templates that no glob matches.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ffi::OsStr;
use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::files::{finding, outside};
use super::folder_glob::{FolderGlob, folder_globs};
use super::unread;
use crate::config::{Boundary, ReadError, TemplateGlob};
use crate::model::{Finding, SourceLocation, io_words, plain_path};

/// The limit of files and folders visited.
const MAX_ENTRIES: usize = 3_000_000;

/// The result of a search.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// Every matching file, by its path (relative to the root where it is below it), with its real path.
    pub(super) files: BTreeMap<PathBuf, PathBuf>,
    /// Files that must not be read, and folders that cannot be read and may contain templates.
    pub(super) findings: Vec<Finding>,
    /// Globs that match no file.
    pub(super) unmatched: Vec<Finding>,
    /// Files that look like templates but match no glob.
    pub(super) unread: Vec<Finding>,
}

/// Searches for files in or around `root`, within the boundary.
pub(super) fn matching(root: &Path, boundary: &Boundary, globs: &[TemplateGlob]) -> Matched {
    let mut seen = SeenFolders::default();
    let mut unmatched = Vec::new();
    for glob in globs {
        let parts = folder_globs(glob);
        let several = parts.len() > 1;
        for part in &parts {
            let before = (seen.matches, seen.findings.len());
            GlobWalk {
                root,
                boundary,
                glob: part,
                entered: HashSet::new(),
                waiting: VecDeque::new(),
                seen: &mut seen,
            }
            .begin(glob);
            if before == (seen.matches, seen.findings.len()) {
                unmatched.push(no_match(boundary, glob, several.then_some(part)));
            }
        }
    }
    seen.into_matched(root, boundary, unmatched)
}

/// `part`: the part of the glob that matched nothing, where another part may have matched.
fn no_match(boundary: &Boundary, glob: &TemplateGlob, part: Option<&FolderGlob>) -> Finding {
    let part = part.filter(|_| glob.shown() == glob.text);
    let part = part.map(|part| format!(" below {}", part.folder)).unwrap_or_default();
    let shown = glob.shown();
    let is_folder = || boundary.locate(Path::new(&glob.text)).is_ok_and(|real| real.is_dir());
    let (message, help) = if !glob.place.has_line() {
        let help = format!(
            "put the template files into the folder templates, or say in certctl.toml where they are, as in templates = [{:?}]",
            TemplateGlob::DEFAULT
        );
        (format!("{shown} matches no file{part}"), help)
    } else if is_folder() {
        let help = format!("write {shown}/**/*.{{yaml,yml}} for the files in it");
        (format!("{shown} is a directory, and certctl.toml must name files"), help)
    } else {
        let help = "look whether its folder is there (a submodule may have to be fetched), and correct or remove it in certctl.toml";
        (format!("{shown} matches no file{part}"), help.to_owned())
    };
    Finding {
        place: glob.place.clone(),
        rule: "unmatched-glob",
        message,
        help: Some(help),
        related: Vec::new(),
        option: None,
    }
}

/// What all walks have seen.
#[derive(Debug, Default)]
struct SeenFolders {
    /// By real path: whether it was reached through a link, and its path.
    files: BTreeMap<PathBuf, (bool, PathBuf)>,
    /// Files in visited folders that did not match.
    passed: BTreeMap<PathBuf, PathBuf>,
    findings: Vec<Finding>,
    /// How many files and folders were visited; one visited for several globs counts several times.
    entries: usize,
    /// How many matches there were; a file matched by several globs counts several times.
    matches: usize,
}

impl SeenFolders {
    fn into_matched(mut self, root: &Path, boundary: &Boundary, unmatched: Vec<Finding>) -> Matched {
        self.passed.retain(|real, _| !self.files.contains_key(real));
        let passed: Vec<(PathBuf, PathBuf)> =
            self.passed.into_iter().map(|(real, path)| (relative(root, &path), real)).collect();
        let named = |(real, (_, path)): (PathBuf, (bool, PathBuf))| (relative(root, &path), real);
        self.findings.sort();
        self.findings.dedup();
        Matched {
            files: self.files.into_iter().map(named).collect(),
            findings: self.findings,
            unmatched,
            unread: unread::warnings(boundary, passed),
        }
    }
}

/// A folder to visit.
struct SearchedFolder {
    /// The path by which it was reached.
    path: PathBuf,
    real: PathBuf,
    /// The path from the base of the glob.
    below: PathBuf,
    depth: usize,
    by_link: bool,
}

struct GlobWalk<'g> {
    root: &'g Path,
    boundary: &'g Boundary,
    glob: &'g FolderGlob,
    entered: HashSet<PathBuf>,
    waiting: VecDeque<SearchedFolder>,
    seen: &'g mut SeenFolders,
}

impl GlobWalk<'_> {
    fn begin(&mut self, glob: &TemplateGlob) {
        match self.boundary.locate(&self.glob.base) {
            Ok(real) => self.waiting.push_back(SearchedFolder {
                by_link: real != plain_path(&self.boundary.folder().join(&self.glob.base)),
                path: self.root.join(&self.glob.base),
                real,
                below: PathBuf::new(),
                depth: 0,
            }),
            Err(ReadError::Io(error)) if is_nothing(&error) => {}
            Err(ReadError::Io(error)) => self.unreadable(&self.root.join(&self.glob.base), &error),
            Err(error) => {
                let link = self.refused_link();
                let message = match &link {
                    Some(link) => {
                        format!(
                            "{} is a symbolic link, and the folder that it leads to is not looked into: {error}",
                            slashed(link)
                        )
                    }
                    None => format!("{} leads to files that are not read: {error}", glob.shown()),
                };
                let refused = outside(&glob.place.file, message);
                let place = match link {
                    Some(link) if !glob.place.has_line() => SourceLocation::no_line(link),
                    _ => glob.place.clone(),
                };
                self.seen.findings.push(Finding { place, ..refused });
            }
        }
        while let Some(folder) = self.waiting.pop_front() {
            if self.seen.entries > MAX_ENTRIES {
                let message = format!(
                    "{} leads through too many folders: certctl looked at {MAX_ENTRIES} files",
                    glob.shown()
                );
                let help = "name the folders of the templates more exactly".to_owned();
                let found = finding(&glob.place.file, "too-much", message, help);
                self.seen.findings.push(Finding { place: glob.place.clone(), ..found });
                return;
            }
            if let Err(error) = self.enter(&folder)
                && !is_nothing(&error)
            {
                self.unreadable(&folder.path, &error);
            }
        }
    }

    /// The link in the base of the glob that leads out of the boundary.
    fn refused_link(&self) -> Option<PathBuf> {
        let parts = self.glob.base.components();
        let mut prefixes = parts.scan(PathBuf::new(), |path, part| {
            path.push(part);
            Some(path.clone())
        });
        let refused = prefixes.find(|path| self.boundary.locate(path).is_err())?;
        self.boundary.folder().join(&refused).is_symlink().then_some(refused)
    }

    /// Visits the files of a folder, and queues its subfolders before those already waiting. Linked folders are
    /// visited last.
    fn enter(&mut self, folder: &SearchedFolder) -> io::Result<()> {
        if !self.entered.insert(folder.real.clone()) {
            return Ok(());
        }
        let mut entries = std::fs::read_dir(&folder.real)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        self.seen.entries += entries.len();
        for entry in entries {
            match entry.file_type() {
                // The folder was removed in the meantime.
                Err(error) if is_nothing(&error) => {}
                kind => self.entry(folder, &entry.file_name(), kind?),
            }
        }
        Ok(())
    }

    fn entry(&mut self, folder: &SearchedFolder, name: &OsStr, kind: std::fs::FileType) {
        let (path, below) = (folder.path.join(name), folder.below.join(name));
        let own = folder.real.join(name);
        let by_link = folder.by_link || kind.is_symlink();
        // A link is followed only inside the boundary.
        let located =
            if kind.is_symlink() { self.boundary.locate(&own) } else { self.boundary.admit(own.clone()) };
        let is_folder = if kind.is_symlink() { own.is_dir() } else { kind.is_dir() };
        // A name that is not UTF-8 is matched by its lossy form, so that no file is skipped silently.
        let leads_on = is_folder && self.glob.leads_into(&name.to_string_lossy(), folder.depth);
        let matches = !is_folder && self.glob.matches(&slashed(&below));
        match located {
            Ok(real) if leads_on => {
                let inner = SearchedFolder { path, real, below, depth: folder.depth + 1, by_link };
                if kind.is_symlink() {
                    self.waiting.push_back(inner);
                } else {
                    self.waiting.push_front(inner);
                }
            }
            Ok(real) if matches => {
                self.seen.matches += 1;
                let found = (by_link, path);
                let known = self.seen.files.entry(real).or_insert_with(|| found.clone());
                *known = found.min(known.clone());
            }
            Ok(real) if !is_folder => drop(self.seen.passed.entry(real).or_insert(path)),
            Err(ReadError::Io(error)) if leads_on || matches => {
                let message = format!("the file cannot be read: {}", io_words(&error));
                let help = "check that it exists and that you may read it".to_owned();
                let path = relative(self.root, &path);
                self.seen.findings.push(finding(&path, "unreadable-file", message, help));
            }
            Err(error) if leads_on || matches => {
                let what = match (kind.is_symlink(), is_folder) {
                    (true, true) => "the folder that this link leads to is not looked into",
                    (true, false) => "the file that this link leads to is not read",
                    (false, true) => "the folder is not looked into",
                    (false, false) => "the file is not read",
                };
                let refused = outside(&relative(self.root, &path), format!("{what}: {error}"));
                self.seen.findings.push(refused);
            }
            Ok(_) | Err(_) => {}
        }
    }

    fn unreadable(&mut self, folder: &Path, error: &io::Error) {
        let message = format!("the folder cannot be looked into: {}", io_words(error));
        let help = "check that you may read it".to_owned();
        let path = relative(self.root, folder);
        self.seen.findings.push(finding(&path, "unreadable-file", message, help));
    }
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A path with `/` on every system, so that reports and plans are the same everywhere.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}

/// The path from the root, without `.` and `..` where it is below the root.
fn relative(root: &Path, path: &Path) -> PathBuf {
    let below = plain_path(path.strip_prefix(root).unwrap_or(path));
    let leads_out = below.is_absolute() || below.starts_with("..");
    let in_truth = || {
        let (root, path) = (root.canonicalize().ok()?, root.join(&below).canonicalize().ok()?);
        path.strip_prefix(root).ok().map(Path::to_path_buf)
    };
    let relative = if leads_out { in_truth().unwrap_or(below) } else { below };
    if MAIN_SEPARATOR == '/' { relative } else { PathBuf::from(slashed(&relative)) }
}

#[cfg(test)]
mod tests;
