//! Which files there are, and their texts.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glob::{MatchOptions, Pattern};
use rayon::prelude::*;

use crate::model::{Finding, Place, SourceText};

/// Every file that a glob matches, relative to the root, sorted, each once.
pub(super) fn matching(root: &Path, globs: &[String]) -> Result<BTreeSet<PathBuf>, String> {
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let mut files = BTreeSet::new();
    for text in globs {
        // The root's own name may hold characters that mean something in a glob.
        let pattern = match root.to_str() {
            Some("." | "") => text.clone(),
            Some(root) => format!("{}/{text}", Pattern::escape(root)),
            None => return Err(format!("the folder's name {} is not UTF-8", root.display())),
        };
        let found = glob::glob_with(&pattern, options)
            .map_err(|error| format!("templates = [{text:?}]: this is not a glob: {}", error.msg))?;
        for path in found.filter_map(Result::ok).filter(|path| !path.is_dir()) {
            files.insert(path.strip_prefix(root).map_or_else(|_| path.clone(), Path::to_path_buf));
        }
    }
    Ok(files)
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

fn read_one(root: &Path, file: &Path) -> Result<SourceText, Box<Finding>> {
    let finding = |place: Place, rule, message: String, help: &str| {
        let help = Some(help.to_owned());
        Box::new(Finding { place, rule, message, help, related: Vec::new() })
    };
    let bytes = std::fs::read(root.join(file)).map_err(|error| {
        let message = format!("the file cannot be read: {error}");
        finding(
            Place::whole_file(file),
            "unreadable-file",
            message,
            "check that it exists and that you may read it",
        )
    })?;
    SourceText::from_bytes(file, &bytes).map_err(|place| {
        let message = "there is a character here that is not UTF-8".to_owned();
        finding(place, "not-utf-8", message, "save the file with the encoding UTF-8")
    })
}
