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
    /// What to do now, where there is something to say; further lines are what to paste.
    pub help: Option<String>,
    /// Other places that belong to it (the first of two duplicates), each with a word about it.
    pub related: Vec<(Place, String)>,
}

impl Finding {
    /// What to do, in words.
    pub fn help_words(&self) -> Option<&str> {
        self.help.as_deref().map(|help| help.split_once('\n').map_or(help, |(words, _)| words))
    }

    /// What to paste, where there is something.
    pub fn to_paste(&self) -> Option<&str> {
        Some(self.help.as_deref()?.split_once('\n')?.1)
    }

    /// What is wrong, where, and what to do, as sentences: for what cannot show a source line.
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

/// Something that is not wrong, and should be known all the same: most likely a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is odd, and where it is written: in a template, its layout, or the defaults of its file.
    pub finding: Finding,
    /// The templates that it concerns, sorted; empty where it concerns none in particular.
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

    /// For what no line of a file says: what it lacks, or what was said elsewhere and concerns it.
    pub fn no_line(file: impl Into<PathBuf>) -> Self {
        Self { width: 0, ..Self::whole_file(file) }
    }

    /// Whether there is a line to look at.
    pub fn has_line(&self) -> bool {
        self.width > 0
    }

    fn is_whole_file(&self) -> bool {
        (self.line, self.column) == (1, 1) && self.source_line.is_empty()
    }
}

impl std::fmt::Display for Place {
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
            place: Place::whole_file("a.yml"),
            rule: "unread-file",
            message: "no glob matches this file".to_owned(),
            help: Some("rename it".to_owned()),
            related: Vec::new(),
        };
        assert_eq!(whole.sentences(), "a.yml: no glob matches this file. Rename it");
        let place = Place { line: 3, column: 5, ..Place::whole_file("a.yml") };
        assert_eq!(
            Finding { place, help: None, ..whole }.sentences(),
            "a.yml:3:5: no glob matches this file"
        );
    }
}
