//! Something wrong in a file that a person wrote, and where.

use std::path::PathBuf;

use super::Key;

/// One thing wrong in the configuration, with its place. Plain data: `report::findings` draws it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where it is.
    pub place: Place,
    /// Stable id of the rule that found it, such as `duplicate-key`.
    pub rule: &'static str,
    /// What is wrong and why, in one sentence without a full stop.
    pub message: String,
    /// What to do now, where there is something to say.
    pub help: Option<String>,
    /// Other places that belong to it (the first of two duplicates), each with a word about it.
    pub related: Vec<(Place, String)>,
}

/// Something that is most likely a mistake, and can be planned and sent all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is odd, and where it is written: in a template, its layout, or the defaults of its file.
    pub finding: Finding,
    /// The templates that it concerns, sorted.
    pub keys: Vec<Key>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is planned or sent until it is corrected.
    Error,
    /// Most likely a mistake; it can be planned and sent all the same.
    Warning,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the folder of certctl.toml where it lies below it.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters the caret spans, at least 1.
    pub width: usize,
    /// The text of that line, without its line break.
    pub source_line: String,
}

impl Place {
    /// The beginning of a file: for what concerns it as a whole.
    pub fn whole_file(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), line: 1, column: 1, width: 1, source_line: String::new() }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}
