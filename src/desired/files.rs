//! The texts of the template files.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::{Finding, Place, SourceText};

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

/// Something wrong with a file or folder as a whole.
pub(super) fn finding(file: &Path, rule: &'static str, message: String, help: String) -> Finding {
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
    text(file, &bytes)
}

/// A file's text, or the place at which it is none.
pub(super) fn text(file: &Path, bytes: &[u8]) -> Result<SourceText, Box<Finding>> {
    SourceText::from_bytes(file, bytes).map_err(|place| {
        let message = "there is a character here that is not UTF-8".to_owned();
        let help = "save the file with the encoding UTF-8".to_owned();
        Box::new(Finding { place, ..finding(file, "not-utf-8", message, help) })
    })
}
