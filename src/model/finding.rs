//! Something wrong in a file that a person wrote, and where. `config`, `desired` and `export` produce findings, `report`
//! prints them.

use std::path::PathBuf;

use super::{Key, RunOption};

/// One problem in an input file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where the problem is.
    pub place: SourceLocation,
    /// Stable id of the violated rule, such as `duplicate-key`.
    pub rule: &'static str,
    /// What is wrong and why, in one sentence without a full stop.
    pub message: String,
    /// What to do, on the first line; further lines are text to paste.
    pub help: Option<String>,
    /// Related places (for example the first of two duplicates), each with a remark.
    pub related: Vec<(SourceLocation, String)>,
    /// An option of the command that helps as well; `cli` adds it to the help.
    pub option: Option<RunOption>,
}

impl Finding {
    /// The words of the help, without the text to paste.
    pub fn help_words(&self) -> Option<&str> {
        self.help.as_deref().map(|help| help.split_once('\n').map_or(help, |(words, _)| words))
    }

    /// The text to paste, if there is any.
    pub fn to_paste(&self) -> Option<&str> {
        Some(self.help.as_deref()?.split_once('\n')?.1)
    }

    /// The place, problem and help as sentences, for outputs that cannot show a source line.
    pub fn sentences(&self) -> String {
        let place = &self.place;
        let place = if place.is_whole_file() { place.file.display().to_string() } else { place.to_string() };
        let help = self.help.as_deref().map(capitalised).map(|help| format!(". {help}")).unwrap_or_default();
        format!("{place}: {}{help}", self.message)
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Something that is allowed but most likely a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is suspicious, and where: in a template, its layout, or the defaults of its file.
    pub finding: Finding,
    /// The affected templates, sorted; empty if it concerns no template in particular.
    pub keys: Vec<Key>,
}

impl From<Finding> for Warning {
    fn from(finding: Finding) -> Self {
        Self { finding, keys: Vec::new() }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Must be corrected before anything is planned or sent.
    Error,
    /// Most likely a mistake, but can be planned and sent.
    Warning,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceLocation {
    /// The file; relative to the directory of certctl.toml if it is inside.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Width in characters, at least 1; 0 for [`Self::no_line`].
    pub width: usize,
    /// The text of that line, without its line break.
    pub source_line: String,
}

impl SourceLocation {
    /// The beginning of a file, for findings about the whole file.
    pub fn whole_file(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), line: 1, column: 1, width: 1, source_line: String::new() }
    }

    /// A file without a line, for example if something is missing from it.
    pub fn no_line(file: impl Into<PathBuf>) -> Self {
        Self { width: 0, ..Self::whole_file(file) }
    }

    /// Whether the place has a line.
    pub fn has_line(&self) -> bool {
        self.width > 0
    }

    fn is_whole_file(&self) -> bool {
        (self.line, self.column) == (1, 1) && self.source_line.is_empty()
    }
}

impl std::fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.has_line() {
            write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
        } else {
            write!(f, "{}", self.file.display())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_name_the_place() {
        let whole = Finding {
            place: SourceLocation::whole_file("a.yml"),
            rule: "unread-file",
            message: "no glob matches this file".to_owned(),
            help: Some("rename it".to_owned()),
            related: Vec::new(),
            option: None,
        };
        assert_eq!(whole.sentences(), "a.yml: no glob matches this file. Rename it");
        let place = SourceLocation { line: 3, column: 5, ..SourceLocation::whole_file("a.yml") };
        assert_eq!(
            Finding { place, help: None, ..whole }.sentences(),
            "a.yml:3:5: no glob matches this file"
        );
    }
}
