//! What the formatting of template files has to tell.

use crate::model::{Advice, Help, LineChange};
use std::path::PathBuf;

use super::counted;

/// Template files that do not have the canonical form, or did not have it.
#[derive(Clone, Debug)]
pub struct FormatView {
    /// The files that change.
    pub files: Vec<FileChange>,
    /// The number of files that were looked at.
    pub count: usize,
    /// Whether they were written.
    pub is_written: bool,
}

/// A file that changes.
#[derive(Clone, Debug)]
pub struct FileChange {
    /// Its path, relative to the folder of certctl.toml.
    pub name: PathBuf,
    /// The first lines that change.
    pub lines: Vec<LineChange>,
    /// How many other lines change.
    pub more: usize,
}

impl FormatView {
    /// How many files change, in a sentence without a full stop.
    pub fn verdict(&self) -> String {
        let files = counted(self.count, "template file");
        match (self.files.len(), self.is_written) {
            (0, _) if self.count == 1 => format!("{files}, which has the canonical form"),
            (0, _) => format!("{files}, which all have the canonical form"),
            (1, true) => format!("1 of {files} was written in the canonical form"),
            (number, true) => format!("{number} of {files} were written in the canonical form"),
            (1, false) => format!("1 of {files} is not in the canonical form"),
            (number, false) => format!("{number} of {files} are not in the canonical form"),
        }
    }

    /// What to do about files that do not have the canonical form, for a run that was given these names.
    pub fn help(&self, named: &[PathBuf]) -> Help {
        let words =
            if self.files.len() == 1 { "To write it in that form" } else { "To write them in that form" };
        Help::none().run(words, Advice::Format { files: named.to_vec() })
    }
}
