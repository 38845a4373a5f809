//! Finds and reads the files to be formatted, within the boundary of the project.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{Boundary, ReadError, TemplateGlob};
use crate::desired::files::{self, finding};
use crate::desired::search;
use crate::model::{Finding, SourceText};

/// Template files with their texts, and what is wrong with the others.
#[derive(Debug)]
pub struct TemplateFiles {
    /// The files that could be read, by name.
    pub files: Vec<TemplateFile>,
    /// One or more for each file that could not be read.
    pub findings: Vec<Finding>,
    /// The number of files, including those that could not be read.
    pub count: usize,
}

/// A template file.
#[derive(Debug)]
pub struct TemplateFile {
    /// Its path with links resolved.
    pub real: PathBuf,
    /// Its text, and its path relative to the folder of certctl.toml.
    pub source: SourceText,
}

/// Reads the template files that the globs match or, with names, these of them. A name is relative to the present folder;
/// a folder means the template files in it.
pub fn read_files(root: &Path, globs: &[TemplateGlob], names: &[PathBuf]) -> io::Result<TemplateFiles> {
    let boundary = Boundary::of_project(root)?;
    let matched = search::matching(root, &boundary, globs);
    let (files, mut findings) = if names.is_empty() {
        let mut findings = matched.findings;
        if matched.files.is_empty() && findings.is_empty() {
            findings.extend(matched.unmatched.into_iter().chain(matched.unread));
        }
        (matched.files, findings)
    } else {
        named(&boundary, &matched.files, names)?
    };
    let (mut sources, unread) = files::read(&boundary, &files);
    findings.extend(unread);
    let count = files.len();
    let files = files.into_iter().filter_map(|(name, real)| {
        let source = sources.remove(name.as_path())?;
        Some(TemplateFile { real, source })
    });
    Ok(TemplateFiles { files: files.collect(), findings, count })
}

/// By name, with the real path.
type FoundFiles = BTreeMap<PathBuf, PathBuf>;

/// Those of the template files that are named.
fn named(boundary: &Boundary, all: &FoundFiles, names: &[PathBuf]) -> io::Result<(FoundFiles, Vec<Finding>)> {
    let (mut files, mut findings) = (BTreeMap::new(), Vec::new());
    for name in names {
        match boundary.locate(&std::path::absolute(name)?) {
            Ok(real) => {
                // The file itself, or those in a folder.
                let mut found = all.iter().filter(|(_, file)| file.starts_with(&real)).peekable();
                if found.peek().is_none() {
                    findings.push(no_template(name, &real));
                }
                files.extend(found.map(|(name, real)| (name.clone(), real.clone())));
            }
            Err(error) => findings.push(refused(name, &error)),
        }
    }
    Ok((files, findings))
}

fn refused(name: &Path, error: &ReadError) -> Finding {
    match error {
        ReadError::Outside | ReadError::Git => files::outside(name, format!("the file is not read: {error}")),
        error => {
            let help = "check that it exists and that you may read it".to_owned();
            finding(name, "unreadable-file", format!("the file cannot be read: {error}"), help)
        }
    }
}

fn no_template(name: &Path, real: &Path) -> Finding {
    let message = if real.is_dir() {
        "no template file is in this directory"
    } else {
        "this is not a template file, and others are not formatted"
    };
    let help = "`templates` in certctl.toml says where template files are";
    finding(name, "not-a-template", message.to_owned(), help.to_owned())
}
