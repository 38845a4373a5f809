//! Files that a person asked for, and what they must not be written over.

use std::path::{Path, PathBuf};

use super::Output;
use crate::cli::args::{ReportFormat, ReportTarget};
use crate::cli::failure::Failure;
use crate::cli::outfile::{self, OutputTarget};
use crate::cli::own_files::is_same;
use crate::config::Config;

impl Output {
    /// Writes the reports that were asked for.
    pub(in crate::cli) fn reports(
        &self,
        targets: &[ReportTarget],
        text: impl Fn(ReportFormat) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        targets.iter().try_for_each(|target| self.file(&target.file, &text(target.format)?))
    }

    /// Writes a file that a person asked for.
    pub(in crate::cli) fn file(&self, path: &Path, text: &str) -> Result<(), Failure> {
        self.refuse_own(path)?;
        outfile::write(path, text).map_err(|error| self.cannot_write(&path.display(), &error))
    }

    /// From here on nothing may be written over these files; each with what it is.
    pub(in crate::cli) fn lives_on(&self, files: impl IntoIterator<Item = (PathBuf, &'static str)>) {
        self.own_files.add(files);
    }

    /// From here on nothing may be written over what the configuration in this folder may lead to: it is not read yet, and
    /// may have mistakes.
    pub(in crate::cli) fn lives_near(&self, root: &Path) {
        self.own_files.are_near(root);
    }

    /// From here on it is known what certctl lives on.
    pub(in crate::cli) fn lives_with(&self, config: &Config) {
        self.own_files.are_known(&config.root, &config.templates);
    }

    /// That all of these can be written, as far as this can be known before anything is done.
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

    /// That certctl does not live on what is at this path.
    pub(in crate::cli) fn refuse_own(&self, path: &Path) -> Result<(), Failure> {
        match self.own_files.what_is_at(path) {
            None => Ok(()),
            Some(what) => Err(Failure::error(format!(
                "{} is {what}, which neither a plan nor a report may be written over: name another file",
                path.display()
            ))),
        }
    }
}
