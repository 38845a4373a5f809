//! Writes files that a person asked for, and refuses to overwrite the files that certctl needs. Part of [`Output`].

use std::path::{Path, PathBuf};

use super::Output;
use crate::cli::args::{ReportFormat, ReportTarget};
use crate::cli::failure::Failure;
use crate::cli::outfile::{self, OutputTarget};
use crate::cli::own_files::is_same;
use crate::config::Config;

impl Output {
    /// Writes the requested reports.
    pub(in crate::cli) fn reports(
        &self,
        targets: &[ReportTarget],
        text: impl Fn(ReportFormat) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        targets.iter().try_for_each(|target| self.file(&target.file, &text(target.format)?))
    }

    /// Writes one file that a person asked for.
    pub(in crate::cli) fn file(&self, path: &Path, text: &str) -> Result<(), Failure> {
        self.refuse_own(path)?;
        outfile::write(path, text).map_err(|error| self.cannot_write(&path.display(), &error))
    }

    /// Protects these files from being overwritten; each has a description.
    pub(in crate::cli) fn protect_files(&self, files: impl IntoIterator<Item = (PathBuf, &'static str)>) {
        self.own_files.add(files);
    }

    /// Protects whatever the configuration in this folder may refer to, while it is not read or has errors.
    pub(in crate::cli) fn protect_project(&self, root: &Path) {
        self.own_files.add_project(root);
    }

    /// Protects the files that the configuration names.
    pub(in crate::cli) fn protect_configured(&self, config: &Config) {
        self.own_files.add_templates(&config.root, &config.templates);
    }

    /// Checks that all of these can be written, as far as possible before anything is done.
    pub(in crate::cli) fn can_write<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Path>,
    ) -> Result<(), Failure> {
        let mut files: Vec<&Path> = Vec::new();
        for path in paths {
            self.refuse_own(path)?;
            let target =
                OutputTarget::of(path).and_then(|target| outfile::can_be_written(path).map(|()| target));
            let target = target.map_err(|error| self.cannot_write(&path.display(), &error))?;
            if target == OutputTarget::File && files.iter().any(|other| is_same(other, path)) {
                return Err(Failure::error(format!(
                    "{} is to be written more than once: name another file for each output. Nothing was done",
                    path.display()
                )));
            }
            files.push(path);
        }
        Ok(())
    }

    /// Fails if certctl needs the file at this path.
    pub(in crate::cli) fn refuse_own(&self, path: &Path) -> Result<(), Failure> {
        match self.own_files.kind_of(path) {
            None => Ok(()),
            Some(what) => Err(Failure::error(format!(
                "{} is {what}, which neither a plan nor a report may be written over: name another file",
                path.display()
            ))),
        }
    }
}
