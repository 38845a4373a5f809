//! Which files there are, and their texts.

use std::collections::{BTreeSet, HashMap};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

use glob::{MatchOptions, Pattern};
use rayon::prelude::*;

use crate::model::{Finding, Place, SourceText, plain_path};

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
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let mut matched = Matched::default();
    for text in globs {
        let found = glob::glob_with(&pattern(root, text)?, options)
            .map_err(|error| format!("templates = [{text:?}]: this is not a glob: {}", error.msg))?;
        for path in found {
            match path {
                Ok(path) if path.is_dir() => {}
                Ok(path) => drop(matched.files.insert(relative(root, &path))),
                Err(error) => {
                    let folder = relative(root, error.path());
                    let message = format!("the folder cannot be looked into: {}", error.error());
                    let help = "check that you may read it".to_owned();
                    matched.findings.push(finding(&folder, "unreadable-file", message, help));
                }
            }
        }
    }
    Ok(matched)
}

/// The glob below the root, unless it is absolute.
fn pattern(root: &Path, text: &str) -> Result<String, String> {
    if Path::new(text).is_absolute() {
        return Ok(text.to_owned());
    }
    // The root's own name may hold characters that mean something in a glob.
    match root.to_str() {
        Some("." | "") => Ok(text.to_owned()),
        Some(root) => Ok(format!("{}/{text}", Pattern::escape(root))),
        None => Err(format!("the folder's name {} is not UTF-8", root.display())),
    }
}

/// The path from the root, without `.` and `..` where it lies below it, so that one file has one path.
fn relative(root: &Path, path: &Path) -> PathBuf {
    let below = plain_path(path.strip_prefix(root).unwrap_or(path));
    let leads_out = below.is_absolute() || below.starts_with("..");
    let in_truth = || {
        let (root, path) = (root.canonicalize().ok()?, root.join(&below).canonicalize().ok()?);
        path.strip_prefix(root).ok().map(Path::to_path_buf)
    };
    let relative = if leads_out { in_truth().unwrap_or(below) } else { below };
    // Reports and plans are the same on every system.
    match relative.to_str() {
        Some(text) if MAIN_SEPARATOR != '/' => PathBuf::from(text.replace(MAIN_SEPARATOR, "/")),
        _ => relative,
    }
}

/// The texts of the files, and a finding for each that cannot be read.
pub(super) fn read(root: &Path, files: &BTreeSet<PathBuf>) -> (HashMap<Arc<Path>, SourceText>, Vec<Finding>) {
    let files: Vec<&PathBuf> = files.iter().collect();
    let texts: Vec<_> =
        files.into_par_iter().map(|file| (Arc::from(file.as_path()), read_one(root, file))).collect();
    let mut sources = HashMap::new();
    let mut findings = Vec::new();
    for (file, text) in texts {
        match text {
            Ok(text) => drop(sources.insert(file, text)),
            Err(finding) => findings.push(*finding),
        }
    }
    (sources, findings)
}

fn finding(file: &Path, rule: &'static str, message: String, help: String) -> Finding {
    Finding { place: Place::whole_file(file), rule, message, help: Some(help), related: Vec::new() }
}

fn read_one(root: &Path, file: &Path) -> Result<SourceText, Box<Finding>> {
    let path = root.join(file);
    let unreadable = |why: &str| {
        let message = format!("the file cannot be read: {why}");
        let help = "check that it exists and that you may read it".to_owned();
        Box::new(finding(file, "unreadable-file", message, help))
    };
    let metadata = std::fs::metadata(&path).map_err(|error| unreadable(&error.to_string()))?;
    if !metadata.is_file() {
        // Reading a pipe would wait for a writer that may never come.
        return Err(unreadable("it is a pipe, a socket or a device"));
    }
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&error.to_string()))?;
    SourceText::from_bytes(file, &bytes).map_err(|place| {
        let message = "there is a character here that is not UTF-8".to_owned();
        let help = "save the file with the encoding UTF-8".to_owned();
        Box::new(Finding { place, ..finding(file, "not-utf-8", message, help) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let absolute = format!("{}/*.yaml", Pattern::escape(absolute.to_str().unwrap()));
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
