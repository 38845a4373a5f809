//! Which files there are.
//!
//! The folders are walked here and not by the glob library, which follows links in circles. Each folder is entered
//! once, by its own name rather than by a link to it, so that a file has one path.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::files::finding;
use crate::model::{Finding, plain_path};

/// What the globs lead to.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// Every file that a glob matches, relative to the root where it lies below it, sorted, each once.
    pub(super) files: BTreeSet<PathBuf>,
    /// Folders that could not be looked into: templates may be in there.
    pub(super) findings: Vec<Finding>,
}

/// Looks for the files. The error says which glob is none.
pub(super) fn matching(root: &Path, globs: &[String]) -> Result<Matched, String> {
    let mut matched = Matched::default();
    for text in globs {
        let glob =
            Glob::new(text).map_err(|why| format!("templates = [{text:?}]: this is not a glob: {why}"))?;
        let base = root.join(&glob.base);
        let mut walk = Walk { glob: &glob, entered: HashSet::new(), waiting: VecDeque::new() };
        walk.waiting.push_back(Folder { path: base, below: PathBuf::new(), depth: 0 });
        while let Some(folder) = walk.waiting.pop_front() {
            let entered = walk.enter(&folder, &mut |file| {
                matched.files.insert(relative(root, &file));
            });
            if let Err(error) = entered {
                let message = format!("the folder cannot be looked into: {error}");
                let help = "check that you may read it".to_owned();
                let path = relative(root, &folder.path);
                matched.findings.push(finding(&path, "unreadable-file", message, help));
            }
        }
    }
    Ok(matched)
}

const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// A glob, taken apart.
struct Glob {
    /// The folders that it names without a wildcard.
    base: PathBuf,
    /// The rest.
    pattern: Pattern,
    /// The rest name by name; nothing for `**`.
    names: Vec<Option<Pattern>>,
}

impl Glob {
    fn new(text: &str) -> Result<Self, &'static str> {
        let text = if MAIN_SEPARATOR == '/' { text.to_owned() } else { text.replace(MAIN_SEPARATOR, "/") };
        let parts: Vec<&str> = text.split('/').collect();
        let has_wildcard = |part: &&str| part.contains(['*', '?', '[']);
        let named = parts.iter().position(has_wildcard).unwrap_or(parts.len()).min(parts.len() - 1);
        let base = parts[..named].iter().map(|part| format!("{part}/")).collect::<String>();
        let parse = |part: &str| Pattern::new(part).map_err(|error| error.msg);
        let name = |part: &&str| if *part == "**" { Ok(None) } else { parse(part).map(Some) };
        let names = parts[named..]
            .iter()
            .filter(|part| !matches!(**part, "" | "."))
            .map(name)
            .collect::<Result<_, _>>()?;
        Ok(Self { base: PathBuf::from(base), pattern: parse(&parts[named..].join("/"))?, names })
    }

    /// Whether a folder of this name, so deep below the base, can hold a file that matches.
    fn leads_into(&self, name: &str, depth: usize) -> bool {
        if self.names.iter().take(depth + 1).any(Option::is_none) {
            return !name.starts_with('.');
        }
        // The last name is a file's.
        let is_above_file = depth + 1 < self.names.len();
        let pattern = self.names.get(depth).and_then(Option::as_ref);
        is_above_file && pattern.is_some_and(|pattern| pattern.matches_with(name, OPTIONS))
    }
}

/// A folder to be looked into.
struct Folder {
    path: PathBuf,
    /// The path from the glob's base.
    below: PathBuf,
    depth: usize,
}

struct Walk<'g> {
    glob: &'g Glob,
    entered: HashSet<PathBuf>,
    waiting: VecDeque<Folder>,
}

impl Walk<'_> {
    /// Tells of each file in a folder that matches, and puts the folders in it before those that wait. Links to
    /// folders wait until all others are done.
    fn enter(&mut self, folder: &Folder, found: &mut dyn FnMut(PathBuf)) -> io::Result<()> {
        let is_nothing = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        };
        let real = match folder.path.canonicalize() {
            Err(error) if is_nothing(&error) => return Ok(()),
            real => real?,
        };
        if !self.entered.insert(real) {
            return Ok(());
        }
        let entries = match std::fs::read_dir(&folder.path) {
            Err(error) if is_nothing(&error) => return Ok(()),
            entries => entries?,
        };
        let mut names =
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        for name in names {
            let (path, below) = (folder.path.join(&name), folder.below.join(&name));
            // A name that is not UTF-8 matches by what can be read of it, so that no file is passed over in silence.
            let name = name.to_string_lossy();
            if path.is_dir() {
                if self.glob.leads_into(&name, folder.depth) {
                    let inner = Folder { below, depth: folder.depth + 1, path };
                    if inner.path.is_symlink() {
                        self.waiting.push_back(inner);
                    } else {
                        self.waiting.push_front(inner);
                    }
                }
            } else if self.glob.pattern.matches_with(&slashed(&below), OPTIONS) {
                found(path);
            }
        }
        Ok(())
    }
}

/// A path as it is written on every system, so that reports and plans are the same there.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}

/// The path from the root, without `.` and `..` where it lies below it.
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
mod tests {
    use super::*;
    use crate::desired::files::read;

    fn files(root: &Path, globs: &[&str]) -> Vec<String> {
        let globs: Vec<String> = globs.iter().map(ToString::to_string).collect();
        let matched = matching(root, &globs).unwrap();
        assert_eq!(matched.findings, []);
        let read = read(root, &matched.files);
        assert_eq!(
            (read.0.len(), read.1),
            (matched.files.len(), Vec::new()),
            "every file that is found can be read"
        );
        matched.files.iter().map(|file| file.display().to_string()).collect()
    }

    /// `[p]/templates/{a,.hidden}.yaml`, `[p]/templates/deep/b.yaml`, `shared/c.yaml`
    fn project() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("[p]");
        for name in
            ["templates/a.yaml", "templates/.hidden.yaml", "templates/deep/b.yaml", "../shared/c.yaml"]
        {
            let path = root.join(name);
            std::fs::create_dir_all(plain_path(path.parent().unwrap())).unwrap();
            std::fs::write(plain_path(&path), "templates: {}\n").unwrap();
        }
        std::fs::create_dir(root.join("templates/folder.yaml")).unwrap();
        (folder, root)
    }

    #[test]
    fn one_file_has_one_path_however_it_is_found() {
        let (_folder, root) = project();
        let absolute = root.join("templates/deep").canonicalize().unwrap();
        let absolute = format!("{}/*.yaml", glob::Pattern::escape(absolute.to_str().unwrap()));
        assert_eq!(files(&root, &["templates/**/*.yaml"]), ["templates/a.yaml", "templates/deep/b.yaml"]);
        assert_eq!(
            files(
                &root,
                &[
                    "./templates/*.yaml",
                    "templates/../templates/a.yaml",
                    "../[[]p]/templates/a.yaml",
                    &absolute
                ]
            ),
            ["templates/a.yaml", "templates/deep/b.yaml"]
        );
        assert_eq!(files(&root, &["../shared/*.yaml"]), ["../shared/c.yaml"]);
    }

    #[test]
    fn globs_mean_what_they_mean_elsewhere() {
        let (_folder, root) = project();
        for (glob, expected) in [
            ("**/*.yaml", ["templates/a.yaml", "templates/deep/b.yaml"].as_slice()),
            ("templates/**/b.yaml", &["templates/deep/b.yaml"]),
            ("t*s/*.yaml", &["templates/a.yaml"]),
            ("*/deep/?.yaml", &["templates/deep/b.yaml"]),
            ("templates/[a-b].yaml", &["templates/a.yaml"]),
            ("templates/a.yaml", &["templates/a.yaml"]),
            ("templates/.*.yaml", &["templates/.hidden.yaml"]),
            ("templates//a.yaml", &["templates/a.yaml"]),
            ("*.yaml", &[]),
            ("templates", &[]),
            ("templates/a.yaml/*", &[]),
            ("nowhere/**/*.yaml", &[]),
            ("", &[]),
            ("/", &[]),
        ] {
            assert_eq!(files(&root, &[glob]), expected, "{glob}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_nowhere_twice() {
        let (_folder, root) = project();
        for (target, name) in [(".", "self"), ("..", "up"), ("deep", "a-link"), ("../../shared", "shared")] {
            std::os::unix::fs::symlink(target, root.join("templates").join(name)).unwrap();
        }
        assert_eq!(
            files(&root, &["templates/**/*.yaml"]),
            ["templates/a.yaml", "templates/deep/b.yaml", "templates/shared/c.yaml"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf_8_is_not_passed_over() {
        use std::os::unix::ffi::OsStrExt as _;
        let (_folder, root) = project();
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.yaml");
        std::fs::write(root.join(name), "").unwrap();
        assert_eq!(
            matching(&root, &["*.yaml".to_owned()]).unwrap().files,
            BTreeSet::from([PathBuf::from(name)])
        );
    }

    #[test]
    fn a_glob_that_is_none_is_named() {
        let error = matching(Path::new("."), &["a".to_owned(), "b[".to_owned()]).unwrap_err();
        assert!(error.contains("b["), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_a_finding_and_never_waited_for() {
        let (_folder, root) = project();
        std::os::unix::fs::symlink("nowhere", root.join("templates/broken.yaml")).unwrap();
        std::os::unix::fs::symlink("/dev/null", root.join("templates/device.yaml")).unwrap();
        let matched = matching(&root, &["templates/*.yaml".to_owned()]).unwrap();
        let (_, findings) = read(&root, &matched.files);
        let found: Vec<String> =
            findings.iter().map(|found| format!("{} {}", found.place, found.rule)).collect();
        assert_eq!(
            found,
            ["templates/broken.yaml:1:1 unreadable-file", "templates/device.yaml:1:1 unreadable-file"]
        );
    }
}
